import type { Texts } from '../store/texts.js';
import type { Receipts } from '../store/receipts.js';
import type { Article } from './providers/article/readable.js';
import type { ArticleReader } from './providers/article/article-reader.js';
import type { Page, WebFetcher } from './providers/web.js';
import { createPageRooms } from './providers/web/page-room.js';
import { reused } from './frame/receipts.js';
import { currentStep } from './frame/step.js';

export interface FetchArticleInput {
  url: string;
  /** Name of a cookie jar. */
  browser?: string | undefined;
  owner: string;
}

export interface FetchedArticle {
  textId: string;
  /** Where it was found, after redirects. */
  url: string;
  title: string | null;
  /** BCP 47, as the page declares it. */
  language: string | null;
  characters: number;
  notes: string[];
}

export interface ArticleDependencies {
  web: Pick<WebFetcher, 'fetchPage'>;
  reader: Pick<ArticleReader, 'readArticle' | 'readPlainText'>;
  texts: Pick<Texts, 'put'>;
  receipts: Pick<Receipts, 'find' | 'put'>;
}

export function createArticleActivities({ web, reader, receipts, texts }: ArticleDependencies) {
  const rooms = createPageRooms();

  async function fetchAndRead({
    url,
    browser,
  }: FetchArticleInput): Promise<{ page: Page; article: Article }> {
    const step = currentStep();
    const { signal } = step;
    const room = rooms.open();
    try {
      step.progress({ message: `Fetching ${new URL(url).hostname}` });
      const page = await web.fetchPage(url, { browser, room, signal });
      step.progress({ message: 'Looking for the article in the page' });
      const article =
        page.content === 'text'
          ? await reader.readPlainText(page.body, { signal })
          : await reader.readArticle(page.body, page.url, { signal });
      return { page, article };
    } finally {
      room.leave();
    }
  }

  async function fetchAndStore(input: FetchArticleInput): Promise<FetchedArticle> {
    const { name: step, item, rootJobId } = currentStep();
    const { page, article } = await fetchAndRead(input);
    const { title, language, text } = article;
    const found = { url: page.url, title, language };
    const textId = await texts.put({ ...found, rootJobId, step, item, owner: input.owner, text });
    return { textId, ...found, characters: text.length, notes: [...page.notes, ...(article.notes ?? [])] };
  }

  return {
    /** Stores the text of the article and returns a reference to it: histories stay small. */
    fetchArticle: reused(receipts, fetchAndStore),
  };
}
