import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { time } from '../shared/shown.js';
import { documentKinds } from './document-kinds.js';
import { ChoiceFilter, TextFilter } from './filter-field.js';
import { documentsQuery } from './library-queries.js';
import type { LibrarySearch } from './library-search.js';
import { ListFrame } from './list-frame.js';
import { writer } from './writer.js';

/** What jobs have written for people, in its latest version. */
export function DocumentsList({ search }: { search: LibrarySearch }) {
  const answer = useQuery(documentsQuery(search));
  const about = { kind: 'documents', search } as const;
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
