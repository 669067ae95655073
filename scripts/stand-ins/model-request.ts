import { isRecord } from '../../job-types/contract/is-record.js';

type Json = Record<string, unknown>;

/** What a request asks for, in whichever protocol it came. */
export interface Asked {
  model: string;
  /** All that was said, one below the other. */
  prompt: string;
  /** The last turn of the conversation. */
  last: string;
  /** What the answer must match; null for plain text. */
  schema: Json | null;
  /** The answer is to be the argument of a tool, Anthropic's older way to ask for JSON. */
  asTool: boolean;
  maxTokens: number;
  /** Why the real server would not take it. */
  refusal: Json | null;
}

/** Follows names into what may be no object at all. */
const at = (value: unknown, ...names: string[]): unknown =>
  names.reduce((inner, name) => (isRecord(inner) ? inner[name] : undefined), value);

/** A turn is a text, or a list of parts. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  const texts = content.map((part) => at(part, 'text'));
  return texts.filter((text) => typeof text === 'string').join('\n');
}

export function readRequest(body: unknown): Asked {
  const messages = at(body, 'messages');
  const turns = (Array.isArray(messages) ? messages : []).map((message) => textOf(at(message, 'content')));
  const format = at(body, 'response_format', 'json_schema');
  const [tool] = (at(body, 'tools') ?? []) as unknown[];
  const schema =
    at(format, 'schema') ?? at(body, 'output_config', 'format', 'schema') ?? at(tool, 'input_schema');
  const most = at(body, 'max_tokens') ?? at(body, 'max_completion_tokens');
  return {
    model: String(at(body, 'model')),
    prompt: turns.join('\n'),
    last: turns.at(-1) ?? '',
    schema: isRecord(schema) ? schema : null,
    asTool: tool !== undefined,
    maxTokens: typeof most === 'number' ? most : Infinity,
    refusal: isRecord(schema) ? refusalOf(schema, { strict: at(format, 'strict') === true }) : null,
  };
}

/** What strict structured output does not know anywhere, as far as anybody here has asked for it. */
const notStrict = new Set([
  ...['allOf', 'oneOf', 'default', 'examples', 'prefixItems', 'propertyNames', 'uniqueItems'],
  ...['minProperties', 'maxProperties'],
]);

function refusalOf(schema: Json, { strict }: { strict: boolean }): Json | null {
  const wrong =
    schema['type'] !== 'object'
      ? `schema must be a JSON Schema of 'type: "object"', got 'type: "${String(schema['type'])}"'`
      : strict
        ? againstStrict(schema)
        : null;
  if (wrong === null) return null;
  const message = `Invalid schema for response_format 'response': ${wrong}.`;
  return { message, type: 'invalid_request_error', param: 'response_format', code: 'invalid_json_schema' };
}

function againstStrict(part: unknown): string | null {
  if (!isRecord(part)) return null;
  const unknown = Object.keys(part).find((keyword) => notStrict.has(keyword));
  if (unknown) return `'${unknown}' is not permitted`;
  const named = isRecord(part['properties']) ? part['properties'] : {};
  if (part['type'] === 'object') {
    const required: unknown[] = Array.isArray(part['required']) ? part['required'] : [];
    if (part['additionalProperties'] !== false) return "'additionalProperties' is required to be false";
    if (!Object.keys(named).every((name) => required.includes(name))) {
      return "'required' is required to be an array including every key in properties";
    }
  }
  const defs = isRecord(part['$defs']) ? part['$defs'] : {};
  const choices: unknown[] = Array.isArray(part['anyOf']) ? part['anyOf'] : [];
  const inside = [part['items'], ...choices, ...Object.values(named), ...Object.values(defs)];
  return inside.map(againstStrict).find((wrong) => wrong !== null) ?? null;
}
