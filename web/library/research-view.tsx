import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import type { ResearchDocument } from '../../client/index.js';
import { AnswerView } from '../shared/answer-view.js';
import { Loading } from '../shared/empty.js';
import { usePageTitle } from '../shared/page-title.js';
import { part } from '../shared/part.js';
import { ValueView } from '../shared/value-view.js';
import { EditButton } from './edit-button.js';
import { filled } from './filled.js';
import { researchQuery, researchVersionsQuery } from './library-queries.js';
import type { ThingSearch } from './library-search.js';
import { VersionColumns } from './version-columns.js';
import { VersionNote } from './version-note.js';
import { useEditing } from './use-editing.js';

/** What is known of a subject: read, compared, and corrected before a story is written from it. */
export function ResearchView({ id: subject, search }: { id: string; search: ThingSearch }) {
  const answer = useQuery(researchQuery(subject, search.version));
  usePageTitle(subject);
  return (
    <AnswerView answer={answer} what="the research" lines={8}>
      {(research) => <Shown research={research} search={search} />}
    </AnswerView>
  );
}

const asText = ({ content }: ResearchDocument): string => JSON.stringify(filled(content), null, 2);

function Shown({ research, search }: { research: ResearchDocument; search: ThingSearch }) {
  // It brings the schema that the API checks with. One that did not come is fetched again by the next view.
  const [ResearchEditor] = useState(() => lazy(part(() => import('./research-editor.js'))));
  const { subject, content, sources } = research;
  const versions = useQuery(researchVersionsQuery(subject));
  const other = useQuery({ ...researchQuery(subject, search.with), enabled: search.with !== undefined });
  const { editing, edit, giveUp, saved } = useEditing('research', subject);
  return (
    <>
      <div className="row row-between">
        <h1>{subject}</h1>
        <span className="row">
          <EditButton editing={editing} onEdit={edit}>
            Correct it
          </EditButton>
          {!editing && (
            <Link to="/submit/$type" params={{ type: 'createStory' }} className="button button-small">
              Have a story written
            </Link>
          )}
        </span>
      </div>
      <VersionNote
        about={`Research from ${sources.length === 1 ? 'one page' : `${sources.length} pages`}`}
        {...research}
      />
      <VersionColumns
        kind="research"
        id={subject}
        shown={research}
        search={search}
        versions={versions}
        other={other}
        textOf={asText}
        editor={
          editing ? (
            <Suspense fallback={<Loading what="the form" lines={8} />}>
              <ResearchEditor research={research} onSaved={saved} onGiveUp={giveUp} />
            </Suspense>
          ) : null
        }
      >
        <section className="panel" aria-label="What is known">
          <ValueView value={filled(content) ?? {}} />
        </section>
      </VersionColumns>
    </>
  );
}
