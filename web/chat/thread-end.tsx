import { useMutation } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { say, stopWriting } from '../api/conversations.js';
import { toFailure } from '../api/problem-error.js';
import { ProblemNote } from '../shared/problem-note.js';
import { randomId } from '../shared/random-id.js';
import { Composer } from './composer.js';
import { Message } from './message.js';

interface Given {
  id: string;
  /** Id of the reply that is being written. */
  live: string | undefined;
  /** Replies that are not over. */
  waiting: number;
}

interface Sending {
  content: string;
  key: string;
}

/** Where more is said, also while a reply is being written, and where that is stopped. */
export function ThreadEnd({ id, live, waiting }: Given) {
  const [text, setText] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  const sending = useMutation({
    mutationFn: ({ content, key }: Sending) => say(id, { key, body: { content } }),
  });
  const stop = useMutation({ mutationFn: (message: string) => stopWriting(id, message) });
  const stopNow = () => {
    if (live !== undefined && !stop.isPending) stop.mutate(live);
  };
  const escape = useEffectEvent(stopNow);
  useEffect(() => {
    field.current?.focus({ preventScroll: true });
    const press = ({ key, defaultPrevented, isComposing }: KeyboardEvent) => {
      // Who writes by an input method takes a word back with Escape, too.
      if (key !== 'Escape' || defaultPrevented || isComposing) return;
      if (document.querySelector('dialog[open]') === null) escape();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);
  const send = (message: Sending) => {
    sending.mutate(message);
    field.current?.focus();
  };
  const unsent = sending.isSuccess || sending.isIdle ? null : sending.variables;
  const wrong = sending.error ?? stop.error;
  const status =
    waiting > 1 ? `A reply is being written, ${waiting - 1} more to follow` : 'A reply is being written';
  const hint = live === undefined ? 'Enter sends' : `${status}. Escape stops it.`;
  return (
    <div className="thread-end">
      {unsent && (
        <div className={sending.isError ? 'unsent said-by-user' : 'said-by-user'}>
          <Message message={unsent} />
        </div>
      )}
      {wrong && (
        <ProblemNote failure={toFailure(wrong)}>
          {unsent && sending.isError && (
            <>
              <button type="button" className="button" onClick={() => send(unsent)}>
                Send again
              </button>
              <button
                type="button"
                className="button"
                onClick={() => {
                  setText(text === '' ? unsent.content : `${unsent.content}\n\n${text}`);
                  sending.reset();
                }}
              >
                Take it back
              </button>
            </>
          )}
        </ProblemNote>
      )}
      <p className="visually-hidden" role="status">
        {live === undefined ? '' : status}
      </p>
      <Composer
        text={text}
        field={field}
        busy={sending.isPending}
        held={sending.isError}
        hint={sending.isError ? 'Send the one above again, or take it back, first.' : hint}
        onText={setText}
        onSend={() => {
          send({ content: text, key: randomId() });
          setText('');
        }}
      >
        {live !== undefined && (
          <button type="button" className="button button-danger" disabled={stop.isPending} onClick={stopNow}>
            Stop
          </button>
        )}
      </Composer>
    </div>
  );
}
