import { useQuery } from '@tanstack/react-query';
import type { Document } from '../../client/index.js';
import { AnswerView } from '../shared/answer-view.js';
import { DownloadButton } from '../shared/download-button.js';
import { LongText } from '../shared/long-text.js';
import { usePageTitle } from '../shared/page-title.js';
import { DocumentEditor } from './document-editor.js';
import { documentKinds } from './document-kinds.js';
import { EditButton } from './edit-button.js';
import { documentQuery, documentVersionsQuery } from './library-queries.js';
import type { ThingSearch } from './library-search.js';
import { VersionColumns } from './version-columns.js';
import { VersionNote } from './version-note.js';
import { useEditing } from './use-editing.js';

const formats = [
  ['markdown', 'md', 'Markdown'],
  ['docx', 'docx', 'Word'],
  ['pdf', 'pdf', 'PDF'],
] as const;

/** A document: read in any version, compared, edited and taken along. */
export function DocumentView({ id, search }: { id: string; search: ThingSearch }) {
  const answer = useQuery(documentQuery(id, search.version));
  usePageTitle(answer.data?.title ?? 'Document');
  return (
    <AnswerView answer={answer} what="the document" lines={8}>
      {(document) => <Shown document={document} search={search} />}
    </AnswerView>
  );
}

function Shown({ document, search }: { document: Document; search: ThingSearch }) {
  const { id, title, kind, applicationId, version, markdown } = document;
  const versions = useQuery(documentVersionsQuery(id));
  const other = useQuery({ ...documentQuery(id, search.with), enabled: search.with !== undefined });
  const { editing, edit, giveUp, saved } = useEditing('documents', id);
  return (
    <>
      <div className="row row-between">
        <h1>{title}</h1>
        <span className="row">
          <EditButton editing={editing} onEdit={edit}>
            Edit
          </EditButton>
          {formats.map(([format, ending, name]) => (
            <DownloadButton
              key={format}
              url={`/v1/documents/${id}/file`}
              query={{ format, version }}
              name={`${kind}-${applicationId}-v${version}.${ending}`}
            >
              <span className="visually-hidden">Download as </span>
              {name}
            </DownloadButton>
          ))}
        </span>
      </div>
      <VersionNote about={`${documentKinds[kind]} for application ${applicationId}`} {...document} />
      <VersionColumns
        kind="documents"
        id={id}
        shown={document}
        search={search}
        versions={versions}
        other={other}
        textOf={(one) => one.markdown}
        editor={editing ? <DocumentEditor document={document} onSaved={saved} onGiveUp={giveUp} /> : null}
      >
        <section className="panel" aria-label="Text">
          <LongText text={markdown} />
        </section>
      </VersionColumns>
    </>
  );
}
