import type { Event } from '../types.gen.js';

/** What one attempt has said. */
export interface Passage {
  step: string;
  item: string | null;
  attempt: number;
  text: string;
  /** When it began to be said. */
  from: string;
  /** A later attempt says it again, otherwise. */
  retracted: boolean;
}

type Passages = readonly Passage[];

const isOf = (event: Event) => (one: Passage) => one.step === event.step && one.item === event.item;

function said(passages: Passages, event: Event): Passages {
  const text = typeof event.data['text'] === 'string' ? event.data['text'] : '';
  const attempt = event.attempt ?? 1;
  const index = passages.findLastIndex(isOf(event));
  const last = passages[index];
  if (last && !last.retracted && last.attempt === attempt) {
    return passages.with(index, { ...last, text: last.text + text });
  }
  const from = event.time;
  return [...passages, { step: event.step ?? '', item: event.item, attempt, text, from, retracted: false }];
}

const retracted = (passages: Passages, event: Event): Passages =>
  passages.map((one) => (isOf(event)(one) ? { ...one, retracted: true } : one));

/** What models have said, with one more event. */
export function passagesWith(passages: Passages, event: Event): Passages {
  if (event.type === 'output.delta') return said(passages, event);
  return event.type === 'output.reset' ? retracted(passages, event) : passages;
}

/** What is being said, or was said last; null where nothing has been said that stands. */
export const lastText = (passages: Passages): string | null =>
  passages.findLast((one) => !one.retracted)?.text ?? null;
