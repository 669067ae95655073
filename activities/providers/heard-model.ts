import { type LanguageModelMiddleware, wrapLanguageModel } from 'ai';
import type { CallListener, WholeAnswer } from '../frame/call-listener.js';
import { bytesIn } from '../frame/tokens.js';
import type { OpenedModel } from './language-models.js';

type Streaming = Parameters<NonNullable<LanguageModelMiddleware['wrapStream']>>[0];
type Part =
  Awaited<ReturnType<Streaming['doStream']>>['stream'] extends ReadableStream<infer One> ? One : never;

export interface Hearer {
  listener: CallListener;
  /** Tokens of the answer behind which nothing is heard. */
  cutAfter?: number | undefined;
  /** Told of the end of an answer, which the SDK does not hear of before this resolves. */
  onEnd(end: HeardEnd): Promise<void>;
}

/** The text as it came, what was only thought included where it stands in it, and how it ended. */
export interface HeardEnd {
  text: string;
  finish: NonNullable<WholeAnswer['finish']>;
}

/** The model with a listener between it and the SDK, which keeps the provider's id to itself until an answer has ended well. */
export function heardModel(model: OpenedModel, hearer: Hearer): OpenedModel {
  const { listener, cutAfter = Infinity } = hearer;
  return wrapLanguageModel({
    model,
    middleware: {
      specificationVersion: 'v4',
      async wrapStream({ doStream }) {
        listener.sent();
        const result = await doStream();
        const room = new Room(bytesIn(cutAfter));
        let text = '';
        let isFaulty = false;
        const tap = new TransformStream<Part, Part>({
          transform(part, controller) {
            if (room.isFull) return;
            const heard = isSaid(part) ? { ...part, delta: room.take(part.delta) } : part;
            tell(listener, heard);
            if (heard.type === 'text-delta') text += heard.delta;
            isFaulty ||= heard.type === 'error';
            if (heard.type !== 'finish' || isFaulty) return controller.enqueue(heard);
            return hearer.onEnd({ text, finish: finishOf(heard) }).then(() => controller.enqueue(heard));
          },
        });
        return { ...result, stream: result.stream.pipeThrough(tap) };
      },
    },
  });
}

/** What comes at once may be more than there is room for. */
class Room {
  isFull = false;

  constructor(private bytes: number) {}

  /** @returns as much of it as there is room for, in whole characters */
  take(text: string): string {
    const bytes = Buffer.byteLength(text);
    if (bytes < this.bytes) {
      this.bytes -= bytes;
      return text;
    }
    this.isFull = true;
    let taken = '';
    for (const character of text) {
      this.bytes -= Buffer.byteLength(character);
      if (this.bytes < 0) break;
      taken += character;
    }
    return taken;
  }
}

const isSaid = (part: Part): part is Extract<Part, { type: 'text-delta' | 'reasoning-delta' }> =>
  part.type === 'text-delta' || part.type === 'reasoning-delta';

const finishOf = ({ finishReason, usage }: Extract<Part, { type: 'finish' }>): HeardEnd['finish'] => ({
  reason: finishReason.unified,
  rawReason: finishReason.raw,
  usage: { inputTokens: usage.inputTokens.total, outputTokens: usage.outputTokens.total },
});

function tell(listener: CallListener, part: Part): void {
  if (isSaid(part)) listener.received(part.delta);
  else if (part.type === 'response-metadata' && part.id) listener.named(part.id);
  else if (part.type === 'finish') {
    const { inputTokens: input, outputTokens: output } = part.usage;
    if (input.total === undefined && output.total === undefined) return;
    listener.used({
      inputTokens: input.total ?? 0,
      cachedInputTokens: input.cacheRead ?? null,
      cacheWriteTokens: input.cacheWrite ?? null,
      outputTokens: output.total ?? 0,
      reasoningTokens: output.reasoning ?? null,
    });
  }
}
