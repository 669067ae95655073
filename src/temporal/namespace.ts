import { setTimeout as pause } from 'node:timers/promises';
import { type Connection, isGrpcServiceError } from '@temporalio/client';
import type { SearchAttributeType } from '@temporalio/common';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js';
import { msToTs, tsToMs } from '@temporalio/common/lib/time.js';
import { grpcCodes } from './grpc-codes.js';
import { jobCreatedAtKey, jobOwnerKey, jobStatusKey, jobTagsKey, jobTypeKey } from './search-attributes.js';

/** The search attributes of a job. */
export const searchAttributes = [jobTypeKey, jobOwnerKey, jobTagsKey, jobStatusKey, jobCreatedAtKey] as const;

/** How long a closed run can be read; Temporal's own default is a day. */
const retentionMs = 30 * 24 * 60 * 60 * 1000;

const callLimitMs = 5_000;
/** The server reads its list of namespaces now and then, so that a new one is not found at first. */
const visibleLimitMs = 20_000;

/**
 * Makes a namespace fit for jobs: there, with their search attributes, keeping closed runs for at least 30 days.
 * Changes nothing that is so already, and several processes may do it at once.
 *
 * @throws {ServiceError} when the server is unreachable or refuses
 */
export async function prepareNamespace(connection: Connection, namespace: string): Promise<void> {
  const call = <T>(send: () => Promise<T>) => connection.withDeadline(Date.now() + callLimitMs, send);
  await call(() => keepClosedRuns(connection, namespace));
  const deadline = performance.now() + visibleLimitMs;
  for (;;) {
    const found = await call(() => unless(grpcCodes.notFound, addSearchAttributes(connection, namespace)));
    if (found !== undefined) return;
    if (performance.now() > deadline) {
      throw new Error(`Temporal's namespace ${namespace} was created, but the server does not find it.`);
    }
    await pause(100);
  }
}

async function keepClosedRuns({ workflowService }: Connection, namespace: string): Promise<void> {
  const retention = msToTs(retentionMs);
  const known = await unless(grpcCodes.notFound, workflowService.describeNamespace({ namespace }));
  if (known === undefined) {
    await unless(
      grpcCodes.alreadyExists,
      workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: retention }),
    );
    return;
  }
  const current = known.config?.workflowExecutionRetentionTtl;
  if (current && tsToMs(current) >= retentionMs) return;
  await workflowService.updateNamespace({ namespace, config: { workflowExecutionRetentionTtl: retention } });
}

async function addSearchAttributes({ operatorService }: Connection, namespace: string): Promise<'present'> {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const missing = searchAttributes.filter(({ name }) => !(name in customAttributes));
  if (missing.length === 0) return 'present';
  await unless(
    grpcCodes.alreadyExists,
    operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map(({ name, type }) => [name, wireType(type)])),
    }),
  );
  return 'present';
}

function wireType(type: SearchAttributeType) {
  const encoded = encodeSearchAttributeIndexedValueType(type);
  if (encoded === undefined) throw new Error(`Temporal has no search attributes of type ${type}.`);
  return encoded;
}

/** The answer, or undefined for the one status that means there is nothing to do. */
async function unless<T>(status: number, answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    const code: number | null = isGrpcServiceError(error) ? error.code : null;
    if (code === status) return undefined;
    throw error;
  }
}
