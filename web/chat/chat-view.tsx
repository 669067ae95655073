import { useParams } from '@tanstack/react-router';
import { readConversationsAgain } from '../api/conversations.js';
import { useOwnerFeed } from '../api/use-owner-feed.js';
import { ConversationList } from './conversation-list.js';
import { NewChat } from './new-chat.js';
import { Thread } from './thread.js';
import '../styles/chat.css';

/** The conversations, and one of them; or the beginning of a new one. */
export default function ChatView() {
  const { id } = useParams({ strict: false }) as { id?: string };
  useOwnerFeed({
    // Another device has said something, or a reply has begun or ended.
    onEntry({ jobType }) {
      if (jobType === 'chatReply') readConversationsAgain();
    },
    look: readConversationsAgain,
  });
  return (
    <div className={id === undefined ? 'chat' : 'chat chat-chosen'}>
      <ConversationList chosen={id} />
      <div className="chat-main">{id === undefined ? <NewChat /> : <Thread key={id} id={id} />}</div>
    </div>
  );
}
