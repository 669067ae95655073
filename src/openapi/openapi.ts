import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { z } from 'zod';

type Converter = NonNullable<
  NonNullable<Parameters<typeof SwaggerModule.createDocument>[2]>['standardSchemaConverter']
>;
type Converted = NonNullable<ReturnType<Converter>>;

/** zod writes `$defs` where OpenAPI wants components; schemas with an id are shared between routes. */
function convert(schema: z.ZodType, io: 'input' | 'output'): Converted {
  const {
    $schema: _,
    $defs,
    id,
    ...root
  } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    target: 'draft-2020-12',
  }) as Record<string, unknown>;
  const definitions = ($defs ?? {}) as Record<string, Record<string, unknown>>;
  const moved = JSON.parse(
    JSON.stringify({ root, definitions }).replaceAll('"#/$defs/', '"#/components/schemas/'),
  ) as { root: Converted['schema']; definitions: Converted['components'] };
  for (const definition of Object.values(moved.definitions ?? {})) delete (definition as { id?: unknown }).id;
  if (typeof id !== 'string') return { schema: moved.root, components: moved.definitions };
  return {
    schema: { $ref: `#/components/schemas/${id}` },
    components: { ...moved.definitions, [id]: moved.root },
  } as Converted;
}

/** Serves /openapi.json and, from files of our own, /docs. */
export function serveOpenApi(app: NestFastifyApplication): void {
  const about = new DocumentBuilder()
    .setTitle('Longhaul')
    .setDescription('Durable LLM jobs: submit, watch, cancel. Every error is a problem (RFC 9457).')
    .setVersion('1')
    .setOpenAPIVersion('3.1.0')
    .build();
  const document = SwaggerModule.createDocument(app, about, {
    standardSchemaConverter: (schema, { schemaType }) => convert(schema as unknown as z.ZodType, schemaType),
  });
  SwaggerModule.setup('docs', app, document, { jsonDocumentUrl: 'openapi.json', yamlDocumentUrl: undefined });
}
