import { useEffect, useRef, useState } from 'react';
import type { Failure } from '../../client/index.js';
import { pause } from '../../client/react/browser.js';
import { ProblemError, toFailure } from '../api/problem-error.js';
import { brokenOff, upload } from '../api/upload.js';
import { createCell } from '../shared/cell.js';
import { randomId } from '../shared/random-id.js';
import { createLane } from './lane.js';

/** One file of a field: on its way, refused, or there. */
export interface Entry {
  key: string;
  /** Null for one that the field was filled with. */
  file: File | null;
  /** Null until it is there. */
  id: string | null;
  /** From 0 to 1. */
  sent: number;
  failure: Failure | null;
}

/** Uploads that any form of the page waits for. */
export const underWay = createCell(0);

/** An owner may have eight under way, on all pages together. */
const lane = createLane(3);

/** So often is an upload sent again that the API has no place for now. */
const mostTries = 6;

interface Given {
  ids: readonly string[];
  several: boolean;
  onChange(ids: string[]): void;
}

/** The files of one field, in the order in which they were chosen. They are told on as they arrive. */
export function useUploads({ ids, several, onChange }: Given) {
  const [entries, setEntries] = useState<readonly Entry[]>(() => ids.map(there));
  const tell = useRef(onChange);
  const sending = useRef(new Map<string, AbortController>());
  useEffect(() => {
    tell.current = onChange;
  });
  const present = entries.flatMap(({ id }) => id ?? []);
  const told = useRef(present.join());
  useEffect(() => {
    if (told.current === present.join()) return;
    told.current = present.join();
    tell.current(present);
  });
  useEffect(() => {
    const all = sending.current;
    return () => {
      // The form is gone, or hidden until somebody has signed in again.
      for (const stop of all.values()) stop.abort(new ProblemError(brokenOff));
    };
  }, []);

  /** Does nothing for one that was removed meanwhile. */
  const change = (key: string, part: Partial<Entry>) =>
    setEntries((before) =>
      before.some((entry) => entry.key === key)
        ? before.map((entry) => (entry.key === key ? { ...entry, ...part } : entry))
        : before,
    );
  const stop = (key: string) => sending.current.get(key)?.abort(new Error('The file was removed.'));
  const send = async (key: string, file: File) => {
    const stopped = new AbortController();
    sending.current.set(key, stopped);
    const over = countOne();
    stopped.signal.addEventListener('abort', over);
    try {
      const { id } = await lane(() =>
        patiently(file, { signal: stopped.signal, onSent: (sent) => change(key, { sent }) }),
      );
      change(key, { id, sent: 1 });
    } catch (error) {
      change(key, { failure: toFailure(error) });
    } finally {
      over();
      sending.current.delete(key);
    }
  };

  return {
    entries,
    add(files: readonly File[]) {
      const chosen = (several ? files : files.slice(0, 1)).map(chosenFile);
      if (chosen.length === 0) return;
      if (!several) for (const { key } of entries) stop(key);
      setEntries((before) => (several ? [...before, ...chosen] : chosen));
      for (const { key, file } of chosen) void send(key, file);
    },
    again({ key, file }: Entry) {
      change(key, { failure: null, sent: 0 });
      if (file) void send(key, file);
    },
    remove({ key }: Entry) {
      stop(key);
      setEntries((before) => before.filter((entry) => entry.key !== key));
    },
  };
}

/** @returns what is called when the upload is over; a second call does nothing */
function countOne(): () => void {
  let isOver = false;
  underWay.set(underWay.get() + 1);
  return () => {
    if (!isOver) underWay.set(underWay.get() - 1);
    isOver = true;
  };
}

const there = (id: string): Entry => ({ key: id, file: null, id, sent: 1, failure: null });

const chosenFile = (file: File) => ({ key: randomId(), file, id: null, sent: 0, failure: null });

/** Where the API says when to come again, it is asked again then. */
async function patiently(file: File, sending: Parameters<typeof upload>[1]) {
  for (let tries = 1; ; tries += 1) {
    try {
      sending.signal.throwIfAborted();
      return await upload(file, sending);
    } catch (error) {
      const seconds = error instanceof ProblemError ? error.failure.retryAfter : undefined;
      if (seconds === undefined || tries >= mostTries) throw error;
      sending.signal.throwIfAborted();
      await pause(seconds * 1000, sending.signal);
    }
  }
}
