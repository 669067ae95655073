import type { Event, Failure } from '../../client/index.js';
import type { Opening, ReadLog, Reading } from '../../client/react/event-log.js';
import { readStream } from '../../client/react/event-stream.js';
import { isRefusal } from '../../client/react/waits.js';
import { learnSession } from './access.js';
import { openSocket } from './open-socket.js';

type Frame = { feed: { after: number } | null } | { event: Event } | { error: Failure } | object;

/** How long a new connection may be silent: some proxies let it be opened, and nothing through. */
const firstWordMs = 5_000;
/** A script does not hear the pings of the API: after this silence it asks for a word. */
const silenceMs = 20_000;

/** Whether a socket has ever been heard on this page. */
let works = false;

/**
 * Reads the log of a job by a WebSocket. Of other connections to a host, a browser opens six for all tabs together.
 * Event streams in six tabs would leave none for a request. Where no socket comes through, it is an event stream.
 */
export const readJobLog: ReadLog = async (id, opening) => {
  let heard = false;
  const reading = await readSocket(id, {
    ...opening,
    onHeard() {
      heard = true;
      works = true;
      opening.onHeard();
    },
  });
  if (heard || opening.signal.aborted) return reading;
  if (!works) return readStream(id, opening);
  // A browser does not say why a socket was refused.
  void learnSession();
  return reading;
};

function readSocket(id: string, { after, signal, onHeard, onEvent }: Opening): Promise<Reading> {
  const { promise, resolve } = Promise.withResolvers<Reading>();
  const socket = openSocket();
  const send = (frame: object) => socket.send(JSON.stringify(frame));
  // The feed is no part of the log. It is the one thing that the API always answers at once.
  const askForWord = { feed: {} };
  let timer = window.setTimeout(over, firstWordMs);
  let failure: Failure | null = null;

  function over() {
    window.clearTimeout(timer);
    signal.removeEventListener('abort', over);
    socket.close();
    resolve({
      refused: isRefusal(failure?.status ?? 0),
      askedMs: (failure?.retryAfter ?? 0) * 1000,
    });
  }
  const heard = () => {
    onHeard();
    window.clearTimeout(timer);
    timer = window.setTimeout(() => {
      send(askForWord);
      timer = window.setTimeout(over, silenceMs);
    }, silenceMs);
  };
  const hear = (frame: Frame) => {
    heard();
    if ('event' in frame) {
      onEvent(frame.event);
      if (frame.event.type === 'end') over();
    } else if ('feed' in frame) {
      // A word is a word, also that there is no feed to be had.
      if (frame.feed !== null) send({ feed: null });
    } else if ('error' in frame) {
      failure = frame.error;
      over();
    }
  };
  signal.addEventListener('abort', over);
  socket.addEventListener('open', () => send({ ...askForWord, subscribe: [{ job: id, after }] }));
  socket.addEventListener('message', ({ data }) => {
    if (socket.readyState === WebSocket.OPEN) hear(JSON.parse(String(data)) as Frame);
  });
  socket.addEventListener('close', over);
  return promise;
}
