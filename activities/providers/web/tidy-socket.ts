import { Duplex } from 'node:stream';
import { tidyHead } from './tidy-head.js';

const emptyLine = /\r?\n\r?\n/;
const interim = /^HTTP\/\d(?:\.\d)? 1(?!01)\d\d\b/;

/**
 * A connection whose answers have a tidy head.
 *
 * @param longestHead in bytes; what is longer goes through as it is, and is refused by the client
 */
export function tidySocket(socket: Duplex, longestHead: number): Duplex {
  let head: Buffer | null = Buffer.alloc(0);

  const tidied = (chunk: Buffer): Buffer => {
    if (head === null) return chunk;
    head = Buffer.concat([head, chunk]);
    const ready: string[] = [];
    for (let text = head.toString('latin1').replace(/^[\r\n]+/, ''); ;) {
      const end = emptyLine.exec(text);
      const isHttp = text.startsWith('HTTP/') || 'HTTP/'.startsWith(text);
      if (!isHttp || (end?.index ?? text.length) > longestHead) {
        ready.push(text);
        head = null;
      } else if (end) {
        const rest = text.slice(end.index + end[0].length);
        ready.push(tidyHead(text.slice(0, end.index)));
        // What comes before the answer, such as early hints, has a head of its own.
        if (interim.test(text)) {
          text = rest;
          continue;
        }
        ready.push(rest);
        head = null;
      } else {
        head = Buffer.from(text, 'latin1');
      }
      return Buffer.from(ready.join(''), 'latin1');
    }
  };

  const tidy = new Duplex({
    read: () => socket.resume(),
    write: (chunk, encoding, done) => socket.write(chunk, encoding, done),
    final: (done) => socket.end(done),
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  const push = (bytes: Buffer): void => {
    if (bytes.length > 0 && !tidy.push(bytes)) socket.pause();
  };
  socket.on('data', (chunk: Buffer) => {
    try {
      push(tidied(chunk));
    } catch (error) {
      tidy.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  });
  socket.once('end', () => {
    if (head) tidy.push(head);
    tidy.push(null);
  });
  socket.on('error', (error) => tidy.destroy(error));
  socket.once('close', () => {
    if (!socket.readableEnded) tidy.destroy();
  });
  return tidy;
}
