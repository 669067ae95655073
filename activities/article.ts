import type { Documents } from '../store/documents.js';
import type { Receipts } from '../store/receipts.js';
import { readPlainText } from './providers/article/readable.js';
import type { ArticleReader } from './providers/article/article-reader.js';
import type { WebFetcher } from './providers/web.js';
import { reuse } from './reuse.js';
import { currentStep } from './step.js';

export interface FetchArticleInput {
  url: string;
  /** Name of a cookie jar. */
  browser?: string | undefined;
  owner: string;
}

export interface FetchedArticle {
  documentId: string;
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
  reader: Pick<ArticleReader, 'readArticle'>;
  documents: Pick<Documents, 'put'>;
  receipts: Pick<Receipts, 'find' | 'put'>;
}

export function createArticleActivities({ web, reader, documents, receipts }: ArticleDependencies) {
  async function fetchAndStore({ url, browser, owner }: FetchArticleInput): Promise<FetchedArticle> {
    const step = currentStep();
    const { signal, rootJobId } = step;
    step.progress({ message: `Fetching ${new URL(url).hostname}` });
    const page = await web.fetchPage(url, { browser, signal });

    step.progress({ message: 'Looking for the article in the page' });
    const article =
      page.content === 'text'
        ? readPlainText(page.body)
        : await reader.readArticle(page.body, page.url, { signal });

    const { title, language, text } = article;
    const found = { url: page.url, title, language };
    const documentId = await documents.put({ ...found, rootJobId, step: step.name, owner, text });
    return { documentId, ...found, characters: text.length, notes: page.notes };
  }

  return {
    /** Stores the text of the article and returns a reference to it: histories stay small. */
    fetchArticle: (input: FetchArticleInput): Promise<FetchedArticle> =>
      reuse(receipts, () => fetchAndStore(input)),
  };
}
