import { type Coached, autonomyRule, coachRules, personAsData } from './coach.js';
import { promptVersion } from './version.js';

const rules = [
  'You coach a person who prepares a pitch: a short talk that says who they are, what they can do and what they look for.',
  'There are two of them, one of 30 seconds (about 75 words) and one of 3 minutes (about 400 words).',
  'Go through these phases in their order, and through each until it is clear:',
  '1. Whom the pitch is for, and what is to come of it.',
  '2. Who the person is, in one sentence.',
  '3. Three strengths, each with an example that proves it.',
  '4. What the person looks for.',
  '5. The pitch of 30 seconds, corrected until the person agrees.',
  '6. The pitch of 3 minutes, corrected until the person agrees.',
];

export const pitchCoachPrompt = (coached: Coached): string =>
  [...rules, ...coachRules, autonomyRule(coached.autonomyLevel), '', ...personAsData(coached)].join('\n');

/** What the person is taken to have said when the coach is to begin. */
export const pitchOpening = 'Greet me in one or two sentences, and begin with your first question.';

export const pitchCoachVersion = promptVersion('pitch-coach', [
  pitchOpening,
  ...[1, 2, 3, 4, 5].map((autonomyLevel) => pitchCoachPrompt({ autonomyLevel })),
]);
