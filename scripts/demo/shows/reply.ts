import { chatReply, type ChatReplyResult } from '../../../job-types/chat-reply.js';
import { recordedText } from '../recording.js';
import type { Show } from '../show.js';

const recordingFile = 'samples/chat-reply.answer.txt';

/** A reply in a conversation. */
export const reply: Show = {
  type: 'chatReply',
  recordingFile,
  isRecorded: () => true,
  recording: () => recordedText(recordingFile),
  input: () => chatReply.example,
  said: (text) => [...text.matchAll(/\S[^]*?[.!?](?=\s)/g)].map(([sentence]) => sentence),
  lines: 'whole sentences',
  asks: 'reply',
  report(job, { say }) {
    const { text, model, conversation } = job.result as ChatReplyResult;
    say(`\n${text}\n\nReplied by ${model}; kept in the conversation "${conversation}".`);
  },
  // A message has room for one reply.
  savedOnce: () => true,
  saved: 'the reply was saved',
};
