import { client } from '../../client/client.gen.js';
import { createCell } from '../shared/cell.js';
import { queries } from './queries.js';

/** Whose requests those of this page are, as the API says. */
export interface Session {
  owner: string;
  /** Public id of the key that was exchanged for the session; null where there are no keys. */
  keyId: string | null;
  /** Null where no session is needed. */
  expiresAt: string | null;
}

/** Null until the API has said so. The session itself is in a cookie, which no script sees. */
export const session = createCell<Session | null>(null);

/** Whether the API has asked for a key. */
export const keyWanted = createCell(false);

/** Another number for everybody who may not see what is there of the one before. */
export const visitor = createCell(0);

/** Characters that a header can have; there is none other in a key. */
const inHeader = /^[\x21-\x7e]+$/;
/** What the page keeps in this browser, the inputs that were typed last among it, is named so. */
const slots = 'longhaul.';
const ownerSlot = `${slots}owner`;

const address = '/v1/session';
/** Counts who came and went. What was asked before is no answer to who is here now. */
let comings = 0;

/** Asks the API whose page this is. What it refuses shows as a key that is wanted. */
export async function learnSession(): Promise<void> {
  const before = comings;
  const answer = await fetch(address).catch(() => null);
  const told = answer?.ok ? ((await answer.json().catch(() => null)) as Session | null) : null;
  if (before !== comings) return;
  if (answer?.status === 401) keyWanted.set(true);
  if (told === null) return;
  if (told.expiresAt !== null) keepOwner(told.owner);
  const was = session.get()?.owner ?? null;
  session.set(told);
  if (was === null ? keyWanted.get() : was !== told.owner) comesNext();
  // Who was away for a while finds what was written, and reads anew what was read.
  else if (keyWanted.get()) void queries.invalidateQueries();
  keyWanted.set(false);
}

export type SignedIn = 'yes' | 'refused' | 'unreachable';

/** Exchanges a key for a session. The key is not kept anywhere. */
export async function signIn(key: string): Promise<SignedIn> {
  if (!inHeader.test(key)) return 'refused';
  const headers = { authorization: `Bearer ${key}` };
  const answer = await fetch(address, { method: 'POST', headers }).catch(() => null);
  // 409: the keys were taken away meanwhile, and none is needed.
  if (answer?.ok || answer?.status === 409) {
    comings += 1;
    await learnSession();
    return 'yes';
  }
  return answer?.status === 401 ? 'refused' : 'unreachable';
}

/** Ends the session, and forgets what was typed. If the API cannot be told, nothing has changed. */
export async function signOut(): Promise<void> {
  const answer = await fetch(address, { method: 'DELETE' }).catch(() => null);
  // One that is over already needs no end.
  if (!answer?.ok && answer?.status !== 401) return;
  comings += 1;
  forgetAll();
  comesNext();
  session.set(null);
  keyWanted.set(true);
}

/** Whether a command for a shell has to name a key. */
export const needsKey = (): boolean => (session.get()?.keyId ?? null) !== null;

/** Nothing of who was here before is shown to who is here now. */
function comesNext(): void {
  queries.clear();
  visitor.set(visitor.get() + 1);
}

/** Somebody else who signs in at this browser does not see what was typed here. */
function keepOwner(owner: string): void {
  if (localStorage.getItem(ownerSlot) === owner) return;
  forgetAll();
  localStorage.setItem(ownerSlot, owner);
}

function forgetAll(): void {
  for (const name of Object.keys(localStorage)) if (name.startsWith(slots)) localStorage.removeItem(name);
}

client.setConfig({ baseUrl: '' });
client.interceptors.response.use((response) => {
  // It may be an answer to who was here before.
  if (response.status === 401 && !keyWanted.get()) void learnSession();
  return response;
});
