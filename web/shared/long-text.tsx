import { lazy, Suspense } from 'react';
import { part } from './part.js';

const Markdown = lazy(part(() => import('./markdown.js')));

/** A text of several lines or many words, which models write as Markdown. */
export function LongText({ text }: { text: string }) {
  return (
    <Suspense fallback={<p className="prose">{text}</p>}>
      <Markdown text={text} />
    </Suspense>
  );
}
