import { analyse } from 'chardet';

/** Enough to tell by, and a few milliseconds. */
const sampleBytes = 16_000;
const fewestBytes = 20;
/** Of 100; below it the library guesses. */
const leastConfidence = 30;

/** Latin-1 and what extends it are told apart by little, and windows-1252 is what most pages without a charset are in. */
const usual = 'windows-1252';

/** What the bytes look like; null when that is not clear. */
export function detectCharset(body: Buffer): string | null {
  const first = body.findIndex((byte) => byte > 0x7f || byte === 0x1b);
  if (first < 0) return null;
  const sample = body
    .toString('latin1', Math.max(0, first - 200), first + 4 * sampleBytes)
    .replaceAll(/<[^<>]{0,1000}>/g, ' ')
    .slice(0, sampleBytes);
  if (sample.length < fewestBytes) return null;
  const guesses = analyse(Buffer.from(sample, 'latin1')).flatMap(({ name, confidence }) => {
    const encoding = encodingOf(name);
    return encoding ? [{ encoding, confidence }] : [];
  });
  const best = guesses.find(({ confidence }) => confidence >= leastConfidence);
  const usualOne = guesses.find(({ encoding }) => encoding === usual);
  if (!best) return null;
  return usualOne && usualOne.confidence >= best.confidence ? usual : best.encoding;
}

function encodingOf(name: string): string | null {
  try {
    return new TextDecoder(name).encoding;
  } catch {
    // RangeError: one that browsers do not decode.
    return null;
  }
}
