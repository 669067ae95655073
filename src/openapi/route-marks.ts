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

const reflector = new Reflector();

export const isOpen = (context: ExecutionContext): boolean =>
  reflector.getAllAndOverride<boolean | undefined>(open, [context.getHandler(), context.getClass()]) ?? false;

export const budgetOf = (context: ExecutionContext): BudgetName =>
  reflector.getAllAndOverride(Budget, [context.getHandler(), context.getClass()]) ?? 'read';
