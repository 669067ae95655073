import { client } from '../../client/client.gen.js';
import { createCell } from '../shared/cell.js';
import { forgetInputs } from '../shared/last-inputs.js';

/** Forgotten when the tab is closed; other tabs and other origins never see it. */
const slot = 'longhaul.key';

export const key = createCell<string | null>(sessionStorage.getItem(slot));

/** Whether the API has asked for a key that it accepts. */
export const keyWanted = createCell(false);

export function signIn(given: string): void {
  sessionStorage.setItem(slot, given);
  key.set(given);
  keyWanted.set(false);
}

export function signOut(): void {
  sessionStorage.removeItem(slot);
  forgetInputs();
  key.set(null);
  keyWanted.set(true);
}

export const keyHeader = (): Record<string, string> => {
  const present = key.get();
  return present === null ? {} : { authorization: `Bearer ${present}` };
};

client.setConfig({ baseUrl: '', auth: () => key.get() ?? undefined });
client.interceptors.response.use((response) => {
  if (response.status === 401) keyWanted.set(true);
  return response;
});
