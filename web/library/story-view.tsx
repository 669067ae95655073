import { useQuery } from '@tanstack/react-query';
import type { Story, StoryText } from '../../client/index.js';
import { AnswerView } from '../shared/answer-view.js';
import { LongText } from '../shared/long-text.js';
import { usePageTitle } from '../shared/page-title.js';
import { EditButton } from './edit-button.js';
import { storyQuery, storyVersionsQuery } from './library-queries.js';
import type { ThingSearch } from './library-search.js';
import { StoryBadge } from './story-badge.js';
import { StoryEditor } from './story-editor.js';
import { StoryNote } from './story-note.js';
import { StorySegments } from './story-segments.js';
import { asText } from './story-text.js';
import { VersionColumns } from './version-columns.js';
import { useEditing } from './use-editing.js';

/** In ms. A story that is being written grows. */
const lookAgainMs = 5_000;

/** A story from its beginning to its end, as far as it is written: read in any version, compared and edited. */
export function StoryView({ id: subject, search }: { id: string; search: ThingSearch }) {
  const answer = useQuery({
    ...storyQuery(subject, search.version),
    refetchInterval: ({ state }) => (state.data?.status === 'writing' ? lookAgainMs : false),
  });
  usePageTitle(answer.data?.title || subject);
  return (
    <AnswerView answer={answer} what="the story" lines={8}>
      {(story) => <Shown story={story} search={search} />}
    </AnswerView>
  );
}

function Shown({ story, search }: { story: Story; search: ThingSearch }) {
  const { title, subject, status } = story;
  const versions = useQuery(storyVersionsQuery(subject));
  const other = useQuery({ ...storyQuery(subject, search.with), enabled: search.with !== undefined });
  const { editing, edit, giveUp, saved } = useEditing('stories', subject);
  return (
    <>
      <div className="row row-between">
        <span className="row">
          <h1>{title || subject}</h1>
          <StoryBadge status={status} />
        </span>
        {status !== 'writing' && (
          <EditButton editing={editing} onEdit={edit}>
            Edit
          </EditButton>
        )}
      </div>
      <StoryNote story={story} />
      <VersionColumns
        kind="stories"
        id={subject}
        shown={story}
        search={search}
        versions={versions}
        other={other}
        textOf={asText}
        editor={editing ? <StoryEditor story={story} onSaved={saved} onGiveUp={giveUp} /> : null}
      >
        <article className="panel story">
          <Told text={story.introduction} />
          <StorySegments segments={story.segments} />
          <Told text={story.conclusion} />
        </article>
      </VersionColumns>
    </>
  );
}

const Told = ({ text: { text, edited } }: { text: StoryText }) =>
  text === '' ? null : (
    <>
      <LongText text={text} />
      {edited && <p className="quiet">Written by hand.</p>}
    </>
  );
