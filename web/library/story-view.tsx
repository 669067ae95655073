import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Story, StoryText } from '../../client/index.js';
import { AnswerView } from '../shared/answer-view.js';
import { LongText } from '../shared/long-text.js';
import { usePageTitle } from '../shared/page-title.js';
import { time } from '../shared/shown.js';
import { storyQuery } from './library-queries.js';
import { StoryBadge } from './story-badge.js';
import { StorySegments } from './story-segments.js';

/** In ms. A story that is being written grows. */
const lookAgainMs = 5_000;

/** A story from its beginning to its end, as far as it is written. */
export function StoryView({ id: subject }: { id: string }) {
  const answer = useQuery({
    ...storyQuery(subject),
    refetchInterval: ({ state }) => (state.data?.status === 'writing' ? lookAgainMs : false),
  });
  usePageTitle(answer.data?.title || subject);
  return (
    <AnswerView answer={answer} what="the story" lines={8}>
      {(story) => <Shown story={story} />}
    </AnswerView>
  );
}

function Shown({ story }: { story: Story }) {
  const { title, subject, status, player, written, planned, missing, provider, jobId } = story;
  return (
    <>
      <div className="row">
        <h1>{title || subject}</h1>
        <StoryBadge status={status} />
      </div>
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
      <article className="panel story">
        <Told text={story.introduction} />
        <StorySegments segments={story.segments} />
        <Told text={story.conclusion} />
      </article>
    </>
  );
}

const Told = ({ text: { text } }: { text: StoryText }) => (text === '' ? null : <LongText text={text} />);
