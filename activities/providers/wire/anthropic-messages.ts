import { isRecord } from '../../../job-types/contract/is-record.js';
import { type Listen, parsedJson } from './dialect.js';
import { finishWord } from './finish-words.js';
import { readFault } from './told-fault.js';

/** The events the SDK knows; it throws an answer away for one that it does not. */
const known: ReadonlySet<unknown> = new Set([
  ...['message_start', 'content_block_start', 'content_block_delta', 'content_block_stop'],
  ...['message_delta', 'message_stop', 'ping'],
]);

const event = (type: string, payload: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...payload })}\n\n`;

/**
 * The messages of Anthropic, which few copy: they are handed on as they are, without what the SDK cannot read. The SDK
 * takes no answer for ended before the last event, which is added where the end was marked and the connection then broke.
 */
export const anthropicMessages: Listen = (hearing) => ({
  read({ event: name, data, whole }) {
    const json = parsedJson(data);
    if (name === 'error' || (isRecord(json) && (json['type'] === 'error' || isRecord(json['error'])))) {
      hearing.fault = readFault(json ?? data);
      return [];
    }
    if (!isRecord(json) || !known.has(json['type'])) {
      if (whole) hearing.page = true;
      else hearing.unread += 1;
      return [];
    }
    const { type, message, delta, usage } = json;
    if (type === 'message_start' && isRecord(message) && typeof message['model'] === 'string') {
      hearing.answeredBy = message['model'];
    }
    if (type === 'content_block_delta' && isRecord(delta)) {
      if (delta['type'] === 'thinking_delta') hearing.reasoned = true;
      else hearing.said = true;
    }
    if (type === 'message_delta' && isRecord(delta) && typeof delta['stop_reason'] === 'string') {
      hearing.finishSaid = delta['stop_reason'];
      hearing.finish = finishWord(delta['stop_reason']);
      hearing.costTold = isRecord(usage);
    }
    if (type === 'message_stop') hearing.done = true;
    return [event(String(type), json)];
  },
  close: () => (hearing.finish === null || hearing.done ? [] : [event('message_stop', {})]),
});
