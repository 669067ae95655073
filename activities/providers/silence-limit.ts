import { StepFailure } from '../frame/step-failure.js';

/** How long a provider may say nothing. */
export interface Patience {
  /** Before the first sign of an answer: local servers load the model first, and reasoning models think in silence. */
  firstMs: number;
  /** Between two signs of life after that. */
  nextMs: number;
}

/** Parts the SDK itself puts into the stream before the provider has said a word. */
const ownParts: ReadonlySet<string> = new Set(['start', 'start-step']);

export interface SilenceLimit {
  /** Aborts when the provider has been silent for too long. */
  signal: AbortSignal;
  /** To be told of every part of the stream. */
  heard(partType: string): void;
  /** What to throw, if it was the silence that ended the call. */
  failure(provider: string): StepFailure | null;
  stop(): void;
}

export function createSilenceLimit({ firstMs, nextMs }: Patience): SilenceLimit {
  const controller = new AbortController();
  const first = setTimeout(() => controller.abort(), firstMs);
  let next: NodeJS.Timeout | null = null;
  return {
    signal: controller.signal,
    heard(partType) {
      if (ownParts.has(partType)) return;
      clearTimeout(first);
      next = next?.refresh() ?? setTimeout(() => controller.abort(), nextMs);
    },
    failure(provider) {
      if (!controller.signal.aborted) return null;
      const seconds = (next ? nextMs : firstMs) / 1000;
      return new StepFailure('provider-timed-out', `${provider} said nothing for ${seconds} seconds.`, {
        provider,
      });
    },
    stop() {
      clearTimeout(first);
      if (next) clearTimeout(next);
    },
  };
}
