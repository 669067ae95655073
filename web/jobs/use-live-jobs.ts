import { useEffect, useRef, useState } from 'react';
import type { JobList } from '../../client/index.js';
import { openOwnerSocket, type OwnerSocket } from '../api/owner-socket.js';
import { type JobFilters, jobsQuery, queries } from '../api/queries.js';
import { readAgain } from '../api/read-again.js';
import { waitMs } from '../api/waits.js';

interface Live {
  /** Whether changes are told. If they are not, the list is read again and again. */
  live: boolean;
  /** Jobs that came since the list was read. */
  news: number;
  /** Reads the list anew. */
  look(): void;
}

/** Much of it comes many times a second, and no row shows it. */
const talk = /^output\./;

/** Keeps a list up to date by one connection: nothing is asked for until something has happened. */
export function useLiveJobs(list: JobList | undefined, filters: JobFilters): Live {
  const [live, setLive] = useState(false);
  const [fresh, setFresh] = useState<readonly string[]>([]);
  const socket = useRef<OwnerSocket | null>(null);
  const shown = useRef<ReadonlySet<string>>(new Set());
  const { type } = filters;

  useEffect(() => {
    shown.current = new Set(list?.items.map(({ id }) => id));
    setFresh((before) => before.filter((id) => !shown.current.has(id)));
    socket.current?.watch(list?.items.filter(({ done }) => !done).map(({ id }) => id) ?? []);
  }, [list]);

  useEffect(() => {
    const opened = openOwnerSocket({
      onEntry({ job, jobType }) {
        if (shown.current.has(job)) readAgain(job);
        else if (type === undefined || type === jobType) {
          setFresh((before) => (before.includes(job) ? before : [...before, job]));
        }
      },
      onEvent(job, event) {
        if (!talk.test(event.type)) readAgain(job);
      },
      onState: setLive,
    });
    socket.current = opened;
    opened.watch([...shown.current]);
    return () => {
      opened.close();
      socket.current = null;
      setLive(false);
    };
  }, [type]);

  useEffect(() => {
    if (live) return undefined;
    let polls = 0;
    let timer: number | undefined;
    const poll = () => {
      if (!document.hidden) void queries.invalidateQueries({ queryKey: ['jobs'] });
      if (!document.hidden) for (const { id, done } of list?.items ?? []) if (!done) readAgain(id);
      timer = window.setTimeout(poll, waitMs(polls));
      polls += 1;
    };
    timer = window.setTimeout(poll, waitMs(polls));
    return () => window.clearTimeout(timer);
    // A list that has changed is looked at again soon.
  }, [live, list]);

  const look = () => {
    setFresh([]);
    void queries.invalidateQueries({ queryKey: jobsQuery(filters).queryKey });
  };
  return { live, news: fresh.length, look };
}
