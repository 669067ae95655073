import { applyDecorators, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiExtension } from '@nestjs/swagger';

/** What a route costs the house; each owner has a budget of each. */
export type BudgetName = 'submit' | 'read' | 'stream' | 'upload';

/** The budget that requests to a route are taken from; `read` where it is not said. */
export const Budget = Reflector.createDecorator<BudgetName>();

const open = 'longhaul:open';

/** Tells the OpenAPI document, which takes it out again. */
export const openExtension = 'x-open';

/** A route or controller for everybody: no key, no owner, no limit. Every other one needs them. */
export const Open = () => applyDecorators(SetMetadata(open, true), ApiExtension(openExtension, true));

/** What the token of a job may be used for. */
export interface TokenUse {
  /** Of those a token may have. */
  access: 'read' | 'read-and-cancel';
  /** EventSource sends no header, so its token comes in the address; one that cancels never does. */
  inAddress?: true;
}

/** A route of one job, `:id`, that a token for this job may use. No other route takes one. */
export const ForTokens = Reflector.createDecorator<TokenUse>();

const reflector = new Reflector();

export const isOpen = (context: ExecutionContext): boolean =>
  reflector.getAllAndOverride<boolean | undefined>(open, [context.getHandler(), context.getClass()]) ?? false;

export const budgetOf = (context: ExecutionContext): BudgetName =>
  reflector.getAllAndOverride(Budget, [context.getHandler(), context.getClass()]) ?? 'read';

export const tokenUseOf = (context: ExecutionContext): TokenUse | undefined =>
  reflector.get(ForTokens, context.getHandler());
