import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Language } from '../../job-types/fields/language.js';
import { StorableText } from '../../job-types/fields/storable-text.js';
import { Word } from '../../job-types/fields/word.js';
import { OwnerShares } from '../auth/owner-shares.js';
import { Owner } from '../auth/owner.js';
import { answers } from '../openapi/answers.js';
import { pageFields, toPage } from '../openapi/numbered-page.js';
import { Store } from '../database/store.js';

const WordsQuery = z.strictObject({
  sourceLang: Language.optional(),
  targetLang: Language.optional(),
  search: StorableText.trim()
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'Part of a word, lemma or translation' }),
  ...pageFields,
});
type WordsQuery = z.infer<typeof WordsQuery>;

const SavedWord = Word.extend({
  id: z.string(),
  sourceLang: z.string(),
  targetLang: z.string(),
  sourceUrl: z.string().meta({ description: 'Where the word was first found' }),
  jobId: z.string().meta({ description: 'The job that first saved it' }),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
}).meta({ id: 'SavedWord' });

const WordList = z
  .object({ items: z.array(SavedWord), nextPageToken: z.string().nullable() })
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
    const { pageSize, pageToken, ...filter } = query;
    const asked = { ...filter, owner, before: pageToken, limit: pageSize + 1 };
    const words = await this.shares.through(owner, () => this.store.words.list(asked));
    return toPage(words, pageSize);
  }
}
