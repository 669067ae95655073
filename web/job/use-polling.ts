import { useEffect } from 'react';
import type { Connection } from '../api/event-stream.js';
import { readAgain } from '../api/read-again.js';
import { waitMs } from '../api/waits.js';

/** Reads the job again and again while its stream does not flow, but not in a tab that nobody sees. */
export function usePollingWithout(connection: Connection, { id, done }: { id: string; done: boolean }): void {
  useEffect(() => {
    // A stream that is over has told all there is, unless the job is still open: then it was refused.
    if (done || connection === 'live' || connection === 'connecting') return undefined;
    let polls = 0;
    let timer: number | undefined;
    const poll = () => {
      if (!document.hidden) readAgain(id);
      timer = window.setTimeout(poll, waitMs(polls));
      polls += 1;
    };
    timer = window.setTimeout(poll, waitMs(0));
    return () => window.clearTimeout(timer);
  }, [connection, id, done]);
}
