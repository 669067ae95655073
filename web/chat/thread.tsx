import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { conversationQuery, messagesOf } from '../api/conversations.js';
import { toFailure } from '../api/problem-error.js';
import { Empty, Loading } from '../shared/empty.js';
import { usePageTitle } from '../shared/page-title.js';
import { ProblemNote } from '../shared/problem-note.js';
import { nameOf } from './conversation-list.js';
import { Message } from './message.js';
import { Reply } from './reply.js';
import { ThreadEnd } from './thread-end.js';
import { ThreadHead } from './thread-head.js';
import { useStayAtEnd } from './use-stay-at-end.js';

/** One conversation: what was said, what is being said, and where to say more. */
export function Thread({ id }: { id: string }) {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    conversationQuery(id),
  );
  const messages = messagesOf(data?.pages ?? []);
  const open = messages.filter(({ status }) => status === 'queued' || status === 'writing');
  // The others wait for this one, and a browser holds few connections open.
  const live = open[0]?.id;
  useStayAtEnd();
  const [conversation] = data?.pages ?? [];
  const name = conversation ? nameOf(conversation) : 'Chat';
  usePageTitle(live === undefined ? name : `Writing, ${name}`);
  const failure = error ? toFailure(error) : null;
  if (failure?.status === 404) {
    return (
      <Empty title="There is no such conversation, or no more">
        <Link to="/chat">Begin a new one</Link>
      </Empty>
    );
  }
  if (!conversation) {
    return failure ? (
      <ProblemNote failure={failure}>
        <button type="button" className="button" onClick={() => void refetch()}>
          Try again
        </button>
      </ProblemNote>
    ) : (
      <Loading what="the conversation" lines={6} />
    );
  }
  return (
    <section className="thread" aria-labelledby="conversation">
      <ThreadHead conversation={conversation} />
      {hasNextPage && (
        <p className="row">
          <button
            type="button"
            className="button button-small"
            disabled={isFetchingNextPage}
            onClick={() => void fetchNextPage()}
          >
            What was said before
          </button>
        </p>
      )}
      <div role="log" aria-label="What was said">
        <ol className="messages">
          {messages.map((message, index) => (
            <li key={message.id} className={`said-by-${message.role}`}>
              {message.role === 'user' ? (
                <Message message={message} />
              ) : (
                <Reply
                  conversation={id}
                  message={message}
                  isLive={message.id === live}
                  answers={index === messages.length - 1 ? messages[index - 1] : undefined}
                />
              )}
            </li>
          ))}
        </ol>
      </div>
      <ThreadEnd id={id} live={live} waiting={open.length} />
    </section>
  );
}
