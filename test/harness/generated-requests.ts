import fc from 'fast-check';
import { anyText, mutated, valuesOf } from './generated-values.js';
import type { OpenApiDocument, Operation, Parameter } from './openapi-document.js';

export interface Sent {
  path: string;
  query: [string, string][];
  headers: Record<string, string>;
  body?: string;
}

/** What a header can carry at all. */
const headerText = fc.string({ unit: 'grapheme-ascii', maxLength: 40 }).map((text) => text.trim());

const likelyHeaders: Readonly<Record<string, fc.Arbitrary<string>>> = {
  prefer: fc.constantFrom('wait=0', 'wait=1', 'wait=-1', 'respond-async, wait=x'),
  'if-none-match': fc.constantFrom('*', '"x"', 'W/"x", "y"'),
  'last-event-id': fc.constantFrom('0', '1', '999999', '-1', 'x'),
  accept: fc.constantFrom('*/*', 'text/event-stream', 'application/json', 'text/html;q=0.1'),
};

export interface RequestSource {
  path: string;
  operation: Operation;
  document: OpenApiDocument;
  /** By the name of a property or parameter. */
  likely: Readonly<Record<string, string>>;
  jobIds: readonly string[];
}

/** Requests to an operation: as its schemas allow, and with something wrong in them. */
export function requestsFor(source: RequestSource): fc.Arbitrary<Sent> {
  return fc
    .record({
      path: pathsOf(source),
      query: queriesOf(source),
      headers: headersOf(source),
      sent: bodiesOf(source),
    })
    .map(({ path, query, headers, sent: { body, type } }) => ({
      path,
      query,
      headers: { ...headers, ...(type ? { 'content-type': type } : {}) },
      ...(body === undefined ? {} : { body }),
    }));
}

const parametersOf = ({ operation }: RequestSource, place: Parameter['in']): Parameter[] =>
  (operation.parameters ?? []).filter((one) => one.in === place);

/** Mostly of the first kind. */
const mostly = <T>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 4, arbitrary: usual }, { weight: 1, arbitrary: other });

function pathsOf(source: RequestSource): fc.Arbitrary<string> {
  const { path, likely, jobIds } = source;
  const segments = parametersOf(source, 'path').map(({ name, schema }) => {
    const known = name === 'id' ? jobIds : name in likely ? [likely[name] ?? ''] : [];
    const made = fc
      .oneof(valuesOf(schema, source).map(String), anyText)
      // Of these the address would be another one.
      .filter((text) => !/^\.{0,2}$/.test(text));
    return fc.tuple(fc.constant(name), known.length === 0 ? made : mostly(fc.constantFrom(...known), made));
  });
  return fc
    .tuple(...segments)
    .map((made) =>
      made.reduce(
        (at, [name, value]) => at.replace(`{${name}}`, () => encodeURIComponent(value.toWellFormed())),
        path,
      ),
    );
}

function queriesOf(source: RequestSource): fc.Arbitrary<[string, string][]> {
  const fields = (chosen: Parameter[]) =>
    chosen.map(({ name, schema }) =>
      fc.tuple(fc.constant(name), mostly(valuesOf(schema, source).map(String), anyText)),
    );
  return fc.subarray(parametersOf(source, 'query')).chain((chosen) => fc.tuple(...fields(chosen)));
}

function headersOf(source: RequestSource): fc.Arbitrary<Record<string, string>> {
  const names = [...parametersOf(source, 'header').map(({ name }) => name.toLowerCase()), 'accept'];
  const values = (name: string) =>
    fc.oneof(...(likelyHeaders[name] ? [likelyHeaders[name]] : []), headerText);
  const headers = fc.record(Object.fromEntries(names.map((name) => [name, values(name)])), {
    requiredKeys: [],
  });
  return headers as fc.Arbitrary<Record<string, string>>;
}

/** Of which some are what they are said to be. */
const files = fc.record({
  body: fc.oneof(anyText, fc.constantFrom('a,b', '%PDF-1.7', 'PK\x03\x04', '<!DOCTYPE a [')),
  type: fc.constantFrom(
    '',
    'text/plain',
    'application/octet-stream',
    'application/pdf',
    'multipart/form-data',
  ),
});

function bodiesOf(source: RequestSource): fc.Arbitrary<{ body?: string; type: string }> {
  const content = source.operation.requestBody?.content ?? {};
  if (content['application/octet-stream']) return files;
  const schema = content['application/json']?.schema;
  if (!schema) return fc.constant({ type: '' });
  const values = valuesOf(schema, source);
  const json = fc
    .oneof(
      { weight: 4, arbitrary: values },
      { weight: 4, arbitrary: mutated(values) },
      { weight: 1, arbitrary: fc.jsonValue() },
    )
    .map((value) => JSON.stringify(value));
  const types = ['application/json', 'text/plain', 'application/xml', 'multipart/form-data', ''];
  return fc.oneof(
    { weight: 9, arbitrary: fc.record({ body: json, type: fc.constant('application/json') }) },
    { weight: 1, arbitrary: fc.record({ body: fc.oneof(json, anyText), type: fc.constantFrom(...types) }) },
  );
}
