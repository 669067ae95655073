import { Link } from '@tanstack/react-router';
import { time } from '../shared/shown.js';
import { writer } from './writer.js';

interface Given {
  about: string;
  version: number;
  latestVersion: number;
  provider: string | null;
  writtenBy: string | null;
  jobId: string | null;
  createdAt: string;
  notes: readonly string[];
}

/** What a reader should know of the version they read. */
export function VersionNote({ about, version, latestVersion, jobId, createdAt, notes, ...written }: Given) {
  return (
    <>
      <p className="quiet">
        {about} · version {version}
        {version < latestVersion && ` of ${latestVersion}`}, {writer(written)}, {time(createdAt)}
        {jobId !== null && (
          <>
            {' '}
            ·{' '}
            <Link to="/jobs/$id" params={{ id: jobId }}>
              its job
            </Link>
          </>
        )}
      </p>
      {notes.length > 0 && (
        <div className="note">
          {notes.map((note) => (
            <p key={note}>{note}</p>
          ))}
        </div>
      )}
    </>
  );
}
