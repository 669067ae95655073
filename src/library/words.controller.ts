import { Controller, Delete, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Language } from '../../job-types/fields/language.js';
import { StorableText } from '../../job-types/fields/storable-text.js';
import { Theme } from '../../job-types/fields/theme.js';
import { Word } from '../../job-types/fields/word.js';
import { OwnerShares } from '../auth/owner-shares.js';
import { Owner } from '../auth/owner.js';
import { answers } from '../openapi/answers.js';
import { pageFields, toPage } from '../openapi/numbered-page.js';
import { searchField } from '../openapi/search-field.js';
import { Store } from '../database/store.js';
import { Problem } from '../problems/problems.js';

const WordsQuery = z.strictObject({
  sourceLang: Language.optional(),
  targetLang: Language.optional(),
  theme: Theme.optional(),
  partOfSpeech: StorableText.trim().min(1).max(60).optional().meta({ description: 'As the words have it' }),
  search: searchField('Part of a word, lemma or translation'),
  counts: z
    .enum(['true', 'false'])
    .default('false')
    .meta({ description: 'Whether to count the words that fit, by part of speech and theme' }),
  ...pageFields,
});
type WordsQuery = z.infer<typeof WordsQuery>;

const SavedWord = Word.extend({
  id: z.string(),
  sourceLang: z.string(),
  targetLang: z.string(),
  theme: z.string().meta({ description: '"el_pais" for words of articles' }),
  sourceUrl: z.string().nullable().meta({
    description: 'Where the word was first found; null when it was given by a person or made for its theme',
  }),
  jobId: z.string().meta({ description: 'The job that first saved it' }),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
}).meta({ id: 'SavedWord' });
type SavedWord = z.infer<typeof SavedWord>;

const WordCounts = z
  .object({
    total: z.int(),
    byPartOfSpeech: z.array(z.object({ partOfSpeech: z.string().nullable(), words: z.int() })),
    byTheme: z.array(z.object({ theme: z.string(), words: z.int() })),
  })
  .meta({ id: 'WordCounts', description: 'Over all pages, the most frequent first' });

const WordList = z
  .object({
    items: z.array(SavedWord),
    nextPageToken: z.string().nullable(),
    counts: WordCounts.nullable().meta({ description: 'Null without counts=true' }),
  })
  .meta({ id: 'WordList' });
type WordList = z.infer<typeof WordList>;

@ApiTags('library')
@Controller('v1/words')
export class WordsController {
  constructor(
    private readonly store: Store,
    private readonly shares: OwnerShares,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Browse the saved words, newest first' })
  @answers(200, WordList, [422])
  async list(@Owner() owner: string, @Query({ schema: WordsQuery }) query: WordsQuery): Promise<WordList> {
    const { pageSize, pageToken, counts, ...rest } = query;
    const filter = { ...rest, owner };
    const page = { before: pageToken, limit: pageSize + 1 };
    return this.shares.through(owner, async () => {
      const [words, counted] = await Promise.all([
        this.store.words.list(filter, page),
        counts === 'true' ? this.store.words.count(filter) : null,
      ]);
      return { ...toPage(words, pageSize), counts: counted };
    });
  }

  @Get(':wordId')
  @ApiOperation({ operationId: 'readWord', summary: 'Read one of the saved words' })
  @answers(200, SavedWord, [404])
  async read(@Param('wordId') id: string, @Owner() owner: string): Promise<SavedWord> {
    const word = await this.store.words.read(id, owner);
    if (!word) throw notFound(id);
    return word;
  }

  @Delete(':wordId')
  @ApiOperation({
    operationId: 'deleteWord',
    summary: 'Delete one of the saved words; the answer is what it was',
  })
  @answers(200, SavedWord, [404])
  async delete(@Param('wordId') id: string, @Owner() owner: string): Promise<SavedWord> {
    const word = await this.store.words.delete(id, owner);
    if (!word) throw notFound(id);
    return word;
  }
}

const notFound = (id: string) => new Problem('not-found', `There is no word ${id}.`);
