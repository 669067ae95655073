import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Word } from '../../../job-types/fields/word.js';
import { type CancelOrder, createCancellations } from '../../../store/cancellations.js';
import type { Database } from '../../../store/database.js';
import { type Events, type NewEvent, createEvents } from '../../../store/events.js';
import { type LargeValues, createLargeValues } from '../../../store/large-values.js';
import { migrate } from '../../../store/migrations.js';
import { type ReceiptKey, type Receipts, ReceiptVoided, createReceipts } from '../../../store/receipts.js';
import { upsertWords } from '../../../store/words.js';
import { type TestDatabase, openPatiently, testDatabase } from '../../harness/database.js';
import { failOnLeftovers } from '../../harness/leftovers.js';

let database: TestDatabase;
let db: Database;
let events: Events;
let receipts: Receipts;
let largeValues: LargeValues;

beforeAll(async () => {
  database = await testDatabase();
  db = openPatiently(database.url, 24);
  await migrate(db);
  events = createEvents(db);
  receipts = createReceipts(db);
  largeValues = createLargeValues(db);
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

const newJob = () => `job_${randomUUID()}`;

describe('a cancel', () => {
  const order = (jobId: string, runId: string): CancelOrder => ({
    jobId,
    runId,
    mode: 'graceful',
    reason: null,
    gracePeriod: 30,
    by: null,
  });

  it('is found as announced from its announcement until its run has closed, and for its run alone', async () => {
    const cancellations = createCancellations(db);
    const [jobId, first, reset] = [newJob(), randomUUID(), randomUUID()];
    const found = () => cancellations.announced([first, reset, randomUUID()]);
    await cancellations.request(order(jobId, first));
    expect(await found()).toEqual([]);
    await cancellations.announce({ jobId, runId: first });
    await cancellations.request(order(jobId, first));
    expect(await found()).toEqual([first]);
    // An operator has reset the job meanwhile.
    await cancellations.request(order(jobId, reset));
    await cancellations.announce({ jobId, runId: first });
    expect(await found()).toEqual([]);
    await cancellations.announce({ jobId, runId: reset });
    expect(await found()).toEqual([reset]);
    await cancellations.settle(jobId, { escalated: false });
    expect(await found()).toEqual([]);
  });
});

describe('the event log', () => {
  const event = (key: string, more: Partial<NewEvent> = {}): NewEvent => ({
    key,
    type: 'job.progress',
    time: new Date().toISOString(),
    ...more,
  });
  const read = (job: string) => events.list(job, { after: 0, limit: 1_000 });
  const numbers = async (job: string) => (await read(job)).map(({ seq }) => seq);
  const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1);

  it('is numbered without gaps under many writers, and no reader ever sees a gap', async () => {
    const job = newJob();
    const work = { done: false };
    const watched: number[][] = [];
    const reader = (async () => {
      while (!work.done) watched.push(await numbers(job));
    })();
    await Promise.all(
      upTo(20).map(async (writer) => {
        for (const batch of upTo(10)) {
          await events.append(job, [event(`${writer}/${batch}/a`), event(`${writer}/${batch}/b`)]);
        }
      }),
    );
    work.done = true;
    await reader;
    expect(await numbers(job)).toEqual(upTo(400));
    for (const seen of watched) expect(seen).toEqual(upTo(seen.length));
    expect(watched.some(({ length }) => length > 0 && length < 400)).toBe(true);
  });

  it('is written for several jobs in one statement, by writers that name them in any order', async () => {
    const jobs = Array.from({ length: 30 }, newJob);
    await Promise.all(
      upTo(20).map(async (writer) => {
        const inTurn = writer % 2 === 0 ? jobs : jobs.toReversed();
        await events.appendAll(inTurn.map((jobId) => ({ jobId, batch: [event(`${writer}`)] })));
      }),
    );
    for (const job of jobs) expect(await numbers(job)).toEqual(upTo(20));
  });

  it('tells for each of several jobs whose feed has grown', async () => {
    const [known, unknown] = [newJob(), newJob()];
    const about = { owner: 'anna', type: 'ask' };
    const states = await events.appendAll([
      { jobId: known, batch: [event('run/running', { type: 'job.running', about })] },
      { jobId: unknown, batch: [event('run/running', { type: 'job.running' })] },
    ]);
    expect([states.get(known), states.get(unknown)]).toEqual(['anna', null]);
  });

  it('keeps the order in which one writer wrote', async () => {
    const job = newJob();
    await events.append(job, [event('a', { data: { n: 1 } }), event('b', { data: { n: 2 } })]);
    await events.append(job, [event('c', { data: { n: 3 } })]);
    expect((await read(job)).map(({ seq, data }) => [seq, data['n']])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
  });

  it('takes nothing twice', async () => {
    const job = newJob();
    const batch = [event('a'), event('b')];
    await Promise.all(upTo(8).map(() => events.append(job, batch)));
    await events.append(job, [event('b'), event('c'), event('c')]);
    expect(await numbers(job)).toEqual([1, 2, 3]);
  });

  it('drops what an earlier attempt said, and never what the same one has said', async () => {
    const said = (attempt: number, scope = 'run/extract') => {
      const entry = (n: number, type: NewEvent['type']) =>
        event(`${scope}/${attempt}/${n}`, { type, step: 'extract', attempt, scope });
      return [entry(1, 'output.reset'), entry(2, 'output.delta')];
    };
    const job = newJob();
    await events.append(job, said(1));
    // As after a lost answer.
    await events.append(job, said(1));
    await events.append(job, said(2));
    await events.append(job, said(1, 'run/extract~2'));
    expect((await read(job)).map(({ type }) => type)).toEqual([
      'output.delta',
      'output.reset',
      'output.delta',
      'output.reset',
      'output.delta',
    ]);
  });

  it('refuses an attempt that a newer one has replaced', async () => {
    const job = newJob();
    const of = (attempt: number, key: string, scope = 'run/extract') =>
      event(key, { scope, attempt, step: 'extract' });
    await events.append(job, [of(1, '1/1'), of(2, '2/1')]);
    await events.append(job, [of(1, '1/2'), of(1, '1/3', 'run/save'), of(2, '2/2')]);
    expect((await read(job)).map(({ attempt }) => attempt)).toEqual([1, 2, 1, 2]);
    expect(await numbers(job)).toEqual([1, 2, 3, 4]);
  });

  it('takes nothing after the end', async () => {
    const job = newJob();
    await events.append(job, [event('a'), event('end', { type: 'end' }), event('b')]);
    await events.append(job, [event('c'), event('end', { type: 'end' })]);
    expect((await read(job)).map(({ type }) => type)).toEqual(['job.progress', 'end']);
  });

  it('is another one for another job', async () => {
    const [one, other] = [newJob(), newJob()];
    await Promise.all([events.append(one, [event('a')]), events.append(other, [event('a'), event('b')])]);
    expect([await numbers(one), await numbers(other)]).toEqual([[1], [1, 2]]);
  });

  it('is read on from where a reader was', async () => {
    const job = newJob();
    await events.append(
      job,
      upTo(5).map((n) => event(String(n))),
    );
    const page = await events.list(job, { after: 2, limit: 2 });
    expect(page.map(({ seq }) => seq)).toEqual([3, 4]);
  });
});

describe('a receipt', () => {
  const key = (more: Partial<ReceiptKey> = {}): ReceiptKey => ({
    rootJobId: newJob(),
    step: 'save',
    runId: 'run-1',
    ...more,
  });

  it('lets an effect happen once, and gives everybody what it left', async () => {
    const at = key();
    let effects = 0;
    const outcomes = await Promise.all(
      Array.from({ length: 16 }, () => receipts.once(at, async () => ({ n: (effects += 1) }))),
    );
    expect(effects).toBe(1);
    expect(outcomes).toEqual(outcomes.map(() => ({ n: 1 })));
    expect(await receipts.find(at)).toMatchObject({ outcome: { n: 1 } });
  });

  it('is not left by an effect that failed, which may be tried again', async () => {
    const at = key();
    const failing = receipts.once(at, async () => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await receipts.find(at)).toBeNull();
    expect(await receipts.once(at, async () => 'done')).toBe('done');
  });

  it('lets one of those who wait do it when the first one fails', async () => {
    const at = key();
    const begun = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const first = receipts.once(at, async () => {
      begun.resolve();
      await gate.promise;
      throw new Error('lost');
    });
    await begun.promise;
    const second = receipts.once(at, async () => 'second');
    gate.resolve();
    await expect(first).rejects.toThrow('lost');
    expect(await second).toBe('second');
  });

  it('tells a run that gives the step up what the effect left', async () => {
    const at = key();
    await receipts.once(at, async () => ({ newWords: 3 }));
    expect(await receipts.settle(at)).toEqual({ newWords: 3 });
    expect(await receipts.find(at)).toMatchObject({ outcome: { newWords: 3 } });
  });

  it('rules the effect out for the run that gave it up, and for that run only', async () => {
    const at = key();
    expect(await receipts.settle(at)).toBeNull();
    expect(await receipts.settle(at)).toBeNull();
    await expect(receipts.once(at, async () => 'late')).rejects.toThrow(ReceiptVoided);
    expect(await receipts.find(at)).toBeNull();
    const retry = { ...at, runId: 'run-2' };
    expect(await receipts.once(retry, async () => 'again')).toBe('again');
    expect(await receipts.settle(at)).toBe('again');
  });

  it('makes a run that gives up wait for an effect that is under way', async () => {
    const at = key();
    const begun = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const effect = receipts.once(at, async () => {
      begun.resolve();
      await gate.promise;
      return 'in time';
    });
    await begun.promise;
    const settled = receipts.settle(at);
    gate.resolve();
    expect(await Promise.all([effect, settled])).toEqual(['in time', 'in time']);
  });

  it('never lets an effect and its giving up both count', async () => {
    const races = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const at = key();
        const [effect, settled] = await Promise.allSettled([
          receipts.once(at, async () => 'done'),
          receipts.settle(at),
        ]);
        return [effect.status, settled.status === 'fulfilled' ? settled.value : 'failed'].join(' ');
      }),
    );
    for (const race of races) expect(['fulfilled done', 'rejected ']).toContain(race);
  });

  it('of an answer that was paid for keeps the first', async () => {
    const at = key({ step: 'extract' });
    await receipts.put({ ...at, kind: 'reused' }, { words: 1 });
    await receipts.put({ ...at, runId: 'run-2', kind: 'reused' }, { words: 2 });
    expect(await receipts.find(at)).toMatchObject({ outcome: { words: 1 } });
  });

  describe('of a paid answer', () => {
    const [asked, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];

    it('is found by the question it answers, and by no other', async () => {
      const at = key();
      await receipts.put({ ...at, fingerprint: asked, kind: 'paid' }, { words: 1 });
      expect(await receipts.find({ ...at, fingerprint: asked })).toMatchObject({ outcome: { words: 1 } });
      expect(await receipts.find({ ...at, fingerprint: other })).toBeNull();
      expect(await receipts.find(at)).toMatchObject({ outcome: { words: 1 } });
    });

    it('gives way to the answer to another question, and not to a second one to the same', async () => {
      const at = key();
      await receipts.put({ ...at, fingerprint: asked, kind: 'paid' }, { words: 1 });
      await receipts.put({ ...at, fingerprint: asked, kind: 'paid' }, { words: 2 });
      expect(await receipts.find({ ...at, fingerprint: asked })).toMatchObject({ outcome: { words: 1 } });
      await receipts.put({ ...at, fingerprint: other, kind: 'paid' }, { words: 3 });
      expect(await receipts.find({ ...at, fingerprint: other })).toMatchObject({ outcome: { words: 3 } });
      expect(await receipts.find({ ...at, fingerprint: asked })).toBeNull();
    });

    it('answers any question when it was kept without one, and stays', async () => {
      const at = key();
      await receipts.put({ ...at, kind: 'reused' }, { words: 1 });
      await receipts.put({ ...at, fingerprint: asked, kind: 'paid' }, { words: 2 });
      expect(await receipts.find({ ...at, fingerprint: asked })).toMatchObject({ outcome: { words: 1 } });
      expect(await receipts.find({ ...at, fingerprint: other })).toMatchObject({ outcome: { words: 1 } });
    });

    it('is not kept for a step that was given up', async () => {
      const at = key();
      await receipts.settle(at);
      await receipts.put({ ...at, fingerprint: asked, kind: 'paid' }, { words: 1 });
      expect(await receipts.find({ ...at, fingerprint: asked })).toBeNull();
    });
  });
});

