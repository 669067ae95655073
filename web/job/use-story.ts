import { useCallback, useEffect, useState } from 'react';
import type { Event } from '../../client/index.js';
import { type UsedJob, useJob } from '../../client/react/use-job.js';
import { readJobLog } from '../api/job-socket.js';
import { jobQuery, queries } from '../api/queries.js';
import { beginning, type Story, told } from './story.js';

/** A job as it is now, and what its log tells, as it grows. What other views show of the job is kept up with it. */
export function useStory(id: string): UsedJob & { story: Story } {
  const [heard, setHeard] = useState({ id, story: beginning });
  const onEvents = useCallback(
    (events: readonly Event[]) =>
      setHeard((before) => ({
        id,
        story: events.reduce(told, before.id === id ? before.story : beginning),
      })),
    [id],
  );
  const used = useJob(id, { readLog: readJobLog, onEvents });
  const { job } = used;
  useEffect(() => {
    if (!job) return;
    const { queryKey } = jobQuery(job.id);
    queries.setQueryData(queryKey, job);
    // Its calls and its items begin with the same key.
    void queries.invalidateQueries({ queryKey, predicate: (one) => one.queryKey.length > queryKey.length });
  }, [job]);
  return { ...used, story: heard.id === id ? heard.story : beginning };
}
