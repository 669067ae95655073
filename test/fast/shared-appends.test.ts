import { describe, expect, it } from '@jest/globals';
import { createSharedAppends } from '../../activities/frame/shared-appends.js';
import type { NewEvent } from '../../store/events.js';

const said = (text: string): NewEvent[] => [
  { key: text, type: 'output.delta', time: '2026-01-01T00:00:00.000Z', data: { text } },
];

/** PostgreSQL's answer to what it does not take. */
const refusal = () => Object.assign(new Error('invalid input'), { severity: 'ERROR', code: '22P02' });

/** A database that answers when it is told to. */
function openDatabase({ refuses, away = false }: { refuses?: string; away?: boolean } = {}) {
  const statements: string[][] = [];
  const held: (() => void)[] = [];
  const answer = async (jobIds: string[]) => {
    statements.push(jobIds);
    await new Promise<void>((resolve) => held.push(resolve));
    if (away) throw Object.assign(new Error('no connection'), { code: 'ECONNREFUSED' });
    if (refuses !== undefined && jobIds.includes(refuses)) throw refusal();
  };
  const append = createSharedAppends({
    append: async (jobId) => {
      await answer([jobId]);
      return `owner of ${jobId}`;
    },
    appendAll: async (logs) => {
      const ids = logs.map(({ jobId }) => jobId);
      await answer(ids);
      return new Map(ids.map((id) => [id, `owner of ${id}`]));
    },
  });
  return {
    statements,
    append: (jobId: string) => append(jobId, said(jobId)),
    /** Answers all that is asked, until nothing is. */
    async answerAll() {
      while (held.length > 0) {
        for (const resolve of held.splice(0)) resolve();
        await new Promise(setImmediate);
      }
    },
  };
}

const jobs = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `job-${from + index}`);

describe('what many models say', () => {
  it('goes out at once, and together behind what is under way', async () => {
    const { statements, append, answerAll } = openDatabase();
    const answers = Promise.all(jobs(1, 60).map(append));
    expect(statements).toEqual([['job-1'], ['job-2']]);
    await answerAll();
    expect(statements.slice(2)).toEqual([jobs(3, 52), jobs(53, 60)]);
    expect(await answers).toEqual(jobs(1, 60).map((id) => `owner of ${id}`));
  });

  it('is refused for one job without holding up the others', async () => {
    const { statements, append, answerAll } = openDatabase({ refuses: 'job-4' });
    const answers = Promise.allSettled(jobs(1, 5).map(append));
    await answerAll();
    expect(statements).toEqual([['job-1'], ['job-2'], jobs(3, 5), ['job-3'], ['job-4'], ['job-5']]);
    expect((await answers).map(({ status }) => status)).toEqual([
      ...['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
    ]);
  });

  it('is not sent job by job to a database that is away', async () => {
    const { statements, append, answerAll } = openDatabase({ away: true });
    const answers = Promise.allSettled(jobs(1, 5).map(append));
    await answerAll();
    expect(statements).toEqual([['job-1'], ['job-2'], jobs(3, 5)]);
    expect((await answers).every(({ status }) => status === 'rejected')).toBe(true);
  });
});
