import { type LanguageModelMiddleware, wrapLanguageModel } from 'ai';
import type { CallListener } from '../frame/call-listener.js';
import type { OpenedModel } from './language-models.js';

type Streaming = Parameters<NonNullable<LanguageModelMiddleware['wrapStream']>>[0];
type Part =
  Awaited<ReturnType<Streaming['doStream']>>['stream'] extends ReadableStream<infer One> ? One : never;

/** The model with a listener between it and the SDK, which keeps the provider's id to itself until an answer has ended well. */
export function heardModel(model: OpenedModel, listener: CallListener): OpenedModel {
  return wrapLanguageModel({
    model,
    middleware: {
      specificationVersion: 'v4',
      async wrapStream({ doStream }) {
        listener.sent();
        const result = await doStream();
        const tap = new TransformStream<Part, Part>({
          transform(part, controller) {
            tell(listener, part);
            controller.enqueue(part);
          },
        });
        return { ...result, stream: result.stream.pipeThrough(tap) };
      },
    },
  });
}

function tell(listener: CallListener, part: Part): void {
  if (part.type === 'text-delta' || part.type === 'reasoning-delta') listener.received(part.delta);
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
