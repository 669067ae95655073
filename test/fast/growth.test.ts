import { describe, expect, it } from '@jest/globals';
import { cleanLine } from '../../activities/providers/article/clean-text.js';
import { parseDeclarations } from '../../activities/providers/article/declarations.js';
import { flightParts, readFlight } from '../../activities/providers/article/flight.js';
import { isTooIntricate } from '../../activities/providers/article/intricacy.js';
import { withoutLongTags } from '../../activities/providers/article/long-tags.js';
import { decodedOnceMore } from '../../activities/providers/article/twice-encoded.js';
import { weighLetters } from '../../activities/providers/article/why-no-article.js';
import { plainText } from '../../job-types/fields/plain-text.js';
import { askedWords } from '../../activities/grounding/asked-words.js';
import { folded } from '../../activities/grounding/folded.js';
import { bare, createMaterial } from '../../activities/grounding/material.js';
import { writtenFrom } from '../../activities/grounding/segments.js';
import { withoutFence } from '../../activities/grounding/without-fence.js';
import { themeWords } from '../../activities/grounding/theme-words.js';
import { readable } from '../../activities/prompts/readable.js';
import { bodyDelay } from '../../activities/providers/wire/body-delay.js';
import { readFault } from '../../activities/providers/wire/told-fault.js';
import { block } from '../../activities/templates/markdown.js';
import { starSuccessIn } from '../../job-types/fields/star-success.js';
import { blocksOf } from '../../src/library/files/blocks.js';
import { JsonItems } from '../../activities/providers/json-items.js';
import { jsonIn } from '../../activities/providers/json-in-text.js';
import { endsInLoop } from '../../activities/providers/loop.js';
import { SpokenText } from '../../activities/providers/reasoning.js';
import { createRedaction } from '../../activities/providers/redaction.js';
import { parseRetryAfter } from '../../activities/providers/retry-after.js';
import { rulesLanguage } from '../../activities/providers/rules-language.js';
import type { Answer } from '../../activities/providers/model.js';
import { parseContentType } from '../../activities/providers/web/content.js';
import { parseCookieJar } from '../../activities/providers/web/cookie-jar.js';
import { declaredLabels } from '../../activities/providers/web/declared-charset.js';
import { detectCharset } from '../../activities/providers/web/detect-charset.js';
import { tidyHead } from '../../activities/providers/web/tidy-head.js';
import { isDateFormat } from '../../activities/workbook/dates.js';
import { propose } from '../../activities/workbook/planning/propose.js';
import { languageTag } from '../../job-types/fields/language.js';
import { framedTexts, growingTexts, growth, isWorseThanLinear, type Reader } from '../harness/growth.js';

const redact = createRedaction(['sk-secret']);

const byRules = (tag: string): Reader => {
  const language = rulesLanguage(tag);
  return (text) => language?.sentences(text).forEach((sentence) => language.words(sentence));
};

/** In the pieces in which models say it. */
const spoken: Reader = (text) => {
  const said = new SpokenText();
  for (const piece of text.match(/[^]{1,12}/gu) ?? []) said.add(piece);
  said.end();
};

/** A word as a model gives it, of which one part grows. */
const word = (text: string) => ({
  ...{ word: text, lemma: text, partOfSpeech: text, gender: text, translation: text, examples: [text] },
});

/** All of ours that reads what strangers write; a new one belongs here. */
const readers: readonly [name: string, read: Reader][] = [
  ['plainText', plainText],
  ['cleanLine', cleanLine],
  ['weighLetters', weighLetters],
  ['isTooIntricate', isTooIntricate],
  ['withoutLongTags', withoutLongTags],
  ['parseDeclarations', parseDeclarations],
  ['decodedOnceMore', decodedOnceMore],
  ['flightParts', flightParts],
  ['readFlight', readFlight],
  ['redaction', redact],
  ['languageTag', languageTag],
  ['the rules, in English', byRules('en')],
  ['the rules, in Chinese', byRules('zh')],
  ['declaredLabels', (text) => [...declaredLabels(Buffer.from(text))]],
  ['detectCharset', (text) => detectCharset(Buffer.from(`é${text}`, 'latin1'))],
  ['parseContentType', parseContentType],
  ['parseCookieJar', parseCookieJar],
  ['parseRetryAfter', (text) => parseRetryAfter({ 'retry-after': text })],
  ['jsonIn', (text) => [...jsonIn(text)]],
  ['jsonIn, behind a brace', (text) => [...jsonIn(`{"a": ${text}`)]],
  ['JsonItems', (text) => new JsonItems().add(`[{"a": ${text}`)],
  ['endsInLoop', (text) => endsInLoop(text, 8_000)],
  ['SpokenText', spoken],
  ['SpokenText, behind a thought', (text) => spoken(`<think>a</think>${text}`)],
  ['createMaterial', createMaterial],
  ['folded', folded],
  ['bare', bare],
  ['isSentence', (text) => createMaterial('una frase').isSentence(text)],
  ['hasWord', (text) => createMaterial(text).hasWord(text.slice(0, 40))],
  ['hasPassage', (text) => createMaterial('una frase').hasPassage(text)],
  ['askedWords', (text) => askedWords([word(text)], [text])],
  ['themeWords', (text) => themeWords(answerOf(text), { theme: text, wordCount: 5, known: [] })],
  ['a segment', (text) => writtenFrom({ ...written, text: `a${text}a` })],
  ['withoutFence', (text) => withoutFence(`\`\`\`\n${text}a`)],
  ['a profile', (text) => readable({ a: [text, { b: text }] })],
  ['a block of a template', block],
  ['Markdown', blocksOf],
  ['starSuccessIn', (text) => starSuccessIn(`[STAR_COMPLETE_START]${text}[STAR_COMPLETE_END]`)],
  ['readFault', readFault],
  ['bodyDelay', (text) => bodyDelay({ error: { message: text } }, text)],
  ['propose', (text) => propose(`trim a${text}b`, { file: { name: 'a.csv', columns: ['b'] }, others: [] })],
  ['isDateFormat', (text) => isDateFormat(`[${text}`)],
  ['tidyHead', (text) => tidyHead(`HTTP/1.1 200 OK\r\na: ${text}`)],
];

const answerOf = (text: string) => ({ relatedTheme: text, words: [word(text)] });

const written: Omit<Answer<null>, 'text'> = {
  value: null,
  finishReason: 'stop',
  provider: 'openai/any',
  usage: null,
  notes: [],
};

describe('a text that grows', () => {
  it.each(readers)('(read by %s) takes no more time than it grows by', (_, read) => {
    const worse = [...growingTexts, ...framedTexts].flatMap((growing) => {
      const ratio = growth(read, growing);
      return isWorseThanLinear(ratio) ? [{ ...growing, ratio }] : [];
    });
    expect(worse).toEqual([]);
  });
});

describe('the measure itself', () => {
  it.each<[what: string, pattern: RegExp, piece: string]>([
    ['wrapped lines', /[ \t]*\n[ \t]*(?=\p{Ll})/gu, ' '],
    ['a fence', /^\s*```\w*\s*|\s*```\s*$/g, ' '],
  ])('finds a pattern that takes the square of a text (%s)', (_, pattern, piece) => {
    const isFound = () => isWorseThanLinear(growth((text) => text.replace(pattern, ''), { piece }));
    // Other work on the machine may slow the shorter text down alone.
    expect([1, 2, 3, 4, 5].some(isFound)).toBe(true);
  });
});
