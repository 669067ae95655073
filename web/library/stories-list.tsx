import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { deleteStory } from '../../client/index.js';
import { ask } from '../api/problem-error.js';
import { ProblemNote } from '../shared/problem-note.js';
import { time } from '../shared/shown.js';
import { TwiceButton } from '../shared/twice-button.js';
import { TextFilter } from './filter-field.js';
import { storiesQuery } from './library-queries.js';
import type { LibrarySearch } from './library-search.js';
import { ListFrame } from './list-frame.js';
import { StoryBadge } from './story-badge.js';
import { useRemoval } from './use-removal.js';

/** What jobs have written of subjects, also while they write it. */
export function StoriesList({ search }: { search: LibrarySearch }) {
  const answer = useQuery(storiesQuery(search));
  const { remove, removing, failure } = useRemoval('stories', (subject) => removeStory(subject));
  return (
    <>
      <div className="library-filters">
        <TextFilter kind="stories" search={search} filter="search" label="Search" />
      </div>
      {failure && <ProblemNote failure={failure} />}
      <ListFrame
        kind="stories"
        search={search}
        answer={answer}
        empty={{
          title: 'No story yet',
          how: (
            <Link to="/submit/$type" params={{ type: 'createStory' }}>
              Have one written
            </Link>
          ),
        }}
      >
        {(items) => (
          <ul className="things">
            {items.map((item) => (
              <li key={item.subject} className="thing">
                <span className="row">
                  <Link
                    to="/library/$kind/$id"
                    params={{ kind: 'stories', id: item.subject }}
                    className="thing-link"
                  >
                    {item.title || item.subject}
                  </Link>
                  <StoryBadge status={item.status} />
                </span>
                <TwiceButton
                  label={`Delete the stories of ${item.subject}`}
                  again="Really delete?"
                  busy={removing}
                  onTwice={() => remove(item.subject)}
                >
                  Delete
                </TwiceButton>
                <span className="quiet">
                  {item.subject}, for {item.player} · {item.written} of {item.planned} segments, from version{' '}
                  {item.researchVersion} of the research · {time(item.createdAt)}
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
async function removeStory(subject: string): Promise<void> {
  const { error, response } = await deleteStory({ path: { subject } });
  if (!response?.ok) await ask(Promise.resolve({ error }));
}
