import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { beginConversation, say } from '../api/conversations.js';
import { toFailure } from '../api/problem-error.js';
import { usePageTitle } from '../shared/page-title.js';
import { ProblemNote } from '../shared/problem-note.js';
import { randomId } from '../shared/random-id.js';
import { Composer } from './composer.js';

const wished = (text: string): string | undefined => (text.trim() === '' ? undefined : text.trim());

/** A conversation begins with its first message. */
export function NewChat() {
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [system, setSystem] = useState('');
  const [model, setModel] = useState('');
  const [systemField, modelField] = [useId(), useId()];
  // The same for every try, so that a lost answer begins nothing twice.
  const [id] = useState(() => `chat-${randomId()}`);
  const [key, setKey] = useState(randomId);
  usePageTitle('Chat');
  const { mutate, isPending, error } = useMutation({
    mutationFn: async () => {
      const [wish, named] = [wished(system), wished(model)];
      await beginConversation({
        id,
        ...(wish !== undefined && { system: wish }),
        ...(named !== undefined && { model: named }),
      });
      await say(id, { key, body: { content: text } });
    },
    onSuccess: () => navigate({ to: '/chat/$id', params: { id } }),
  });
  return (
    <section aria-labelledby="new-chat" className="new-chat">
      <h2 id="new-chat">A new conversation</h2>
      <p className="quiet">
        Replies are jobs: they go on when this page is closed, and stand here when you come back.
      </p>
      {error && <ProblemNote failure={toFailure(error)} />}
      <Composer
        text={text}
        busy={isPending}
        hint="Enter sends, Shift and Enter begins a line"
        onText={(next) => {
          setText(next);
          setKey(randomId());
        }}
        onSend={mutate}
      />
      <details>
        <summary>How the model is to behave</summary>
        <div className="field">
          <label htmlFor={systemField}>Instructions</label>
          <textarea
            id={systemField}
            rows={4}
            value={system}
            onChange={({ target }) => setSystem(target.value)}
          />
        </div>
        <div className="field">
          <label htmlFor={modelField}>Model</label>
          <input
            id={modelField}
            value={model}
            placeholder="the default one"
            onChange={({ target }) => setModel(target.value)}
          />
        </div>
      </details>
    </section>
  );
}
