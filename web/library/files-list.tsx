import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { deleteFile, type StoredFile } from '../../client/index.js';
import { ask } from '../api/problem-error.js';
import { DownloadButton } from '../shared/download-button.js';
import { useNow } from '../shared/now.js';
import { ProblemNote } from '../shared/problem-note.js';
import { bytes, duration, time } from '../shared/shown.js';
import { TwiceButton } from '../shared/twice-button.js';
import { TextFilter } from './filter-field.js';
import { filesQuery } from './library-queries.js';
import type { LibrarySearch } from './library-search.js';
import { ListFrame } from './list-frame.js';
import { useRemoval } from './use-removal.js';

/** What people have uploaded, and jobs have made. */
export function FilesList({ search }: { search: LibrarySearch }) {
  const answer = useQuery(filesQuery(search));
  const { remove, removing, failure } = useRemoval('files', (fileId) =>
    ask(deleteFile({ path: { fileId } })),
  );
  return (
    <>
      <div className="library-filters">
        <TextFilter kind="files" search={search} filter="search" label="Search" />
      </div>
      {failure && <ProblemNote failure={failure} />}
      <ListFrame
        kind="files"
        search={search}
        answer={answer}
        empty={{
          title: 'No file yet',
          how: (
            <p>
              Files come with the jobs they are uploaded for, and from those that make some.{' '}
              <Link to="/submit">Submit a job</Link>
            </p>
          ),
        }}
      >
        {(files) => (
          <ul className="things">
            {files.map((file) => (
              <li key={file.id} className="thing" data-file={file.id}>
                <strong>{file.name}</strong>
                <span className="row">
                  <DownloadButton url={`/v1/files/${file.id}`} name={file.name}>
                    Download<span className="visually-hidden"> {file.name}</span>
                  </DownloadButton>
                  <TwiceButton
                    label={`Delete the file ${file.name}`}
                    again={file.expiresAt === null ? 'From its jobs, too?' : 'Really delete?'}
                    busy={removing}
                    onTwice={() => remove(file.id)}
                  >
                    Delete
                  </TwiceButton>
                </span>
                <span className="quiet">
                  {bytes(file.size)} · {file.mediaType} · {time(file.createdAt)} · <Stays {...file} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </ListFrame>
    </>
  );
}

function Stays({ expiresAt }: StoredFile) {
  const now = useNow();
  if (expiresAt === null) return 'belongs to a job';
  return `goes in ${duration(Math.max(0, (Date.parse(expiresAt) - now) / 1000))} unless a job is given it`;
}
