import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { sql } from 'kysely';
import { type House, openHouse } from '../../harness/house.js';
import { type TestKey, makeKey } from '../../harness/keys.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { promptMs } from '../../harness/prompt.js';
import { closeTable } from '../../harness/table-lock.js';
import { until } from '../../harness/until.js';

jest.setTimeout(180_000);

let house: House;
let [anna, bert]: TestKey[] = [];

beforeAll(async () => {
  house = await openHouse();
  [anna, bert] = [await makeKey(house.db, 'anna'), await makeKey(house.db, 'bert')];
  // In parts, each of which a slow machine writes within the time a statement has.
  for (let from = 1; from <= 50_000; from += 5_000) {
    await sql`
      insert into words (owner, source_lang, target_lang, theme, word, lemma, translation, examples, source_url, job_id)
      select 'anna', 'es', 'fr', 'el_pais', md5(n::text), md5((n + 1)::text), md5((n + 2)::text), '{}', 'https://example.org/', 'job'
      from generate_series(${from}::int, ${from + 4_999}::int) as n`.execute(house.db);
  }
  await sql`vacuum analyze words`.execute(house.db);
});
afterAll(() => house.close());

const ask = (key: TestKey | undefined, method: 'GET' | 'POST', path: string, body?: unknown) =>
  house.request<{ code?: string; items?: unknown[] }>(method, path, body, key?.headers);

describe('a search for a part of a word', () => {
  it('can be answered by an index', async () => {
    const pattern = '%a1b2c%';
    const { rows } = await house.db.transaction().execute(async (trx) => {
      // Whether it pays depends on how many words there are, and of how many owners.
      await sql`set local enable_seqscan = off`.execute(trx);
      await sql`set local enable_indexscan = off`.execute(trx);
      return sql<{ 'QUERY PLAN': string }>`
        explain select * from words where owner = 'anna'
          and (word ilike ${pattern} or lemma ilike ${pattern} or translation ilike ${pattern})
        order by id desc limit 51`.execute(trx);
    });
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('words_search');
  });

  it('ends by itself when it takes too long, and what is asked besides goes on', async () => {
    const lock = await closeTable(house.env['DATABASE_URL'] ?? '', 'words');
    try {
      const wanted = {
        others: [200, 200, 200, 202],
        othersInTime: true,
        codes: ['429 rate-limited', '503 storage-unavailable'],
        allInTime: true,
      };
      const round = async () => {
        const from = performance.now();
        const isInTime = (limitMs: number) => performance.now() - from < limitMs;
        const searches = Array.from({ length: 40 }, () => ask(anna, 'GET', '/v1/words?search=a1b2c'));
        const others = await Promise.all([
          ask(bert, 'GET', '/v1/job-types'),
          ask(bert, 'GET', '/v1/jobs'),
          ask(bert, 'GET', '/v1/usage'),
          ask(bert, 'POST', '/v1/jobs', {
            type: 'extractArticle',
            input: { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr' },
            metadata: { large: 'x'.repeat(500) },
            concurrencyKey: 'one',
          }),
        ]);
        const othersInTime = isInTime(promptMs);
        const answers = await Promise.all(searches);
        const codes = new Set(answers.map(({ status, body }) => `${status} ${body.code}`));
        return {
          others: others.map(({ status }) => status),
          othersInTime,
          codes: [...codes].toSorted(),
          allInTime: isInTime(15_000),
        };
      };
      // A machine that stands still is late with some of it, and not each time.
      let seen = await round();
      for (let again = 0; again < 4 && !isDeepStrictEqual(seen, wanted); again += 1) seen = await round();
      expect(seen).toEqual(wanted);
    } finally {
      await lock.release();
    }
  });

  it('has its turn among others of the same owner', async () => {
    const search = (_: unknown, n: number) => ask(anna, 'GET', `/v1/words?search=a${n}b`);
    const all = async () => {
      const answers = await Promise.all(Array.from({ length: 40 }, search));
      return answers.every(({ status }) => status === 200);
    };
    // A machine that stands still meanwhile lets a turn pass: then some of the forty are told to come again.
    const answered = until(all, { what: 'forty searches at once are all answered' });
    expect(await answered).toBe(true);
  });
});

failOnLeftovers();
