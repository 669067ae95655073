import { UnprocessableEntityException } from '@nestjs/common';
import { z } from 'zod';
import { type ModelNames, rulesName } from '../../../job-types/fields/model-names.js';

/** Whatever it holds: what of it is looked at, and what is refused, is decided below. */
export const LlmConfig = z.record(z.string(), z.unknown()).nullish().meta({
  description: 'Which configured model to ask, in "model"; a key or an address in it is refused',
});
export type LlmConfig = z.output<typeof LlmConfig>;

/** One text of it, by the name of its field. */
interface Said {
  name: string;
  text: string;
}

const modelField = /^(llm_?)?model(_?(name|id))?$/i;
const keyField = /key|secret|passw|credential|authorization|bearer|(^|_)token$/i;
const addressField = /endpoint|url|uri|host|(^|_)(base|address|server|port)$/i;
const keyValue = /^(sk-|sk_|pk-|gsk_|xai-|AIza|AKIA|lh_|Bearer\s)|^[A-Za-z0-9_-]{40,}$/;
const addressValue = /^[a-z][a-z0-9+.-]*:\/\/|^(\d{1,3}\.){3}\d{1,3}(:\d+)?$|^localhost\b/i;

/** The address of a model, and the key to it, are the operator's. Neither is kept, and nothing of them is said again. */
const sentences = {
  key: 'A key in llm_config is not taken: the keys of models are set by whoever runs this server. Leave it out, and name a model in "model".',
  address:
    'An address in llm_config is not taken: the addresses of models are set by whoever runs this server. Leave it out, and name a model in "model".',
} as const;

/**
 * The configured model that somebody's settings name; undefined where they name none, and the usual one is asked.
 * @throws {UnprocessableEntityException} with a sentence: for a key, an address, or a model that is not offered
 */
export function modelOf(config: LlmConfig, models: ModelNames): string | undefined {
  const said = textsIn(config);
  if (said.some(({ name, text }) => keyField.test(name) || (!modelField.test(name) && keyValue.test(text)))) {
    throw new UnprocessableEntityException(sentences.key);
  }
  if (said.some(({ name, text }) => addressField.test(name) || addressValue.test(text))) {
    throw new UnprocessableEntityException(sentences.address);
  }
  const wanted = said.find(({ name }) => modelField.test(name))?.text;
  return wanted === undefined ? undefined : offered(wanted, models);
}

/** By its whole name, or by the provider's own. */
function offered(wanted: string, { names }: ModelNames): string {
  const ends = names.filter((name) => name.slice(name.indexOf('/') + 1) === wanted);
  const [found] = names.includes(wanted) ? [wanted] : ends;
  if (found !== undefined) return found;
  const others = names.filter((name) => name !== rulesName);
  const what = others.length > 0 ? `The models here are ${others.join(', ')}.` : 'No model is set up here.';
  throw new UnprocessableEntityException(`The model that llm_config names is not offered. ${what}`);
}

/** Every text and number in it that says anything, however deep. */
function textsIn(value: unknown, name = ''): Said[] {
  if (typeof value === 'string') return value.trim() === '' ? [] : [{ name, text: value.trim() }];
  if (typeof value === 'number') return [{ name, text: String(value) }];
  if (Array.isArray(value)) return value.flatMap((one: unknown) => textsIn(one, name));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([field, inner]) => textsIn(inner, field));
}
