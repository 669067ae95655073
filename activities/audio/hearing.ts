import type { Receipts } from '../../store/receipts.js';
import type { Ledger, Payer } from '../frame/ledger.js';
import { paid } from '../frame/receipts.js';
import { currentStep, runInPart } from '../frame/step.js';
import type { Speech, Transcriber } from '../providers/transcriber.js';
import { secondsOf } from './length.js';
import { createRoom } from '../room.js';
import { type AudioSource, readBytes } from './source.js';
import { splitAudio } from './split.js';

/** There is no prompt whose words could change. */
export const promptVersion = 'transcribe@1';

export interface Hearing {
  transcriber: Transcriber;
  receipts: Pick<Receipts, 'find' | 'put'>;
  ledger: Ledger;
}

export interface Heard {
  text: string;
  seconds: number;
}

interface Order {
  owner: string;
  language: string | undefined;
  /** What is asked, as far as the answer depends on it. */
  asked: object;
}

/** Bytes of audio that a worker holds in memory at once. */
const mostHeld = 64 * 1024 * 1024;

type Piece = Omit<Speech, 'signal'> & { seconds: number };

/** Has a transcriber hear whole files: those that are too large for one call in parts, each of which is kept when it is there. */
export function createHearing({ transcriber, receipts, ledger }: Hearing) {
  const room = createRoom(mostHeld);
  const payerOf = (owner: string): Payer => ({ owner, model: transcriber.name, promptVersion });

  const call = ({ seconds, ...piece }: Piece, { owner, language }: Order): Promise<string> => {
    const { signal } = currentStep();
    const question = { ...payerOf(owner), ...piece, language, signal, prompt: '', audioSeconds: seconds };
    return ledger.call(question, (heeded) => transcriber.transcribe(heeded));
  };

  const callForPart = paid(receipts, {
    asks: ({ order, part }: { order: Order; part: number; piece: Piece }) => ({
      ...order.asked,
      part,
      of: transcriber.mostBytes,
    }),
    async work(_, { order, piece }) {
      return { text: await call(piece, order), notes: [], usage: null };
    },
    isWordedAlike: (paidBy, { order }) => ledger.isWordedAlike(payerOf(order.owner), paidBy),
    onReuse: (paidBy, { order }) => ledger.reused(payerOf(order.owner), paidBy),
  });

  async function inOne(source: AudioSource, order: Order): Promise<Heard> {
    const bytes = await readBytes(source, { from: 0, to: source.size });
    const seconds = await secondsOf(source, bytes);
    const { name, mediaType } = source;
    return { text: await call({ bytes, name, mediaType, seconds }, order), seconds };
  }

  async function inParts(source: AudioSource, order: Order): Promise<Heard> {
    const { signal, progress } = currentStep();
    const { mostBytes } = transcriber;
    const texts: string[] = [];
    let seconds = 0;
    for await (const { bytes, seconds: more } of splitAudio(source, { mostBytes, signal })) {
      const part = texts.length + 1;
      const { name, mediaType } = source;
      progress({ message: `Transcribing part ${part} of ${name}` });
      const piece = { bytes, name, mediaType, seconds: more };
      const { text } = await runInPart(String(part), () => callForPart({ order, part, piece }));
      texts.push(text);
      seconds += more;
    }
    return { text: texts.filter((text) => text !== '').join('\n'), seconds };
  }

  return {
    payerOf,
    /** @throws {StepFailure} */
    hear(source: AudioSource, order: Order): Promise<Heard> {
      const { mostBytes } = transcriber;
      const isLong = source.size > mostBytes;
      const work = () => (isLong ? inParts(source, order) : inOne(source, order));
      return room.within({ size: Math.min(source.size, mostBytes), signal: currentStep().signal }, work);
    },
  };
}
