import { StepFailure } from '../../frame/step-failure.js';
import { failureOf } from '../provider-errors.js';
import { type ToldFault, readFault } from '../wire/told-fault.js';

export interface Refused {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** What servers say of audio that they cannot hear. */
const aboutAudio =
  /could not be decoded|invalid file format|unrecogni[sz]ed file format|corrupt|decod(e|ing)|unsupported (audio|file)/i;

/** What a server has refused, in the words of the table of failures. */
export function refusalOf(
  { status, headers, body }: Refused,
  { provider, secrets }: { provider: string; secrets: readonly string[] },
): StepFailure {
  const fault = faultIn(body);
  const failure = failureOf(fault, { provider, secrets, midway: false, answered: status, headers });
  const { code, message, options } = failure;
  if (status === 413 || code === 'context-too-long')
    return new StepFailure('audio-too-large', message, options);
  const mayMean = code === 'provider-refused' && [400, 415, 422].includes(status);
  if (mayMean && aboutAudio.test(fault?.message ?? '')) {
    return new StepFailure('audio-unreadable', message, options);
  }
  return failure;
}

function faultIn(body: string): ToldFault | null {
  try {
    return readFault(JSON.parse(body));
  } catch {
    // Some say it in a line of text. A page of HTML says no more than its status.
    const text = body.trim();
    if (text === '' || text.length > 500 || text.includes('<')) return null;
    return { status: null, names: [], message: text, retryAfter: null };
  }
}
