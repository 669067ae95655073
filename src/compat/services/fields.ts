import { z } from 'zod';
import { isRecord } from '../../../job-types/contract/is-record.js';

type Schema = Readonly<Record<string, unknown>>;

/** What a form asks for, and where it goes. */
export interface Field {
  /** In the service's own spelling: "input_dir". */
  key: string;
  /** In the input of the job: "inputDir". */
  name: string;
  label: string;
  subtitle: string;
  /** Of its value. */
  schema: Schema;
  isRequired: boolean;
  kind: 'directory' | 'file' | 'batchfile' | 'parameter';
}

/**
 * The fields of these names, those for folders and files first.
 * @throws for a name that the input does not have
 */
export function fieldsOf(input: z.ZodType, names: readonly string[]): Field[] {
  const root = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as Schema;
  const whole = referred(root, root);
  const properties = isRecord(whole['properties']) ? whole['properties'] : {};
  const required = Array.isArray(whole['required']) ? (whole['required'] as unknown[]) : [];
  const fields = names.map((name) => {
    if (!Object.hasOwn(properties, name)) throw new Error(`The input of a service has no field "${name}".`);
    const schema = referred(properties[name], root);
    const isRequired = required.includes(name);
    const title = typeof schema['title'] === 'string' ? schema['title'] : inWords(name);
    return {
      key: snakeCase(name),
      name,
      label: isRequired ? title : `${title} (optional)`,
      subtitle: typeof schema['description'] === 'string' ? schema['description'] : '',
      schema,
      isRequired,
      kind: kindOf(schema, root),
    };
  });
  const isInput = ({ kind }: Field): boolean => kind !== 'parameter';
  return [...fields.filter(isInput), ...fields.filter((field) => !isInput(field))];
}

/** Whether values of a schema are what a service answers. */
export function hasTexts(result: z.ZodType): boolean {
  const root = z.toJSONSchema(result, { unrepresentable: 'any', reused: 'inline' }) as Schema;
  const properties = referred(root, root)['properties'];
  const texts = isRecord(properties) ? referred(properties['texts'], root) : {};
  const entry = referred(referred(texts['items'], root), root)['properties'];
  return isRecord(entry) && ['title', 'value', 'subtitle'].every((name) => Object.hasOwn(entry, name));
}

function kindOf(schema: Schema, root: Schema): Field['kind'] {
  if (schema['format'] === 'folder') return 'directory';
  if (schema['format'] === 'file') return 'file';
  const items = schema['type'] === 'array' ? referred(schema['items'], root) : {};
  return items['format'] === 'file' ? 'batchfile' : 'parameter';
}

/** Follows "#/$defs/name". */
function referred(schema: unknown, root: Schema): Schema {
  if (!isRecord(schema)) return {};
  const ref = schema['$ref'];
  const definitions = root['$defs'];
  if (typeof ref !== 'string' || !isRecord(definitions)) return schema;
  return { ...referred(definitions[ref.replace(/^#\/\$defs\//, '')], root), ...schema };
}

/** "inputDir" is "input_dir". */
const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** "inputDir" is "Input dir", and "text_summarization" "Text summarization". */
export function inWords(name: string): string {
  const words = snakeCase(name).replaceAll(/[_-]+/g, ' ').trim();
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
}