describe('the words', () => {
  const word = (text: string, more: Partial<Word> = {}): Word => ({
    word: text,
    lemma: null,
    partOfSpeech: null,
    gender: null,
    translation: null,
    examples: [],
    ...more,
  });
  const save = (
    owner: string,
    words: Word[],
    more: { targetLang?: string; theme?: string; jobId?: string } = {},
  ) =>
    db.transaction().execute((trx) =>
      upsertWords(trx, {
        owner,
        jobId: 'job-1',
        sourceLang: 'es',
        targetLang: 'fr',
        theme: 'el_pais',
        sourceUrl: 'https://example.com/',
        words,
        ...more,
      }),
    );
  const saved = (owner: string) => db.selectFrom('words').selectAll().where('owner', '=', owner).execute();

  it('are counted as new or as updated', async () => {
    const owner = newJob();
    expect(await save(owner, [word('faro'), word('mar')])).toEqual({ newWords: 2, updatedWords: 0 });
    expect(await save(owner, [word('mar'), word('luz')])).toEqual({ newWords: 1, updatedWords: 1 });
    expect(await save(owner, [])).toEqual({ newWords: 0, updatedWords: 0 });
    expect((await saved(owner)).map((row) => row.word).toSorted()).toEqual(['faro', 'luz', 'mar']);
  });

  it('are kept apart by owner, language and theme', async () => {
    const owner = newJob();
    await save(owner, [word('faro')]);
    expect(await save(owner, [word('faro')], { theme: 'By the sea' })).toMatchObject({ newWords: 1 });
    expect(await save(owner, [word('faro')], { targetLang: 'de' })).toMatchObject({ newWords: 1 });
    expect(await save(`${owner}-2`, [word('faro')])).toMatchObject({ newWords: 1 });
  });

  it('have their empty fields filled, and nothing overwritten', async () => {
    const owner = newJob();
    await save(owner, [word('faro', { lemma: 'faro', gender: 'masculine' })]);
    await save(owner, [word('faro', { lemma: 'other', gender: 'other', translation: 'phare' })], {
      jobId: 'job-2',
    });
    await save(owner, [word('faro')]);
    expect(await saved(owner)).toMatchObject([
      { lemma: 'faro', gender: 'masculine', translation: 'phare', part_of_speech: null, job_id: 'job-1' },
    ]);
  });

  it('gather different examples, at most five, the old ones first', async () => {
    const owner = newJob();
    const examples = async () => (await saved(owner))[0]?.examples;
    await save(owner, [word('faro', { examples: ['a', 'b'] })]);
    await save(owner, [word('faro', { examples: ['b', 'c'] })]);
    expect(await examples()).toEqual(['a', 'b', 'c']);
    await save(owner, [word('faro', { examples: ['d', 'e', 'f'] })]);
    expect(await examples()).toEqual(['a', 'b', 'c', 'd', 'e']);
    await save(owner, [word('faro', { examples: ['g'] })]);
    expect(await examples()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('are counted right when many jobs save the same ones at once, in any order', async () => {
    const owner = newJob();
    const words = Array.from({ length: 30 }, (_, n) => word(`palabra${n}`));
    const counts = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        save(owner, n % 2 ? words.toReversed() : words, { jobId: `job-${n}` }),
      ),
    );
    expect(counts.reduce((sum, { newWords }) => sum + newWords, 0)).toBe(30);
    expect(counts.reduce((sum, { updatedWords }) => sum + updatedWords, 0)).toBe(7 * 30);
    expect(await saved(owner)).toHaveLength(30);
  });

  it('are all saved or none', async () => {
    const owner = newJob();
    const twice = save(owner, [word('faro'), word('mar'), word('faro')]);
    await expect(twice).rejects.toThrow('a second time');
    expect(await saved(owner)).toEqual([]);
  });
});

describe('large values', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const text = (value: Uint8Array) => new TextDecoder().decode(value);
  const rows = () => db.selectFrom('large_values').select('value').execute();

  it('are given back in the order asked for, and kept once', async () => {
    const keys = await largeValues.put([bytes('a'), bytes('b'), bytes('a')]);
    const again = await Promise.all([1, 2, 3].map(() => largeValues.put([bytes('b'), bytes('c')])));
    expect(new Set(again.flat())).toEqual(new Set([keys[1], again[0]?.[1]]));
    expect((await largeValues.get([...keys, ...(again[0] ?? [])])).map(text)).toEqual([
      'a',
      'b',
      'a',
      'b',
      'c',
    ]);
    expect(await rows()).toHaveLength(3);
  });

  it('can be put by several at once, in whatever order', async () => {
    for (let round = 1; round <= 5; round += 1) {
      const values = Array.from({ length: 6 }, (_, n) => bytes(`${round}/${n} `.repeat(50_000)));
      const puts = [values, values.toReversed(), values, values.toReversed()];
      const keys = await Promise.all(puts.map((one) => largeValues.put(one)));
      expect(new Set(keys.flat()).size).toBe(values.length);
    }
  });

  it('are missed by name', async () => {
    const [key = ''] = await largeValues.put([bytes('kept')]);
    await expect(largeValues.get([key, 'another'])).rejects.toThrow(
      'the database has no large value another',
    );
  });
});

failOnLeftovers();
