import { createParser } from 'eventsource-parser';

/** One thing a provider has said: an event of its stream, or the whole body of an answer that is no stream. */
export interface Frame {
  /** Null for an event without a name. */
  event: string | null;
  data: string;
  /** The body is no event stream: JSON, a page, or words. */
  whole: boolean;
}

/** What the first visible character of a body is when it is JSON or a page, which no event begins with. */
const noStream = /^\s*[{[<]/;
/** What the lines of an event stream begin with. */
const aStream = /^\s*(:|(data|event|id|retry)\b)/;

/** Characters of one event, or of a body that is no stream. The longest answer that is believed has a tenth of it. */
const longestFrame = 10_000_000;

/** Says more than any event may hold. */
export class FrameTooLong extends Error {
  override name = 'FrameTooLong';
}

/**
 * What was said, as it came together.
 *
 * @param source pieces of the body, in the groups in which they are read
 * @throws {FrameTooLong} as well as what the source throws; what had come before that is given first
 */
export async function* readFrames(source: AsyncIterable<Uint8Array[]>): AsyncGenerator<Frame[]> {
  const decoder = new TextDecoder();
  const frames: Frame[] = [];
  const parser = createParser({
    maxBufferSize: longestFrame,
    onEvent: ({ event, data }) => void frames.push({ event: event ?? null, data, whole: false }),
  });
  let body: string | null = null;
  let begun = '';
  let events = 0;
  const feed = (text: string): void => {
    // White space alone does not tell yet.
    if (body === null && begun.trim() === '') {
      begun = (begun + text).slice(-longestFrame);
      if (begun.trim() === '') return;
      if (noStream.test(begun)) body = begun;
      else parser.feed(begun);
      return;
    }
    if (body === null) parser.feed(text);
    else body += text;
    if (body !== null && body.length > longestFrame) throw new FrameTooLong();
  };
  for await (const pieces of source) {
    try {
      for (const bytes of pieces) feed(decoder.decode(bytes, { stream: true }));
    } catch (error) {
      if (frames.length > 0) yield frames.splice(0);
      throw error;
    }
    events += frames.length;
    if (frames.length > 0) yield frames.splice(0);
  }
  feed(decoder.decode());
  // An event ends with an empty line, which some servers leave out behind their last one.
  if (body === null) parser.feed('\n\n');
  events += frames.length;
  if (frames.length > 0) yield frames.splice(0);
  if (body !== null) yield ofBody(body);
  else if (events === 0 && begun.trim() !== '' && !aStream.test(begun)) {
    yield [{ event: null, data: begun, whole: true }];
  }
}

/** JSON a line is a stream of a kind. */
function ofBody(body: string): Frame[] {
  const lines = body.split('\n').filter((line) => line.trim() !== '');
  const isLines =
    lines.length > 1 && lines.every((line) => line.startsWith('{') && line.trimEnd().endsWith('}'));
  if (!isLines) return [{ event: null, data: body, whole: true }];
  return lines.map((line) => ({ event: null, data: line, whole: false }));
}
