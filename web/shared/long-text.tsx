import { lazy, Suspense } from 'react';

const Plain = ({ text }: { text: string }) => <p className="prose">{text}</p>;

/** Where it cannot be fetched, texts are shown as they are written: a view goes on without it. */
const Markdown = lazy(() => import('./markdown.js').catch(() => ({ default: Plain })));

/** A text of several lines or many words, which models write as Markdown. */
export const LongText = ({ text }: { text: string }) => (
  <Suspense fallback={<Plain text={text} />}>
    <Markdown text={text} />
  </Suspense>
);
