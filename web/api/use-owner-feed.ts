import { useEffect, useEffectEvent, useState } from 'react';
import type { OwnerEvent } from '../../client/index.js';
import { shareOwnerSocket } from './shared-socket.js';
import { waitMs } from '../../client/react/waits.js';

interface Hearing {
  onEntry(entry: OwnerEvent): void;
  /** Asks anew, while nothing is told: at the beginning, without a connection, and in between. */
  look(): void;
}

/**
 * Hears what becomes of the owner's jobs. While that is not told, `look` is called after 1, 2 and then every 5 seconds, and
 * never in a hidden tab.
 */
export function useOwnerFeed({ onEntry, look }: Hearing): void {
  const [live, setLive] = useState(false);
  const hear = useEffectEvent(onEntry);
  const see = useEffectEvent(look);
  useEffect(() => {
    const socket = shareOwnerSocket({
      onEntry: (entry) => hear(entry),
      onEvent: () => undefined,
      onState: setLive,
    });
    return () => {
      socket.close();
      setLive(false);
    };
  }, []);
  useEffect(() => {
    if (live) {
      // What happened while there was no connection was not told.
      see();
      return undefined;
    }
    let polls = 0;
    let timer: number | undefined;
    const poll = () => {
      if (!document.hidden) see();
      timer = window.setTimeout(poll, waitMs(polls));
      polls += 1;
    };
    timer = window.setTimeout(poll, waitMs(polls));
    return () => window.clearTimeout(timer);
  }, [live]);
}
