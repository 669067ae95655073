import { Link } from '@tanstack/react-router';
import type { Story } from '../../client/index.js';
import { time } from '../shared/shown.js';
import { writer } from './writer.js';

/** What a reader should know of the story they read. */
export function StoryNote({ story }: { story: Story }) {
  const { subject, player, written, planned, missing, provider, jobId, version, latestVersion } = story;
  return (
    <>
      <p className="quiet">
        {subject}, for {player} · {written} of {planned} segments by {provider} · from version{' '}
        <Link
          to="/library/$kind/$id"
          params={{ kind: 'research', id: subject }}
          search={{ version: story.researchVersion }}
        >
          {story.researchVersion} of the research
        </Link>{' '}
        · {time(story.finishedAt ?? story.createdAt)} ·{' '}
        <Link to="/jobs/$id" params={{ id: jobId }}>
          its job
        </Link>
        {story.editedAt !== null && (
          <>
            {' '}
            · version {version}
            {version < latestVersion && ` of ${latestVersion}`}, edited{' '}
            {writer({ provider: null, writtenBy: story.writtenBy })}, {time(story.editedAt)}
          </>
        )}
      </p>
      {missing.length > 0 && (
        <div className="note">
          <p className="note-title">Missing</p>
          <ul>
            {missing.map(({ segment, what, why }) => (
              <li key={segment}>
                Segment {segment}, {what}: {why}
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}
