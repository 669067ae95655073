import { infiniteQueryOptions } from '@tanstack/react-query';
import { client } from '../../client/client.gen.js';
import {
  type Conversation,
  type ConversationMessage,
  deleteConversation,
  type Failure,
  listConversations,
  type MessageRequest,
  readConversation,
  type ReadConversation,
  sendMessage,
  stopReply,
} from '../../client/index.js';
import { ask, toFailure } from './problem-error.js';
import { queries } from './queries.js';

/** Turns that are read at once; each is a message with its reply. */
const turnsAtOnce = 30;
const listedAtOnce = 50;

export const conversationsQuery = infiniteQueryOptions({
  queryKey: ['conversations'],
  queryFn: ({ pageParam, signal }) =>
    ask(
      listConversations({
        query: { pageSize: listedAtOnce, ...(pageParam !== '' && { pageToken: pageParam }) },
        signal,
      }),
    ),
  initialPageParam: '',
  getNextPageParam: ({ nextPageToken }) => nextPageToken,
});

/** What was said: the first page has the last messages, those that follow have what was said before. */
export const conversationQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['conversation', id],
    queryFn: ({ pageParam, signal }) =>
      ask(
        readConversation({
          path: { conversation: id },
          query: { pageSize: turnsAtOnce, ...(pageParam !== '' && { pageToken: pageParam }) },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: ({ earlierPageToken }) => earlierPageToken,
  });

export const messagesOf = (pages: readonly ReadConversation[]): ConversationMessage[] =>
  pages.toReversed().flatMap(({ messages }) => messages);

/** Milliseconds: what happens to several replies within it is one reason to read again. */
const gatherMs = 300;
let due: number | undefined;

/** Whatever is shown of conversations is read again, soon. */
export function readConversationsAgain(): void {
  due ??= window.setTimeout(() => {
    due = undefined;
    void queries.invalidateQueries({ queryKey: ['conversation'] });
    void queries.invalidateQueries({ queryKey: conversationsQuery.queryKey });
  }, gatherMs);
}

export interface NewConversation {
  /** Chosen here: a second try begins no second one. */
  id: string;
  system?: string;
  model?: string;
}

export async function beginConversation(wish: NewConversation): Promise<void> {
  try {
    // The client that is made of the document takes this route for a stream, which it is only for others.
    await ask(
      client.post<{ 201: Conversation }, { 409: Failure }>({
        url: '/v1/conversations',
        body: wish,
        headers: { 'content-type': 'application/json' },
        security: [{ scheme: 'bearer', type: 'http' }],
      }),
    );
  } catch (error) {
    // A try before has begun it, and its answer was lost.
    if (toFailure(error).code !== 'conversation-exists') throw error;
  }
}

/** @param sending.key the same for each try of one message: if the answer was lost, a second try says nothing twice */
export async function say(id: string, { key, body }: { key: string; body: MessageRequest }): Promise<void> {
  const sent = await ask(
    sendMessage({ path: { conversation: id }, body, headers: { 'idempotency-key': key } }),
  );
  queries.setQueryData(conversationQuery(id).queryKey, (seen) => {
    const [last, ...earlier] = seen?.pages ?? [];
    // What is said anew takes the place of what follows: that is read, and not guessed.
    if (!seen || !last || body.replaces !== undefined) return seen;
    const known = new Set(last.messages.map((message) => message.id));
    const fresh = [sent.message, sent.reply].filter((message) => !known.has(message.id));
    return { ...seen, pages: [{ ...last, messages: [...last.messages, ...fresh] }, ...earlier] };
  });
  readConversationsAgain();
}

export async function stopWriting(id: string, message: string): Promise<void> {
  await ask(stopReply({ path: { conversation: id }, body: { message } }));
  readConversationsAgain();
}

export async function removeConversation(id: string): Promise<void> {
  await ask(deleteConversation({ path: { conversation: id } }));
  readConversationsAgain();
}
