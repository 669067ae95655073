import type { ConversationMessage } from '../../client/index.js';

/** What a person has said, as it was written. */
export function Message({ message: { content } }: { message: Pick<ConversationMessage, 'content'> }) {
  return (
    <article className="bubble" aria-label="You">
      {content}
    </article>
  );
}
