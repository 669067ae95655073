import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunWorkbookPlanResult } from '../../../job-types/run-workbook-plan.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { storeFile } from '../../harness/stored-file.js';
import { book } from '../../harness/tables.js';
import { until } from '../../harness/until.js';
import type { WorkerProcess } from '../../harness/worker-process.js';
import { zipOf } from '../../harness/zip-of.js';

let house: House;
let worker: WorkerProcess;
const temporary = mkdtempSync(path.join(tmpdir(), 'longhaul-hostile-'));

beforeAll(async () => {
  house = await openHouse({ MODEL: '', CHAT_CONCURRENCY: '4' });
  worker = await house.startWorker({
    TMPDIR: temporary,
    // As a worker has it where people run it.
    NODE_OPTIONS: '--max-semi-space-size=4 --max-old-space-size=384',
  });
});
afterAll(async () => {
  await house.close();
  rmSync(temporary, { recursive: true });
});

const patienceMs = 150_000;
const toJson = { operation: 'json/generate', arguments: {} };

async function submit({
  plan = [toJson],
  ...file
}: {
  name: string;
  content: Uint8Array | string;
  plan?: object[];
}) {
  const id = await storeFile(house, file);
  return (await house.submitJob('runWorkbookPlan', { file: id, plan, confirm: false })).id;
}

const ended = (id: string) => house.jobWhen(id, 'the job is over', ({ done }) => done, patienceMs);

const storedFiles = async (): Promise<number> =>
  (await house.db.selectFrom('files').select('id').execute()).length;

/** Of files that a step has worked on. */
const leftOnDisk = () => readdirSync(temporary).filter((name) => name.startsWith('longhaul-plan-'));

/** In MB; null where the system does not tell it. */
function mostResidentMb(pid: number): number | null {
  if (process.platform !== 'linux') return null;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

async function serves(): Promise<void> {
  const id = await submit({ name: 'sound.csv', content: 'a,b\n1,2\n' });
  expect((await ended(id)).status).toBe('succeeded');
}

const head = '<row r="1"><c r="A1" t="str"><v>a</v></c></row>';
const rows = (xml: string) => book({ rows: `${head}${xml}` });
const shared = (xml: string) => book({ rows: head, others: { 'xl/sharedStrings.xml': `<sst>${xml}` } });
const ole = (word: string) =>
  Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(504), Buffer.from(word, 'utf16le')]);
const part = (name: string, content: Buffer | string = 'x') => ({ name, content: Buffer.from(content) });
const entities = Array.from({ length: 9 }, (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`).join(
  '',
);

/** Name, content, and the code of the failure. */
const badDays: Record<string, [string, () => Uint8Array | string, string]> = {
  'is cut off': ['a.xlsx', () => rows('').subarray(0, 600), 'workbook-damaged'],
  'has no byte': ['a.xlsx', () => '', 'workbook-empty'],
  'has no cell': ['a.xlsx', () => book({ rows: '' }), 'workbook-empty'],
  'has a password': ['a.xlsx', () => ole('EncryptedPackage'), 'workbook-locked'],
  'is of before 2007': ['a.xls', () => ole('Workbook'), 'workbook-old'],
  'is a CSV file by the name of a workbook': ['a.xlsx', () => 'a,b\n1,2\n', 'workbook-mislabelled'],
  'is a workbook by the name of a CSV file': ['a.csv', () => rows(''), 'workbook-mislabelled'],
  'is another archive': ['a.xlsx', () => zipOf([part('readme.txt')]), 'workbook-mislabelled'],
  'says that it unpacks to 3 GB': [
    'a.xlsx',
    () => zipOf([{ ...part('_rels/.rels'), saysBytes: 3_000_000_000 }]),
    'file-beyond-limit',
  ],
  'unpacks to one text of 60 MB': [
    'a.xlsx',
    () => rows(`<row><c t="str"><v>${'x'.repeat(60_000_000)}</v></c></row>`),
    'file-beyond-limit',
  ],
  'unpacks to 100 MB in one cell': [
    'a.xlsx',
    () => rows(`<row><c t="inlineStr"><is>${'<t>xxxxxxxxxxx</t>'.repeat(5_500_000)}`),
    'file-beyond-limit',
  ],
  'unpacks to texts that cells share, and nothing else': [
    'a.xlsx',
    () => shared('<si><t>xyz</t></si>'.repeat(2_100_000)),
    'file-beyond-limit',
  ],
  'has too many parts': [
    'a.xlsx',
    () => zipOf(Array.from({ length: 20_000 }, (_, n) => part(`p${n}`, ''))),
    'file-beyond-limit',
  ],
  'has names of 10 MB': [
    'a.xlsx',
    () => zipOf(Array.from({ length: 170 }, (_, n) => part(`${n}${'n'.repeat(60_000)}`))),
    'file-beyond-limit',
  ],
  'ends in a comment that is no end': [
    'a.xlsx',
    () => Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(200_000, 'PK\x05\x06')]),
    'workbook-damaged',
  ],
  'has parts on top of each other': [
    'a.xlsx',
    () => zipOf([{ ...part('_rels/.rels', Buffer.alloc(100_000, 'xy')), listed: 2000 }]),
    'workbook-damaged',
  ],
  'says less of a part than is in it': [
    'a.xlsx',
    () => zipOf([{ ...part('_rels/.rels', Buffer.alloc(50_000_000)), saysBytes: 10 }]),
    'workbook-damaged',
  ],
  'has names that are paths of the disk': [
    'a.xlsx',
    () => zipOf([part('../../../../tmp/x'), part('/etc/x'), part('_rels/.rels', '<a/>')]),
    'workbook-damaged',
  ],
  'declares entities': [
    'a.xlsx',
    () =>
      book({
        rows: '',
        others: {
          'xl/worksheets/sheet1.xml': `<!DOCTYPE a [<!ENTITY e0 "ha">${entities}]><worksheet>&e9;</worksheet>`,
        },
      }),
    'workbook-damaged',
  ],
  'is nested deep': ['a.xlsx', () => rows('<row>'.repeat(1_000_000)), 'workbook-damaged'],
  'has a column beyond all': [
    'a.xlsx',
    () => rows('<row><c r="XFD2"><v>1</v></c></row>'),
    'file-beyond-limit',
  ],
  'is JSON of many small things': [
    'a.json',
    () => `[{"a": [${'{},'.repeat(7_000_000)}1]}]`,
    'file-beyond-limit',
  ],
  'is JSON that is nested deep': ['a.json', () => '['.repeat(5_000_000), 'file-beyond-limit'],
  'is CSV with a quote that is never closed': [
    'a.csv',
    () => `a\n"${'x'.repeat(20_000_000)}`,
    'workbook-damaged',
  ],
};

