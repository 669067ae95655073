import { Controller, Delete, Get, NotFoundException, Param, Query, UseFilters } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { StorableText } from '../../../job-types/fields/storable-text.js';
import { articleTheme } from '../../../job-types/fields/theme.js';
import { OwnerShares } from '../../auth/owner-shares.js';
import { Owner } from '../../auth/owner.js';
import { Store } from '../../database/store.js';
import { FastApiFilter, answersAsFastApi } from '../fast-api.js';
import {
  Deleted,
  EntriesQuery,
  Entry,
  EntryPage,
  ListedTheme,
  Stats,
  SyncStatus,
  ThemeQuery,
  ThemeWithWords,
  toEntry,
  toListedTheme,
} from './entries.js';

/** Of a theme that is shown whole. Its own page shows 30. */
const mostOfTheme = 5_000;

/** What the vocabulary builder's page shows of the words that are saved. */
@ApiTags('compatible')
@UseFilters(FastApiFilter)
@Controller('api')
export class VocabularyLibraryController {
  constructor(
    private readonly store: Store,
    private readonly shares: OwnerShares,
  ) {}

  @Get('vocabulary')
  @ApiOperation({
    operationId: 'listVocabulary',
    summary: 'The saved words, as the vocabulary builder lists them',
  })
  @answersAsFastApi(EntryPage, [422])
  list(@Query({ schema: EntriesQuery }) query: EntriesQuery, @Owner() owner: string): Promise<EntryPage> {
    const { page, page_size, theme } = query;
    const filter = { owner, theme: theme || undefined };
    return this.shares.through(owner, async () => {
      const [words, { total }] = await Promise.all([
        this.store.words.list(filter, { limit: page_size, offset: (page - 1) * page_size }),
        this.store.words.count(filter),
      ]);
      return { items: words.map(toEntry), total, page, page_size, total_pages: Math.ceil(total / page_size) };
    });
  }

  @Get('vocabulary/stats')
  @ApiOperation({
    operationId: 'countVocabulary',
    summary: 'How many words there are, as the vocabulary builder counts',
  })
  @answersAsFastApi(Stats, [422])
  stats(@Query({ schema: ThemeQuery }) { theme }: ThemeQuery, @Owner() owner: string): Promise<Stats> {
    return this.shares.through(owner, async () => {
      const all = await this.store.words.count({ owner });
      const fitting = theme ? await this.store.words.count({ owner, theme }) : all;
      const known = fitting.byPartOfSpeech.flatMap(({ partOfSpeech, words }) =>
        partOfSpeech === null ? [] : [[partOfSpeech, words] as const],
      );
      return {
        total_words: fitting.total,
        by_pos: Object.fromEntries(known),
        by_theme: Object.fromEntries(all.byTheme.map((one) => [one.theme, one.words])),
      };
    });
  }

  @Get('vocabulary/:word_id')
  @ApiOperation({
    operationId: 'readVocabularyWord',
    summary: 'One saved word, as the vocabulary builder shows it',
  })
  @answersAsFastApi(Entry, [404])
  async word(@Param('word_id') id: string, @Owner() owner: string): Promise<Entry> {
    const word = await this.store.words.read(id, owner);
    if (!word) throw new NotFoundException('Word not found');
    return toEntry(word);
  }

  @Delete('vocabulary/:word_id')
  @ApiOperation({
    operationId: 'deleteVocabularyWord',
    summary: 'Delete a saved word, as the vocabulary builder does',
  })
  @answersAsFastApi(Deleted, [404])
  async delete(@Param('word_id') id: string, @Owner() owner: string): Promise<Deleted> {
    const word = await this.store.words.delete(id, owner);
    if (!word) throw new NotFoundException('Word not found');
    return { message: `"${word.word}" was deleted.` };
  }

  @Get('themes')
  @ApiOperation({
    operationId: 'listVocabularyThemes',
    summary: 'The themes, as the vocabulary builder lists them',
  })
  @answersAsFastApi(z.array(ListedTheme), [])
  async themes(@Owner() owner: string): Promise<ListedTheme[]> {
    const themes = await this.shares.through(owner, () => this.store.themes.list(owner));
    return themes.filter(({ theme }) => theme !== articleTheme).map(toListedTheme);
  }

  @Get('themes/:theme')
  @ApiOperation({
    operationId: 'readVocabularyTheme',
    summary: 'A theme with its words, as the vocabulary builder shows it',
  })
  @answersAsFastApi(ThemeWithWords, [404])
  async theme(@Param('theme') name: string, @Owner() owner: string): Promise<ThemeWithWords> {
    const found = StorableText.safeParse(name).success && (await this.themeWithWords(name, owner));
    if (!found) throw new NotFoundException('Theme not found');
    return found;
  }

  @Get('sync/status')
  @ApiOperation({ operationId: 'readVocabularySync', summary: 'Whether there is an Anki to sync to: never' })
  @answersAsFastApi(SyncStatus, [])
  sync(): SyncStatus {
    return {
      connected: false,
      message: 'This server has no Anki beside it, so words are not synced to decks.',
    };
  }

  private themeWithWords(name: string, owner: string): Promise<ThemeWithWords | null> {
    return this.shares.through(owner, async () => {
      const [themes, words] = await Promise.all([
        this.store.themes.list(owner),
        this.store.words.list({ owner, theme: name }, { limit: mostOfTheme }),
      ]);
      const theme = themes.find((one) => one.theme === name);
      return theme ? { theme: toListedTheme(theme), words: words.map(toEntry) } : null;
    });
  }
}
