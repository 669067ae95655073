import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useRef } from 'react';
import { conversationsQuery } from '../api/conversations.js';
import { toFailure } from '../api/problem-error.js';
import { Loading } from '../shared/empty.js';
import { ProblemNote } from '../shared/problem-note.js';
import { useRowKeys } from '../shared/row-keys.js';
import { time } from '../shared/shown.js';
import '../styles/side-list.css';

export const nameOf = ({ title }: { title: string | null }): string => title ?? 'Nothing said yet';

/** The conversations, the newest first. */
export function ConversationList({ chosen }: { chosen: string | undefined }) {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useInfiniteQuery(conversationsQuery);
  const list = useRef<HTMLUListElement>(null);
  useRowKeys(list);
  const conversations = data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <div className="chat-side">
      <div className="row row-between">
        <h1>Chat</h1>
        {chosen !== undefined && (
          <Link to="/chat" className="button button-small">
            New
          </Link>
        )}
      </div>
      {error && !data && (
        <ProblemNote failure={toFailure(error)}>
          <button type="button" className="button" onClick={() => void refetch()}>
            Try again
          </button>
        </ProblemNote>
      )}
      {!data && !error && <Loading what="the conversations" lines={4} />}
      {data && conversations.length === 0 && <p className="quiet">No conversation yet.</p>}
      <ul ref={list} className="side-list" aria-label="Conversations: j and k go through them">
        {conversations.map((conversation) => (
          <li key={conversation.id}>
            <Link
              to="/chat/$id"
              params={{ id: conversation.id }}
              data-row={conversation.id}
              className={conversation.id === chosen ? 'side-row side-row-here' : 'side-row'}
              aria-current={conversation.id === chosen ? 'true' : undefined}
            >
              <span className="side-subject">{nameOf(conversation)}</span>
              <span className="quiet">{time(conversation.updatedAt)}</span>
            </Link>
          </li>
        ))}
      </ul>
      {hasNextPage && (
        <button
          type="button"
          className="button button-small"
          disabled={isFetchingNextPage}
          onClick={() => void fetchNextPage()}
        >
          Older conversations
        </button>
      )}
    </div>
  );
}