describe('a workbook of a bad day', () => {
  it.each(Object.entries(badDays))('that %s ends its job by name', async (_, [name, content, code]) => {
    const { status, failure } = await ended(await submit({ name, content: content() }));
    expect([status, failure?.code]).toEqual(['failed', code]);
  });

  it('tells how an old one is converted', async () => {
    const { failure } = await ended(await submit({ name: 'a.xls', content: ole('Workbook') }));
    expect(failure?.detail).toContain('.xlsx');
  });

  it.each([
    ['two parts of one name', { 'XL/WORKSHEETS/SHEET1.XML': '<worksheet/>' }],
    [
      'the size of a whole sheet',
      {
        'xl/worksheets/sheet1.xml': `<worksheet><dimension ref="A1:XFD1048576"/><cols><col min="1" max="16384"/></cols><sheetData>${head}<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData></worksheet>`,
      },
    ],
  ])('that says it has %s is read for what it is', async (_, others) => {
    const plan = [{ operation: 'normalization/apply', arguments: { column: 'a', type: 'trim' } }, toJson];
    const { status } = await ended(
      await submit({ name: 'a.xlsx', content: book({ rows: head, others }), plan }),
    );
    expect(status).toBe('succeeded');
  });

  it('is one of many at once, of which the worker dies as little', async () => {
    const bombs = ['unpacks to 100 MB in one cell', 'unpacks to texts that cells share, and nothing else'];
    const made = bombs.map((one) => badDays[one]!).map(([name, content]) => ({ name, content: content() }));
    const ids = await Promise.all([...made, ...made].map((one) => submit(one)));
    const ends = await Promise.all(ids.map((id) => ended(id)));
    expect(new Set(ends.map(({ failure }) => failure?.code))).toEqual(new Set(['file-beyond-limit']));
  });

  it('leaves the worker as it was: the next job is served, and nothing is on its disk', async () => {
    await serves();
    expect(leftOnDisk()).toEqual([]);
    expect(worker.log().filter((line) => /heap|fatal/i.test(line))).toEqual([]);
    expect(mostResidentMb(worker.pid) ?? 0).toBeLessThan(1000);
  });
});

describe('a step over 50,000 rows', () => {
  it('is stopped in its middle by a cancel, and leaves no file', async () => {
    const content = `a,b\n${Array.from({ length: 50_000 }, (_, n) => `${n},text ${n}\n`).join('')}`;
    // Each looks at the whole column once more: all of it takes minutes.
    const median = {
      column_name: 'a',
      normalization_type: 'fill_null_values',
      parameters: { method: 'median' },
    };
    const plan = [
      {
        operation: 'normalization/apply',
        arguments: { normalizations: Array.from({ length: 100 }, () => median) },
      },
    ];
    const id = await submit({ name: 'long.csv', content, plan });
    const before = await storedFiles();
    const isRunning = () => leftOnDisk().length > 0;
    await house.jobWhen(
      id,
      'the step is under way',
      ({ steps }) => isRunning() && steps.some(({ name, status }) => name === 'run' && status === 'running'),
    );
    await house.ask('POST', `/v1/jobs/${id}/cancel`, { gracePeriod: 120 });
    const { status, result, steps } = await ended(id);
    expect([status, result]).toEqual(['cancelled', null]);
    expect(steps.find(({ name }) => name === 'run')?.done ?? 0).toBe(0);
    expect(await storedFiles()).toBe(before);
    await until(() => leftOnDisk().length === 0, { what: 'the folder of the step is gone' });
    await serves();
  });

  it('goes through three steps', async () => {
    const content = `a,b\n${Array.from({ length: 50_000 }, (_, n) => `${n},text ${n}\n`).join('')}`;
    const plan = [
      { operation: 'csv/convert-to-excel', arguments: {} },
      { operation: 'normalization/apply', arguments: { column: 'b', type: 'uppercase' } },
      toJson,
    ];
    const { status, result } = await ended(await submit({ name: 'long.csv', content, plan }));
    expect(status).toBe('succeeded');
    expect((result as RunWorkbookPlanResult).steps.map(({ rows: count }) => count)).toEqual([
      50_000, 50_000, 50_000,
    ]);
  });
});

failOnLeftovers();
