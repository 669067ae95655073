import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import {
  isReferencePayload,
  visit,
  walkGetWorkflowExecutionHistoryResponse,
} from '@temporalio/common/lib/internal-non-workflow/index.js';
import proto from '@temporalio/proto';

export interface HistoryPayloads {
  /** Bytes of the largest payload, metadata included. */
  largest: number;
  /** How many of them are references to large values. */
  references: number;
  /** Types of the events, in their order. */
  events: string[];
}

/** What stands in the history of a run, as the server has it. */
export async function historyPayloads(temporal: Client, workflowId: string): Promise<HistoryPayloads> {
  const found: HistoryPayloads = { largest: 0, references: 0, events: [] };
  const look = (payload: Payload): Payload => {
    found.largest = Math.max(
      found.largest,
      proto.temporal.api.common.v1.Payload.encode(payload).finish().length,
    );
    if (isReferencePayload(payload)) found.references += 1;
    return payload;
  };
  let nextPageToken: Uint8Array | null | undefined;
  do {
    const page = await temporal.workflowService.getWorkflowExecutionHistory({
      namespace: temporal.options.namespace,
      execution: { workflowId },
      ...(nextPageToken ? { nextPageToken } : {}),
    });
    await visit(page, walkGetWorkflowExecutionHistoryResponse, {
      transformPayload: (payload) => Promise.resolve(look(payload)),
      transformPayloads: (payloads) => Promise.resolve(payloads.map(look)),
    });
    const types = (page.history?.events ?? []).map(({ eventType }) => eventType ?? 0);
    found.events.push(...types.map((type) => proto.temporal.api.enums.v1.EventType[type] ?? ''));
    ({ nextPageToken } = page);
  } while (nextPageToken?.length);
  return found;
}
