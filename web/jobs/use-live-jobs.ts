import { useCallback, useEffect, useRef, useState } from 'react';
import { type JobList, listJobs } from '../../client/index.js';
import type { OwnerSocket } from '../api/owner-socket.js';
import { ask, askedMs } from '../api/problem-error.js';
import { type JobFilters, jobQuery, jobsQuery, queries } from '../api/queries.js';
import { readAgain, readNow } from '../api/read-again.js';
import { shareOwnerSocket } from '../api/shared-socket.js';
import { waitMs } from '../../client/react/waits.js';
import { noteTurn } from './behind.js';
import { type ListSearch, toFilters } from './filters.js';
import { isNews, newer, recounted } from './news.js';

interface Live {
  /** Whether changes are told. If they are not, the list is read again and again. */
  live: boolean;
  /** Jobs that came since the list was read. */
  news: number;
  /** Reads the list anew. */
  look(): void;
}

/** A list that could not be read beside the shown one is read at the next turn of the connection or of the clock. */
const untilNextTime = () => undefined;

/** Much of it comes many times a second, and no row shows it. */
const talk = /^output\./;

/** In ms, of a reading of the list. If one never ended, the list would never be read again. */
const longestMs = 20_000;

/** A socket follows as many jobs, and no more. */
const mostFollowed = 100;

/** Keeps a list up to date by one connection: nothing is asked for until something has happened. */
export function useLiveJobs(list: JobList | undefined, search: ListSearch): Live {
  const [live, setLive] = useState(false);
  const [fresh, setFresh] = useState<readonly string[]>([]);
  const socket = useRef<OwnerSocket | null>(null);
  const shown = useRef<JobList['items']>([]);
  const { status, type, tag, page } = search;
  const filters = JSON.stringify(toFilters(search));

  const add = useCallback((ids: readonly string[]) => {
    setFresh((before) =>
      ids.every((id) => before.includes(id)) ? before : [...new Set([...before, ...ids])],
    );
  }, []);

  /** Reads the list beside the one that is shown, in which nothing moves. */
  const compare = useCallback(async () => {
    // What is new stands on the first page.
    if (page !== undefined) return;
    const query = { ...toFilters({ status, type, tag }), counts: 'false' } as const;
    const signal = AbortSignal.timeout(longestMs);
    const { items } = await ask(listJobs({ query, signal }));
    add(newer(items, { shown: shown.current, wanted: { status, type } }));
  }, [add, status, type, tag, page]);

  useEffect(() => {
    shown.current = list?.items ?? [];
    const ids = new Set(shown.current.map(({ id }) => id));
    setFresh((before) => before.filter((id) => !ids.has(id)));
    const open = shown.current.filter(({ done }) => !done).map(({ id }) => id);
    socket.current?.watch(open.slice(0, mostFollowed));
  }, [list]);

  useEffect(() => {
    let isConnected = false;
    const opened = shareOwnerSocket({
      onEntry(entry) {
        const known = shown.current.some(({ id }) => id === entry.job);
        const { queryKey } = jobsQuery(JSON.parse(filters) as JobFilters);
        queries.setQueryData(
          queryKey,
          (before) =>
            before && { ...before, counts: recounted(before.counts, { event: entry.event, known }) },
        );
        if (known) readAgain(entry.job);
        else if (isNews(entry, { status, type })) {
          // The feed does not say which tags a job has.
          if (tag === undefined) add([entry.job]);
          else
            void queries
              .fetchQuery(jobQuery(entry.job))
              .then(({ id, tags }) => tags.includes(tag) && add([id]));
        }
      },
      onEvent(job, event) {
        noteTurn(job, event);
        if (!talk.test(event.type)) readAgain(job);
      },
      onState(connected) {
        isConnected = connected;
        if (!connected) setLive(false);
        // What was submitted between the reading of the list and the start of the feed is told by nobody.
        else
          void compare()
            .catch(untilNextTime)
            .finally(() => isConnected && setLive(true));
      },
    });
    socket.current = opened;
    opened.watch(
      shown.current
        .filter(({ done }) => !done)
        .map(({ id }) => id)
        .slice(0, mostFollowed),
    );
    return () => {
      isConnected = false;
      opened.close();
      socket.current = null;
      setLive(false);
    };
  }, [status, type, tag, filters, add, compare]);

  useEffect(() => {
    if (live) return undefined;
    let polls = 0;
    let isOver = false;
    let timer: number | undefined;
    const wait = (leastMs: number) => {
      if (isOver) return;
      timer = window.setTimeout(() => void poll(), Math.max(waitMs(polls), leastMs));
      polls += 1;
    };
    const poll = async () => {
      if (document.hidden) return wait(0);
      const refusedMs = await compare().then(() => 0, askedMs);
      if (isOver) return;
      if (refusedMs === 0) for (const { id, done } of shown.current) if (!done) readNow(id);
      wait(refusedMs);
    };
    wait(0);
    return () => {
      isOver = true;
      window.clearTimeout(timer);
    };
  }, [live, compare]);

  const look = useCallback(() => {
    setFresh([]);
    void queries.invalidateQueries({ queryKey: ['jobs'] });
  }, []);
  return { live, news: fresh.length, look };
}
