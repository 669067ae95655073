import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { ConversationMessage } from '../../client/index.js';
import { readConversationsAgain, say } from '../api/conversations.js';
import { retry } from '../api/deeds.js';
import { toFailure } from '../api/problem-error.js';
import { useStory } from '../job/use-story.js';
import Markdown from '../shared/markdown.js';
import { ProblemNote } from '../shared/problem-note.js';
import { randomId } from '../shared/random-id.js';

interface Given {
  conversation: string;
  message: ConversationMessage;
  /** Whether it is the one that is followed word by word. */
  isLive: boolean;
  /** What it answers, where it is the last word; undefined otherwise. */
  answers: ConversationMessage | undefined;
}

const endings: Partial<Record<ConversationMessage['status'], string>> = {
  queued: 'Waits until the message before it is answered.',
  cut: 'It ends here because it has reached its greatest length.',
  stopped: 'It was stopped here.',
};

/** What the model has said, or is saying. */
export function Reply({ message, isLive, ...rest }: Given) {
  if (isLive) return <LiveReply message={message} />;
  return <SaidReply message={message} {...rest} />;
}

/** Followed by the log of its job: from its first word after a reload, and through lost connections. */
function LiveReply({ message }: { message: ConversationMessage }) {
  const { story, connection } = useStory(message.job);
  const { ended } = story;
  useEffect(() => {
    if (ended) readConversationsAgain();
  }, [ended]);
  const told = story.passages.filter(({ step }) => step === 'reply');
  const text = told.length > 0 ? (told.findLast(({ retracted }) => !retracted)?.text ?? '') : message.content;
  const says = text === '' ? 'Thinking' : 'Writing';
  return (
    <article className="reply" aria-label="Reply" aria-busy="true">
      {text !== '' && <Markdown text={text} />}
      <p className="writing quiet">
        {connection === 'lost' ? 'The connection is lost. The reply goes on, and so does this page.' : says}
      </p>
    </article>
  );
}

function SaidReply({ conversation, message, answers }: Omit<Given, 'isLive'>) {
  const { content, status, failure, job } = message;
  const ending = endings[status];
  const again = useMutation({
    mutationFn: async () => {
      if (status === 'failed') {
        await retry(job);
        readConversationsAgain();
      } else if (answers) {
        const body = { content: answers.content, id: answers.id, replaces: answers.id };
        await say(conversation, { key: randomId(), body });
      }
    },
  });
  const wrong = again.error ? toFailure(again.error) : null;
  return (
    <article className="reply" aria-label="Reply">
      {content !== '' && <Markdown text={content} />}
      {ending !== undefined && <p className="quiet reply-ending">{ending}</p>}
      {failure && <ProblemNote failure={failure} />}
      {wrong && <ProblemNote failure={wrong} />}
      {status !== 'queued' && (
        <p className="row reply-foot">
          {(status === 'failed' || answers) && (
            <button
              type="button"
              className="button button-small"
              disabled={again.isPending}
              onClick={() => again.mutate()}
            >
              {status === 'failed' ? 'Retry' : 'Answer again'}
            </button>
          )}
          <Link to="/jobs/$id" params={{ id: job }} className="quiet">
            {message.model ?? 'Its job'}
          </Link>
        </p>
      )}
    </article>
  );
}
