import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { deleteResearch } from '../../client/index.js';
import { ask } from '../api/problem-error.js';
import { ProblemNote } from '../shared/problem-note.js';
import { time } from '../shared/shown.js';
import { TwiceButton } from '../shared/twice-button.js';
import { TextFilter } from './filter-field.js';
import { researchListQuery } from './library-queries.js';
import type { LibrarySearch } from './library-search.js';
import { ListFrame } from './list-frame.js';
import { useRemoval } from './use-removal.js';
import { writer } from './writer.js';

/** What is known of subjects: stories are written from it. */
export function ResearchList({ search }: { search: LibrarySearch }) {
  const answer = useQuery(researchListQuery(search));
  const { remove, removing, failure } = useRemoval('research', (subject) => removeResearch(subject));
  return (
    <>
      <div className="library-filters">
        <TextFilter kind="research" search={search} filter="search" label="Search" />
      </div>
      {failure && <ProblemNote failure={failure} />}
      <ListFrame
        kind="research"
        search={search}
        answer={answer}
        empty={{
          title: 'No research yet',
          how: (
            <Link to="/submit/$type" params={{ type: 'researchSubject' }}>
              Have a subject researched
            </Link>
          ),
        }}
      >
        {(items) => (
          <ul className="things">
            {items.map((item) => (
              <li key={item.id} className="thing">
                <Link
                  to="/library/$kind/$id"
                  params={{ kind: 'research', id: item.subject }}
                  className="thing-link"
                >
                  {item.subject}
                </Link>
                <TwiceButton
                  label={`Delete the research on ${item.subject}`}
                  again="Really delete?"
                  busy={removing}
                  onTwice={() => remove(item.subject)}
                >
                  Delete
                </TwiceButton>
                <span className="quiet">
                  {item.title && `${item.title} · `}version {item.version}, {writer(item)} ·{' '}
                  {time(item.createdAt)}
                </span>
              </li>
            ))}
          </ul>
        )}
      </ListFrame>
    </>
  );
}

/** Nothing is answered where it is gone. */
async function removeResearch(subject: string): Promise<void> {
  const { error, response } = await deleteResearch({ path: { subject } });
  if (!response?.ok) await ask(Promise.resolve({ error }));
}
