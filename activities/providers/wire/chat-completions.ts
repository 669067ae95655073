import { isRecord } from '../../../job-types/contract/is-record.js';
import { type Hearing, type Listen, parsedJson } from './dialect.js';
import { finishWord } from './finish-words.js';
import { JoinedEvents } from './joined-events.js';
import { readFault } from './told-fault.js';
import { type ChatUsage, readUsage } from './usage.js';

type Json = Record<string, unknown>;

/**
 * The chat completions of OpenAI and of all who copy them, each in its own way. What the SDK is given has one form: it
 * throws a whole answer away for one part in another.
 */
export const chatCompletions: Listen = (hearing) => {
  let usage: ChatUsage | null = null;
  let refused = false;
  const events = new JoinedEvents();
  const event = (payload: Json): string => `data: ${JSON.stringify(payload)}\n\n`;

  function handOn({ id, model, created }: Json, delta: Delta): void {
    const head = {
      ...(typeof id === 'string' ? { id } : {}),
      ...(typeof model === 'string' ? { model } : {}),
      ...(typeof created === 'number' ? { created } : {}),
    };
    const written = (piece: Delta): string =>
      event({ ...head, choices: [{ index: 0, delta: piece, finish_reason: null }] });
    const text = onlyText(delta);
    if (!text) events.add(written(delta));
    else events.join({ ...text, write: (joined) => written({ ...delta, [text.of]: joined }) });
  }

  function readChunk(chunk: Json, whole = false): void {
    const { model } = chunk;
    const choice = choiceOf(chunk);
    const fault = faultIn(chunk, choice);
    if (fault) {
      hearing.fault = fault;
      return;
    }
    if (whole && !choice) hearing.page = true;
    if (typeof model === 'string' && model !== '') hearing.answeredBy ??= model;
    const told = readUsage(chunk, choice);
    if (told) {
      usage = told;
      hearing.costTold = true;
    }
    const delta = choice ? deltaOf(choice, hearing) : {};
    const { content, refusal, reasoning_content: reasoning } = delta;
    if (content || refusal) Object.assign(hearing, { said: true, costTold: told !== null });
    if (reasoning) hearing.reasoned = true;
    refused ||= Boolean(refusal);
    if (choice) noteFinish(choice, hearing);
    handOn(chunk, delta);
  }

  return {
    read(frame) {
      if (frame.data.trim() === '[DONE]') {
        hearing.done = true;
        return;
      }
      const json = parsedJson(frame.data);
      const fault = frame.event === 'error' ? readFault(json ?? frame.data) : null;
      if (fault) hearing.fault = fault;
      else if (Array.isArray(json)) for (const one of json.filter(isRecord)) readChunk(one);
      else if (isRecord(json)) readChunk(json, frame.whole);
      else if (frame.whole) hearing.page = true;
      else hearing.unread += frame.data.trim() === '' ? 0 : 1;
    },
    close() {
      const reason = hearing.finish === 'broken' ? null : hearing.finish;
      const marked = refused && reason === 'stop' ? 'content_filter' : (reason ?? 'unmarked');
      const last = { choices: [{ index: 0, delta: {}, finish_reason: marked }] };
      events.add(event(usage ? { ...last, usage } : last));
      events.add('data: [DONE]\n\n');
    },
    take: () => events.take(),
  };
};

function choiceOf({ choices }: Json): Json | null {
  const all = (Array.isArray(choices) ? choices : [choices]).filter(isRecord);
  return all.find(({ index }) => index === 0) ?? all[0] ?? null;
}

/** An `error` that says nothing is in every chunk of some servers. */
const saysSo = (error: unknown): boolean =>
  (typeof error === 'string' && error !== '') ||
  (isRecord(error) && Object.keys(error).length > 0) ||
  Array.isArray(error);

function faultIn(chunk: Json, choice: Json | null): ReturnType<typeof readFault> {
  if (saysSo(chunk['error'])) return readFault(chunk);
  if (choice && saysSo(choice['error'])) return readFault(choice['error']);
  if (choice) return null;
  const { object, type, message, detail, errors, msg, success } = chunk;
  const isFault =
    object === 'error' ||
    type === 'error' ||
    success === false ||
    [message, detail, errors, msg].some(saysSo);
  const status = isRecord(chunk['base_resp']) ? chunk['base_resp']['status_code'] : 0;
  return isFault || (typeof status === 'number' && status !== 0) ? readFault(chunk) : null;
}

interface Text {
  of: 'content' | 'reasoning_content';
  text: string;
}

interface Delta {
  role?: 'assistant';
  content?: string;
  reasoning_content?: string;
  refusal?: string;
}

/** The one text of a piece that holds no other; null for one that does, or holds none. */
function onlyText({ content, reasoning_content: reasoning, refusal }: Delta): Text | null {
  if (refusal || Boolean(content) === Boolean(reasoning)) return null;
  if (content) return { of: 'content', text: content };
  return reasoning ? { of: 'reasoning_content', text: reasoning } : null;
}

/** A tool's call is left out: there are no tools, and the SDK throws the answer away for it. */
function deltaOf(choice: Json, { said: hasSaid }: Hearing): Delta {
  const { delta, message, text } = choice;
  // Some say the whole once more at the end.
  const piece: unknown = delta ?? (hasSaid ? null : (message ?? { content: text }));
  if (typeof piece === 'string') return { content: piece };
  if (!isRecord(piece)) return {};
  const { content: said, reasoning_details: details } = piece;
  const content = spoken(said);
  const thought = textOf(piece['reasoning_content'] ?? piece['reasoning'] ?? piece['thinking']);
  const reasoning = thought + thoughts(said) || thoughts(details);
  const refusal = textOf(piece['refusal']);
  return {
    role: 'assistant',
    ...(content ? { content } : {}),
    ...(reasoning ? { reasoning_content: reasoning } : {}),
    ...(refusal ? { refusal } : {}),
  };
}

/** A text, the text of a part, or of several. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(textOf).join('');
  return isRecord(value) ? textOf(value['text']) : '';
}

const isThought = (part: unknown): boolean =>
  isRecord(part) && typeof part['type'] === 'string' && /think|reason/.test(part['type']);

/** Of a content in parts, those that are said. */
const spoken = (content: unknown): string =>
  textOf(Array.isArray(content) ? content.filter((part) => !isThought(part)) : content);

/** Of a content in parts, those that are only thought. */
const thoughts = (content: unknown): string =>
  Array.isArray(content) ? content.filter(isThought).map(thoughtOf).join('') : '';

const thoughtOf = (part: Json): string =>
  textOf(part['thinking'] ?? part['reasoning'] ?? part['summary'] ?? part['text']);

function noteFinish(choice: Json, hearing: Hearing): void {
  const said = choice['finish_reason'] ?? choice['finishReason'] ?? choice['stop_reason'];
  if (typeof said !== 'string' || said.trim() === '') return;
  hearing.finishSaid = said;
  hearing.finish = finishWord(said);
}
