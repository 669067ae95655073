import { z } from 'zod';

type JsonSchema = Parameters<typeof z.fromJSONSchema>[0];

interface DocumentedResponse {
  $ref?: string;
  content?: Record<string, { schema: object }>;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  schema: Record<string, unknown>;
}

export interface Operation {
  operationId: string;
  summary?: string;
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Record<string, { schema: Record<string, unknown> }> };
  responses: Record<string, DocumentedResponse>;
}

export interface OpenApiDocument {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
}

/** Every `$ref` in it, wherever it stands. */
export function refsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    key === '$ref' && typeof child === 'string' ? [child] : refsIn(child),
  );
}

/** What a reference such as `#/components/schemas/Job` names; undefined when there is nothing. */
export function resolveRef(document: OpenApiDocument, ref: string): unknown {
  if (!ref.startsWith('#/')) return undefined;
  return ref
    .slice(2)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>(
      (at, part) =>
        typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[part] : undefined,
      document,
    );
}

/** What an operation promises for a status, wherever the document says it; undefined when it promises nothing. */
export function responseOf(
  document: OpenApiDocument,
  { responses }: Operation,
  status: string | number,
): DocumentedResponse | undefined {
  const response = responses[status];
  return response?.$ref === undefined
    ? response
    : (resolveRef(document, response.$ref) as DocumentedResponse);
}

/** A check for a body, from a schema of the document. */
export function bodyCheck(document: OpenApiDocument, schema: object): z.ZodType {
  const withDefs = { ...schema, $defs: document.components.schemas };
  const text = JSON.stringify(withDefs).replaceAll('"#/components/schemas/', '"#/$defs/');
  return z.fromJSONSchema(JSON.parse(text) as JsonSchema);
}

/** `GET /v1/jobs/{id}` for each route, from the tree that Fastify prints. */
export function routesIn(tree: string): string[] {
  const path: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const match = /^(?<indent>[│\s]*)[├└]── (?<segment>\S+)(?: \((?<methods>[A-Z, ]+)\))?$/.exec(line);
    const { indent, segment, methods } = match?.groups ?? {};
    if (indent === undefined || segment === undefined) return [];
    path.length = indent.length / 4;
    path.push(segment);
    const url = path.join('').replaceAll(/:(\w+)/g, '{$1}');
    return (methods?.split(', ') ?? []).map((method) => `${method} ${url}`);
  });
}
