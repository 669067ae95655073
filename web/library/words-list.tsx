import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { deleteWord, type SavedWord } from '../../client/index.js';
import { ask } from '../api/problem-error.js';
import { ProblemNote } from '../shared/problem-note.js';
import { count, sentenceCase } from '../shared/shown.js';
import { TwiceButton } from '../shared/twice-button.js';
import { ChoiceFilter, TextFilter } from './filter-field.js';
import { wordsQuery } from './library-queries.js';
import type { LibrarySearch } from './library-search.js';
import { ListFrame } from './list-frame.js';
import { useRemoval } from './use-removal.js';

/** A seed vocabulary: the words that jobs have found in articles, made for themes, or translated. */
export function WordsList({ search }: { search: LibrarySearch }) {
  const answer = useQuery(wordsQuery(search));
  const { counts } = answer.data ?? {};
  const about = { kind: 'words', search } as const;
  return (
    <>
      <div className="library-filters">
        <TextFilter {...about} filter="search" label="Search" />
        <ChoiceFilter
          {...about}
          filter="theme"
          label="Theme"
          all="Every theme"
          choices={(counts?.byTheme ?? []).map(({ theme, words }) => ({
            value: theme,
            name: `${theme} (${count(words)})`,
          }))}
        />
        <ChoiceFilter
          {...about}
          filter="partOfSpeech"
          label="Part of speech"
          all="All"
          choices={(counts?.byPartOfSpeech ?? []).flatMap(({ partOfSpeech, words }) =>
            partOfSpeech === null ? [] : [{ value: partOfSpeech, name: `${partOfSpeech} (${count(words)})` }],
          )}
        />
        <TextFilter {...about} filter="sourceLang" label="From" />
        <TextFilter {...about} filter="targetLang" label="To" />
        {counts && (
          <p className="quiet" role="status">
            {counts.total === 1 ? 'One word' : `${count(counts.total)} words`}
          </p>
        )}
      </div>
      <ListFrame
        kind="words"
        search={search}
        answer={answer}
        empty={{
          title: 'No word yet',
          how: (
            <Link to="/submit/$type" params={{ type: 'extractArticle' }}>
              Take some out of an article
            </Link>
          ),
        }}
      >
        {(words) => <WordTable words={words} />}
      </ListFrame>
    </>
  );
}

function WordTable({ words }: { words: readonly SavedWord[] }) {
  const { remove, removing, failure } = useRemoval('words', (wordId) =>
    ask(deleteWord({ path: { wordId } })),
  );
  return (
    <>
      {failure && <ProblemNote failure={failure} />}
      <table className="library-table">
        <thead>
          <tr>
            <th scope="col">Word</th>
            <th scope="col">Translation</th>
            <th scope="col">Example</th>
            <th scope="col">Theme</th>
            <th scope="col">
              <span className="visually-hidden">What can be done</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {words.map((word) => (
            <tr key={word.id} data-word={word.id}>
              <td>
                <strong lang={word.sourceLang}>{word.word}</strong>{' '}
                <span className="quiet">
                  {[word.gender, word.partOfSpeech].filter(Boolean).join(' ')}
                  {word.lemma !== null && word.lemma !== word.word && ` of ${word.lemma}`}
                </span>
              </td>
              <td>
                {word.translation === null ? (
                  <span className="quiet">–</span>
                ) : (
                  <span lang={word.targetLang}>{word.translation}</span>
                )}{' '}
                <span className="quiet languages">
                  {word.sourceLang} → {word.targetLang}
                </span>
              </td>
              <td lang={word.sourceLang}>{word.examples[0] ?? '–'}</td>
              <td className="quiet">{sentenceCase(word.theme.replaceAll('_', ' '))}</td>
              <td className="number">
                <TwiceButton
                  label={`Delete the word ${word.word}`}
                  again="Really delete?"
                  busy={removing}
                  onTwice={() => remove(word.id)}
                >
                  Delete
                </TwiceButton>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
