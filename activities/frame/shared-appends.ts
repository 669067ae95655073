import type { Events, NewEvent } from '../../store/events.js';
import { isDatabaseRefusal } from '../../store/unavailable.js';

/** Statements under way. With one alone, a log that somebody holds would keep all others waiting. */
const mostUnderWay = 2;
/** Logs in one statement. */
const mostTogether = 50;

interface Waiting {
  jobId: string;
  batch: readonly NewEvent[];
  resolve(owner: string | null): void;
  reject(error: unknown): void;
}

/** What several logs are to be given, in one statement: most of what an append costs is the statement and its commit. */
export type SharedAppend = (jobId: string, batch: readonly NewEvent[]) => Promise<string | null>;

/**
 * The first goes out at once. What comes while it is under way goes out together behind it. What PostgreSQL refuses
 * of one log holds no other up.
 */
export function createSharedAppends(events: Pick<Events, 'append' | 'appendAll'>): SharedAppend {
  const waiting: Waiting[] = [];
  let underWay = 0;

  const alone = ({ jobId, batch, resolve, reject }: Waiting): Promise<void> =>
    events.append(jobId, batch).then(resolve, reject);

  const together = async (logs: readonly Waiting[]): Promise<void> => {
    try {
      const owners = await events.appendAll(logs);
      for (const { jobId, resolve } of logs) resolve(owners.get(jobId) ?? null);
    } catch (error) {
      if (isDatabaseRefusal(error)) await Promise.all(logs.map(alone));
      else for (const { reject } of logs) reject(error);
    }
  };

  const next = () => {
    const [first, ...others] = underWay < mostUnderWay ? waiting.splice(0, mostTogether) : [];
    if (!first) return;
    underWay += 1;
    void (others.length > 0 ? together([first, ...others]) : alone(first)).finally(() => {
      underWay -= 1;
      next();
    });
  };

  return (jobId, batch) =>
    new Promise((resolve, reject) => {
      waiting.push({ jobId, batch, resolve, reject });
      next();
    });
}
