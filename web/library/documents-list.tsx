import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { deleteDocument } from '../api/house.js';
import { ProblemNote } from '../shared/problem-note.js';
import { time } from '../shared/shown.js';
import { TwiceButton } from '../shared/twice-button.js';
import { documentKinds } from './document-kinds.js';
import { ChoiceFilter, TextFilter } from './filter-field.js';
import { documentsQuery } from './library-queries.js';
import type { LibrarySearch } from './library-search.js';
import { ListFrame } from './list-frame.js';
import { useRemoval } from './use-removal.js';
import { writer } from './writer.js';

/** What jobs have written for people, in its latest version. */
export function DocumentsList({ search }: { search: LibrarySearch }) {
  const answer = useQuery(documentsQuery(search));
  const about = { kind: 'documents', search } as const;
  const { remove, removing, failure } = useRemoval('documents', deleteDocument);
  return (
    <>
      <div className="library-filters">
        <ChoiceFilter
          {...about}
          filter="documentKind"
          label="Kind"
          all="All"
          choices={Object.entries(documentKinds).map(([value, name]) => ({ value, name }))}
        />
        <TextFilter {...about} filter="applicationId" label="Application" />
      </div>
      {failure && <ProblemNote failure={failure} />}
      <ListFrame
        kind="documents"
        search={search}
        answer={answer}
        empty={{
          title: 'No document yet',
          how: (
            <Link to="/submit/$type" params={{ type: 'generateCv' }}>
              Have a CV written
            </Link>
          ),
        }}
      >
        {(documents) => (
          <ul className="things">
            {documents.map((document) => (
              <li key={document.id} className="thing">
                <Link
                  to="/library/$kind/$id"
                  params={{ kind: 'documents', id: document.id }}
                  className="thing-link"
                >
                  {document.title}
                </Link>
                <TwiceButton
                  label={`Delete the document ${document.title}`}
                  again="Really delete?"
                  busy={removing}
                  onTwice={() => remove(document.id)}
                >
                  Delete
                </TwiceButton>
                <span className="quiet">
                  {documentKinds[document.kind]} for application {document.applicationId} · version{' '}
                  {document.version}, {writer(document)} · {time(document.createdAt)}
                </span>
              </li>
            ))}
          </ul>
        )}
      </ListFrame>
    </>
  );
}
