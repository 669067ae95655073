import type { z } from 'zod';
import { isRecord } from '../../contract/is-record.js';
import { deepPlace } from '../../contract/json-depth.js';
import { StorableText } from '../storable-text.js';
import { type Nested, keywords, rootKeywords } from './keywords.js';
import { type SchemaPart, type WholeSchema, resolveRef } from './schema.js';

type Path = readonly PropertyKey[];

interface Complaint {
  path: Path;
  message: string;
}

/** Levels of JSON. */
const deepest = 32;
/** Characters of JSON. */
const longest = 65_536;

/** Why a value cannot be used as the schema of an answer; empty when it can. */
export function complaintsAbout(value: unknown): Complaint[] {
  if (!isRecord(value)) return [{ path: [], message: 'must be a JSON Schema, which is an object' }];
  const deep = deepPlace(value, deepest);
  if (deep !== null) return [{ path: deep, message: `stands deeper than ${deepest} levels` }];
  const { length } = JSON.stringify(value);
  if (length > longest) {
    return [{ path: [], message: `has ${length} characters of JSON, and may have ${longest}` }];
  }
  const wrong = [...inTexts(value, []), ...inKeywords(value, { path: [], known: rootKeywords })];
  return wrong.length > 0 ? wrong : inReferences(value, { path: [], whole: value });
}

function inTexts(value: unknown, path: Path): Complaint[] {
  if (typeof value === 'string') {
    const { error } = StorableText.safeParse(value);
    return (error?.issues ?? []).map(({ message }) => ({ path, message }));
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [
    ...inTexts(key, path),
    ...inTexts(child, [...path, key]),
  ]);
}

function inKeywords(part: unknown, { path, known }: { path: Path; known: typeof keywords }): Complaint[] {
  if (typeof part === 'boolean') return [];
  if (!isRecord(part)) return [{ path, message: 'must be a schema: an object, true or false' }];
  return Object.entries(part).flatMap(([keyword, value]) => {
    const rule = Object.hasOwn(known, keyword) ? known[keyword] : undefined;
    const at = [...path, keyword];
    if (rule === undefined)
      return [{ path: at, message: `"${keyword}" is no keyword that can be used here` }];
    return typeof rule === 'string' ? inNested(value, { rule, at }) : inValue(value, { rule, at });
  });
}

const inValue = (value: unknown, { rule, at }: { rule: z.ZodType; at: Path }): Complaint[] =>
  (rule.safeParse(value).error?.issues ?? []).map(({ path, message }) => ({
    path: [...at, ...path],
    message,
  }));

function inNested(value: unknown, { rule, at }: { rule: Nested; at: Path }): Complaint[] {
  if (rule === 'schema') return inKeywords(value, { path: at, known: keywords });
  const fits = rule === 'schemas' ? Array.isArray(value) && value.length > 0 : isRecord(value);
  if (!fits) {
    const message = rule === 'schemas' ? 'must be a list of schemas' : 'must be an object of schemas';
    return [{ path: at, message }];
  }
  return Object.entries(value as object).flatMap(([key, part]) =>
    inKeywords(part, { path: [...at, key], known: keywords }),
  );
}

/** Where schemas stand in a schema whose keywords are in order. */
function partsOf(part: SchemaPart): { path: Path; part: SchemaPart }[] {
  return Object.entries(part).flatMap(([keyword, value]) => {
    const rule = rootKeywords[keyword];
    if (rule === 'schema') return [{ path: [keyword], part: value as SchemaPart }];
    if (rule !== 'schemas' && rule !== 'named schemas') return [];
    return Object.entries(value as Record<string, SchemaPart>).map(([key, one]) => ({
      path: [keyword, key],
      part: one,
    }));
  });
}

function inReferences(part: SchemaPart, { path, whole }: { path: Path; whole: WholeSchema }): Complaint[] {
  const inside = partsOf(part).flatMap((one) =>
    inReferences(one.part, { path: [...path, ...one.path], whole }),
  );
  const message = typeof part === 'object' && part.$ref !== undefined ? aboutRef(part.$ref, whole) : null;
  return message === null ? inside : [{ path: [...path, '$ref'], message }, ...inside];
}

function aboutRef(ref: string, whole: WholeSchema): string | null {
  const target = resolveRef(ref, whole);
  if (target === undefined) return 'leads nowhere; write "#/$defs/<name>" of a definition that is there';
  // The answer of any other schema travels inside an object, of which "#" would then be the name.
  if (ref === '#' && whole.type !== 'object') {
    return '"#" needs a schema with "type": "object"; give what is repeated a name in "$defs"';
  }
  return isAnswered(ref, { by: target, whole, seen: new Set() }) ? 'leads back to itself' : null;
}

interface Answering {
  by: SchemaPart;
  whole: WholeSchema;
  seen: Set<string>;
}

/** Whether a reference is its own meaning, with nothing of the answer in between: no value could ever be checked. */
function isAnswered(ref: string, { by, whole, seen }: Answering): boolean {
  if (typeof by === 'boolean') return false;
  if (by.$ref === ref) return true;
  const next = by.$ref === undefined || seen.has(by.$ref) ? undefined : resolveRef(by.$ref, whole);
  if (by.$ref !== undefined) seen.add(by.$ref);
  const beside = [...(by.anyOf ?? []), ...(by.oneOf ?? []), ...(by.allOf ?? [])];
  return [...beside, ...(next === undefined ? [] : [next])].some((one) =>
    isAnswered(ref, { by: one, whole, seen }),
  );
}
