import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import stringWidth from 'string-width';
import { groundedWords } from '../../activities/grounding/grounded-words.js';
import { chooseWordsAnswer } from '../../activities/prompts/choose-words.js';
import { readArticle } from '../../activities/providers/article/readable.js';
import type { Word } from '../../job-types/fields/word.js';
import { jobTypeNamed } from '../../job-types/index.js';
import { recorded, recordedWords } from '../../scripts/demo/recording.js';
import { showNamed, shownTypes } from '../../scripts/demo/shows.js';
import { article } from '../../scripts/demo/shows/article.js';
import { wordsSoFar } from '../../scripts/demo/words-so-far.js';
import { wordsTable } from '../../scripts/demo/words-table.js';
import { projectRoot } from '../../scripts/local/project.js';

const recording = (wordCount: number) => recordedWords(article.recordingFile, wordCount);
const answer = (wordCount: number) => chooseWordsAnswer(wordCount).form.read(recording(wordCount).text);
const most = 30;

describe('the recorded answer', () => {
  const page = readFileSync(join(projectRoot, 'samples', recorded.sample), 'utf8');
  const { text } = readArticle(page, 'https://example.org/');
  const words = answer(most).words;

  it('is one that a model could have given: every word and example stands in the article', async () => {
    expect(words).toHaveLength(most);
    const grounded = await groundedWords({ words }, { text, sourceLang: 'es', wordCount: most });
    expect(grounded).toMatchObject({ notes: [] });
    expect(grounded.words).toHaveLength(most);
    expect(words.filter(({ word }) => !text.includes(word))).toEqual([]);
    expect(words.flatMap(({ examples }) => examples).filter((one) => !text.includes(one))).toEqual([]);
    const unused = words.filter(({ word, examples }) => !examples.every((one) => one.includes(word)));
    expect(unused).toEqual([]);
  });

  it('has a translation for every word, which is not the word', () => {
    expect(words.filter(({ word, translation }) => !translation || translation === word)).toEqual([]);
  });

  it('is as long as it was wished for, and takes seconds', () => {
    expect(answer(5).words).toHaveLength(5);
    expect(recording(12).durationMs).toBeGreaterThan(5_000);
    expect(recording(12).durationMs).toBeLessThan(30_000);
  });

  it('is seen word by word, as soon as a translation is there', () => {
    const { text: whole } = recording(3);
    const lengths = Array.from({ length: whole.length }, (_, length) => length);
    const counts = new Set(lengths.map((length) => wordsSoFar(whole.slice(0, length)).length));
    expect([...counts]).toEqual([0, 1, 2, 3]);
    expect(wordsSoFar(whole)[0]).toEqual({ word: words[0]?.word, translation: words[0]?.translation });
  });

  it('of any other kind has no words', () => {
    expect(wordsSoFar('"word": is what I would say {"word": 7, "translation": "x"}')).toEqual([]);
    expect(wordsSoFar('{"word": "a \\"b\\"", "translation": null}')).toEqual([
      { word: 'a "b"', translation: null },
    ]);
  });
});

describe.each(shownTypes)('the show of %s', (type) => {
  const show = showNamed(type);
  const options = { url: null, from: recorded.from, to: recorded.to, wordCount: 12 };
  if (!show) throw new Error(`${type} is not shown`);

  it('submits what its job type takes, and names a step that this has', () => {
    const jobType = jobTypeNamed(type);
    const input = show.input({ ...options, show, act: 'play', help: false }, 'http://127.0.0.1:3000');
    expect(jobType?.input.safeParse(input).error).toBeUndefined();
    expect(jobType?.steps.map(({ name }) => name)).toContain(show.asks);
  });

  it('plays an answer that takes seconds, and is seen line by line, where one is recorded', () => {
    if (!show.isRecorded({ ...options, show, act: 'play', help: false })) return;
    const { text, durationMs } = show.recording({ ...options, show, act: 'play', help: false });
    expect(durationMs).toBeGreaterThan(2_000);
    expect(durationMs).toBeLessThan(30_000);
    const lines = show.said(text);
    expect(lines.length).toBeGreaterThan(4);
    const half = show.said(text.slice(0, text.length / 2));
    expect(half).toEqual(lines.slice(0, half.length));
    expect(half.length).toBeGreaterThan(0);
    expect(half.length).toBeLessThan(lines.length);
  });
});

describe('the table of words', () => {
  const wide: Word[] = [
    ...answer(most).words,
    {
      word: '図書館は町の真ん中にある',
      lemma: null,
      partOfSpeech: null,
      gender: null,
      translation: 'ë'.normalize('NFD').repeat(50),
      examples: ['👩‍👩‍👧 '.repeat(30)],
    },
  ];

  it.each([300, 120, 80, 60, 40])('is never wider than a terminal of %i columns', (width) => {
    const lines = wordsTable(wide, width).split('\n');
    expect(lines.filter((line) => stringWidth(line) > width)).toEqual([]);
    expect(lines).toHaveLength(wide.length + 2);
  });

  it('shows whole words and translations where 100 columns are', () => {
    const table = wordsTable(answer(12).words, 100);
    for (const { word, translation } of answer(12).words) {
      expect(table).toContain(word);
      expect(table).toContain(translation.slice(0, 15));
    }
  });
});
