import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import type { Conversation } from '../../client/index.js';
import { removeConversation } from '../api/conversations.js';
import { toFailure } from '../api/problem-error.js';
import { ProblemNote } from '../shared/problem-note.js';
import { TwiceButton } from '../shared/twice-button.js';
import { nameOf } from './conversation-list.js';

export function ThreadHead({ conversation }: { conversation: Conversation }) {
  const navigate = useNavigate();
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => removeConversation(conversation.id),
    onSuccess: () => navigate({ to: '/chat' }),
  });
  return (
    <header>
      <Link to="/chat" className="chat-back">
        All conversations
      </Link>
      <div className="row row-between thread-head">
        <h2 id="conversation">{nameOf(conversation)}</h2>
        <TwiceButton label="Delete the conversation" again="Really delete?" busy={isPending} onTwice={mutate}>
          Delete
        </TwiceButton>
      </div>
      {(conversation.system ?? conversation.model) !== null && (
        <details className="quiet">
          <summary>How the model is to behave</summary>
          {conversation.system !== null && <p className="bubble-system">{conversation.system}</p>}
          {conversation.model !== null && <p>Model: {conversation.model}</p>}
        </details>
      )}
      {error && <ProblemNote failure={toFailure(error)} />}
    </header>
  );
}
