import { isRecord } from '../../../job-types/contract/is-record.js';

/** A request that brings its own provider. The message is a sentence for a person, and quotes nothing of it. */
export class RefusedConfig extends Error {
  override name = 'RefusedConfig';
}

/** Names of fields that hold a key or say where a provider is. */
const secret = /key|token|secret|password|credential|authorization/i;
const address = /endpoint|url|uri|base|host|address|server/i;
const limit = /max/i;

/**
 * The model that a `llm_config` names; none when all of its fields are null.
 * @throws {RefusedConfig} for a key or an address, which are never kept
 */
export function modelOf(config: unknown): { model?: string } {
  if (!isRecord(config)) return {};
  const given = Object.entries(config).filter(([, value]) => value !== null && value !== '');
  for (const [name] of given) {
    // "max_tokens" is a number of them.
    if (limit.test(name)) continue;
    if (secret.test(name)) throw new RefusedConfig(refusal('a key'));
    if (address.test(name)) throw new RefusedConfig(refusal('an address'));
  }
  const model = given.find(([name, value]) => /model/i.test(name) && typeof value === 'string')?.[1];
  return typeof model === 'string' ? { model } : {};
}

const refusal = (what: string): string =>
  `llm_config holds ${what} of a provider, which is not taken from requests. Leave it out and name a model that the operator of this server has configured. Nothing of it was kept.`;
