import { isRecord } from '../../../job-types/contract/is-record.js';
import { type Listen, parsedJson } from './dialect.js';
import { finishWord } from './finish-words.js';
import { JoinedEvents } from './joined-events.js';
import { readFault } from './told-fault.js';

type Json = Record<string, unknown>;

/** The events the SDK knows; it throws an answer away for one that it does not. */
const known: ReadonlySet<unknown> = new Set([
  ...['message_start', 'content_block_start', 'content_block_delta', 'content_block_stop'],
  ...['message_delta', 'message_stop', 'ping'],
]);

/** Which delta holds which text. Other deltas are handed on as they are. */
const texts: Readonly<Record<string, 'text' | 'thinking'>> = {
  text_delta: 'text',
  thinking_delta: 'thinking',
};

/**
 * The messages of Anthropic, which few copy: they are handed on as they are, without what the SDK cannot read. The SDK
 * takes no answer for ended before the last event, which is added where the end was marked and the connection then broke.
 */
export const anthropicMessages: Listen = (hearing) => {
  const events = new JoinedEvents();
  const written = (json: Json): string => `event: ${String(json['type'])}\ndata: ${JSON.stringify(json)}\n\n`;

  function handOn(json: Json): void {
    const { type, index, delta } = json;
    const field =
      type === 'content_block_delta' && isRecord(delta) ? texts[String(delta['type'])] : undefined;
    const text = field && isRecord(delta) ? delta[field] : undefined;
    if (field === undefined || typeof text !== 'string') {
      events.add(written(json));
      return;
    }
    const whole = (joined: string) =>
      written({ ...json, delta: { type: `${field}_delta`, [field]: joined } });
    events.join({ of: `${field} ${String(index)}`, text, write: whole });
  }

  return {
    read({ event, data, whole }) {
      const json = parsedJson(data);
      if (event === 'error' || (isRecord(json) && (json['type'] === 'error' || isRecord(json['error'])))) {
        hearing.fault = readFault(json ?? data);
        return;
      }
      if (!isRecord(json) || !known.has(json['type'])) {
        if (whole) hearing.page = true;
        else hearing.unread += 1;
        return;
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
      handOn(json);
    },
    close() {
      if (hearing.finish !== null && !hearing.done) events.add(written({ type: 'message_stop' }));
    },
    take: () => events.take(),
  };
};
