import { useEffect, useState } from 'react';
import type { Event } from '../../client/index.js';
import { type Connection, followJob } from '../api/event-stream.js';
import { readAgain } from '../api/read-again.js';
import { beginning, type Story, told } from './story.js';

/** Much of it comes many times a second, and says nothing that the job itself does not. */
const talk: ReadonlySet<Event['type']> = new Set(['output.delta', 'output.reset', 'output.reasoning']);

/** The log of a job, as it grows. The job is read again whenever more than talk is told. */
export function useStory(id: string): { story: Story; connection: Connection } {
  const [story, setStory] = useState(beginning);
  const [connection, setConnection] = useState<Connection>('connecting');
  useEffect(() => {
    let waiting: Event[] = [];
    let frame: number | undefined;
    let isLeft = false;
    const show = () => {
      if (isLeft) return;
      const events = waiting;
      waiting = [];
      frame = undefined;
      setStory((before) => events.reduce(told, before));
    };
    const stop = followJob(id, {
      onEvent(event) {
        if (isLeft) return;
        waiting.push(event);
        // Once a frame at most; a hidden tab, which has no frames, does not miss anything.
        frame ??= document.hidden ? window.setTimeout(show, 200) : requestAnimationFrame(show);
        if (!talk.has(event.type)) readAgain(id);
      },
      onState: setConnection,
    });
    return () => {
      isLeft = true;
      stop();
      setStory(beginning);
    };
  }, [id]);
  return { story, connection };
}
