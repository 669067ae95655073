import { describe, expect, it } from '@jest/globals';
import { runInStep } from '../../activities/frame/step.js';
import { type EndedText, joinedTexts } from '../../activities/joined-texts.js';
import type { NewFile } from '../../activities/providers/files.js';
import type { StoredFile } from '../../store/files.js';
import { recordingStep } from '../harness/recording-step.js';

/** Shelves with these texts on them, which note what is written and how many texts are in memory at once. */
function shelvesOf(bodies: Readonly<Record<string, string>>) {
  const written: { name: string; content: string }[] = [];
  let together = 0;
  const of = (ids: readonly string[]) => ids.filter((id) => id in bodies);
  return {
    written,
    together: () => together,
    texts: {
      read: async (id: string) => bodies[id] ?? null,
      async readAll(ids: readonly string[]) {
        together = Math.max(together, ids.length);
        return new Map(of(ids).map((id) => [id, bodies[id] ?? '']));
      },
      lengths: async (ids: readonly string[]) => new Map(of(ids).map((id) => [id, bodies[id]?.length ?? 0])),
    },
    files: {
      async write({ name, bytes }: NewFile): Promise<StoredFile> {
        const pieces: Uint8Array[] = [];
        for await (const piece of bytes as AsyncIterable<Uint8Array>) pieces.push(piece);
        written.push({ name, content: Buffer.concat(pieces).toString() });
        return { id: 'file_1' } as StoredFile;
      },
    },
  };
}

const ends: EndedText[] = [
  { title: 'a.wav', subtitle: null, textId: 'a' },
  { title: 'b.wav', subtitle: 'failed', value: `Transcription failed: ${'x'.repeat(300)}.` },
  { title: 'c.wav', subtitle: null, textId: 'c' },
  { title: 'd.wav', subtitle: null, textId: 'd' },
];
const bodies = { a: 'Ä"\n'.repeat(200), c: 'short', d: 'd'.repeat(600) };

const joined = (shelves: ReturnType<typeof shelvesOf>, limits?: { shown: number; file: number }) =>
  runInStep(recordingStep(), () =>
    joinedTexts(ends, shelves, { owner: 'ann', name: 'transcripts', ...(limits ? { limits } : {}) }),
  );
const whole = [bodies.a, (ends[1] as { value: string }).value, bodies.c, bodies.d];

describe('the texts of many files', () => {
  it('are the result itself as long as they are not too long for one', async () => {
    const shelves = shelvesOf(bodies);
    const { texts, ...rest } = await joined(shelves);
    expect(texts.map(({ value }) => value)).toEqual(whole);
    expect(rest).toEqual({ notes: [] });
    expect(shelves.written).toEqual([]);
  });

  it('stand whole in a file where they are, and the result has the beginning of each', async () => {
    const shelves = shelvesOf(bodies);
    const { texts, textsFile, notes } = await joined(shelves, { shown: 1_000, file: 100_000 });
    expect(textsFile).toBe('file_1');
    expect(notes).toHaveLength(1);
    expect(texts.map(({ value }) => value)).toEqual([
      `${bodies.a.slice(0, 125)}…`,
      whole[1],
      'short',
      `${bodies.d.slice(0, 125)}…`,
    ]);
    const [file] = shelves.written;
    expect(file?.name).toBe('transcripts.json');
    expect(JSON.parse(file?.content ?? '')).toEqual(
      ends.map(({ title, subtitle }, index) => ({ title, value: whole[index], subtitle })),
    );
    // Not even two of them are in memory.
    expect(shelves.together()).toBe(0);
  });

  it('stand there as far as a file takes them, which is told', async () => {
    const shelves = shelvesOf(bodies);
    const { notes } = await joined(shelves, { shown: 1_000, file: 2_000 });
    const content = JSON.parse(shelves.written[0]?.content ?? '') as { value: string }[];
    expect(content.map(({ value }) => value)).toEqual([...whole.slice(0, 3), `${'d'.repeat(125)}…`]);
    expect(notes[1]).toMatch(/of 1 texts it has the beginning/);
  });

  it.each([[{ a: 'a', c: 'c' }], [{ a: 'a'.repeat(2_000), c: 'c' }]])(
    'are not given when one of them is gone',
    async (there) => {
      await expect(joined(shelvesOf(there), { shown: 1_000, file: 1_500 })).rejects.toMatchObject({
        code: 'result-missing',
      });
    },
  );
});
