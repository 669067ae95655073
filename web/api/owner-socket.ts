import type { Event, OwnerEvent } from '../../client/index.js';
import { learnSession } from './access.js';
import { openSocket } from './open-socket.js';
import { waitMs } from '../../client/react/waits.js';

type Frame =
  { feed: { after: number } | null } | { entry: OwnerEvent } | { job: string; event: Event } | object;

export interface Listening {
  /** A word about any job of the owner's, those included that nobody asked about. */
  onEntry(entry: OwnerEvent): void;
  /** More of the log of a job that is watched. */
  onEvent(job: string, event: Event): void;
  onState(live: boolean): void;
}

export interface OwnerSocket {
  /** Follows these jobs, and no others from now on. */
  watch(jobs: readonly string[]): void;
  close(): void;
}

/** One connection for everything that a list shows: the owner's feed, and the logs of the jobs in sight. */
export function openOwnerSocket({ onEntry, onEvent, onState }: Listening): OwnerSocket {
  let socket: WebSocket | null = null;
  let closed = false;
  let tries = 0;
  let feedAfter: number | null = null;
  let timer: number | undefined;
  let wanted: readonly string[] = [];
  let followed: readonly string[] = [];
  const seen = new Map<string, number>();

  const send = (frame: object) => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
  };
  const follow = () => {
    if (socket?.readyState !== WebSocket.OPEN) return;
    const more = wanted.filter((job) => !followed.includes(job));
    const fewer = followed.filter((job) => !wanted.includes(job));
    followed = wanted;
    if (fewer.length > 0) send({ unsubscribe: fewer });
    if (more.length > 0) {
      send({ subscribe: more.map((job) => ({ job, after: seen.get(job) ?? 0 })) });
    }
  };
  const hear = (frame: Frame) => {
    if ('entry' in frame) {
      feedAfter = frame.entry.seq;
      onEntry(frame.entry);
    } else if ('event' in frame) {
      seen.set(frame.job, frame.event.seq);
      onEvent(frame.job, frame.event);
    } else if ('feed' in frame && frame.feed !== null) {
      feedAfter = frame.feed.after;
      tries = 0;
      onState(true);
    }
  };
  const connect = () => {
    if (closed) return;
    const opened = openSocket();
    socket = opened;
    followed = [];
    opened.addEventListener('open', () => {
      send({ feed: feedAfter === null ? {} : { after: feedAfter } });
      follow();
    });
    opened.addEventListener('message', ({ data }) => hear(JSON.parse(String(data)) as Frame));
    opened.addEventListener('close', () => {
      if (socket !== opened || closed) return;
      onState(false);
      // A browser does not say why a socket was refused.
      void learnSession();
      timer = window.setTimeout(connect, waitMs(tries));
      tries += 1;
    });
  };
  connect();
  return {
    watch(jobs) {
      wanted = jobs;
      follow();
    },
    close() {
      closed = true;
      window.clearTimeout(timer);
      socket?.close();
    },
  };
}
