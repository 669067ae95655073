import { Agent, FormData, type Response, fetch } from 'undici';
import { plainText } from '../../job-types/fields/plain-text.js';
import type { Heeded } from '../frame/ledger.js';
import type { CallListener } from '../frame/call-listener.js';
import { StepFailure } from '../frame/step-failure.js';
import { classify, failureOf } from './provider-errors.js';
import { type Said, readTranscript } from './transcriber/answer.js';
import { boundedText } from './transcriber/bounded-text.js';
import { refusalOf } from './transcriber/refusal.js';
import { transcriberName } from '../../job-types/fields/transcriber-name.js';

/** What the configuration says of the transcriber. */
export interface TranscriberAccess {
  TRANSCRIBE_BASE_URL?: string | undefined;
  TRANSCRIBE_MODEL: string;
  TRANSCRIBE_API_KEY?: string | undefined;
  /** Bytes of a request. */
  TRANSCRIBE_MAX_BYTES: number;
  /** Seconds of a request. */
  TRANSCRIBE_TIMEOUT: number;
}

/** Audio that is to be transcribed by one call. */
export interface Speech {
  bytes: Uint8Array;
  /** With its ending, which servers go by. */
  name: string;
  mediaType: string;
  /** BCP 47; the server hears it by itself when absent. */
  language?: string | undefined;
  signal: AbortSignal;
}

export interface Transcriber {
  /** transcriber/model */
  name: string;
  /** Bytes of audio that one call takes. */
  mostBytes: number;
  /** One call. Silence is the empty text. @throws {StepFailure} */
  transcribe(speech: Speech & Pick<Heeded, 'listener' | 'kept'>): Promise<string>;
}

/** Bytes of a form besides the audio. */
const formBytes = 4 * 1024;

/** A server that speaks OpenAI's `/audio/transcriptions`; null where none is set. */
export function createTranscriber(access: TranscriberAccess): Transcriber | null {
  const { TRANSCRIBE_BASE_URL: base, TRANSCRIBE_API_KEY: key } = access;
  if (base === undefined) return null;
  const name = transcriberName(access);
  const secrets = key ? [key] : [];
  // The deadline is our own: a server that works is silent for as long as it does.
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  const address = `${base.replace(/\/+$/, '')}/audio/transcriptions`;

  async function ask(speech: Speech, listener: CallListener): Promise<Said> {
    const limit = deadline(access.TRANSCRIBE_TIMEOUT, speech.signal);
    let answering = false;
    try {
      listener.sent();
      const response = await fetch(address, {
        method: 'POST',
        headers: {
          'x-client-request-id': listener.requestId,
          ...(key ? { authorization: `Bearer ${key}` } : {}),
        },
        body: formOf(speech, access.TRANSCRIBE_MODEL),
        dispatcher,
        signal: limit.signal,
      });
      answering = true;
      const id = response.headers.get('x-request-id');
      if (id !== null) listener.named(id.slice(0, 200));
      const body = await boundedText(response, name);
      if (!response.ok) throw refusal(response, body);
      return readTranscript(body, (fault) => failureOf(fault, { provider: name, secrets, midway: false }));
    } catch (error) {
      speech.signal.throwIfAborted();
      if (limit.isOver()) {
        const detail = `${name} had no transcript after ${access.TRANSCRIBE_TIMEOUT} seconds.`;
        throw new StepFailure('provider-timed-out', detail, { provider: name });
      }
      throw classify(error, { provider: name, secrets, midway: answering });
    } finally {
      limit.stop();
    }
  }

  const refusal = (response: Response, body: string) =>
    refusalOf(
      { status: response.status, headers: Object.fromEntries(response.headers), body },
      { provider: name, secrets },
    );

  return {
    name,
    mostBytes: Math.max(1, access.TRANSCRIBE_MAX_BYTES - formBytes),
    async transcribe({ listener, kept, ...speech }) {
      if (kept) return kept.text;
      const { text: said, tokens } = await ask(speech, listener);
      const text = plainText(said).trim();
      listener.received(text);
      if (tokens) listener.used(tokens);
      await listener.ended({ text, finish: { reason: 'stop', usage: {} }, thought: false, told: null });
      return text;
    },
  };
}

function formOf({ bytes, name, mediaType, language }: Speech, model: string): FormData {
  const form = new FormData();
  form.set('model', model);
  form.set('response_format', 'json');
  // Servers take the language alone, and not where it is spoken.
  if (language !== undefined) form.set('language', language.split('-', 1)[0]);
  form.set('file', new Blob([bytes], { type: mediaType }), name);
  return form;
}

/** Aborts with the signal, or when the seconds are over. */
function deadline(seconds: number, signal: AbortSignal) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), seconds * 1000);
  return {
    signal: AbortSignal.any([signal, controller.signal]),
    isOver: () => controller.signal.aborted,
    stop: () => clearTimeout(timer),
  };
}
