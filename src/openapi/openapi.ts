import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { z } from 'zod';

type Converter = NonNullable<
  NonNullable<Parameters<typeof SwaggerModule.createDocument>[2]>['standardSchemaConverter']
>;
type Converted = NonNullable<ReturnType<Converter>>;

interface JsonSchema {
  $schema?: string;
  $defs?: Record<string, JsonSchema>;
  id?: string;
}

/** zod writes `$defs` where OpenAPI wants components; schemas with an id are shared between routes. */
function convert(schema: z.ZodType, io: 'input' | 'output'): Converted {
  const text = JSON.stringify(
    z.toJSONSchema(schema, { io, unrepresentable: 'any', target: 'draft-2020-12' }),
  ).replaceAll('"#/$defs/', '"#/components/schemas/');
  const { $schema: _, $defs = {}, id, ...root } = JSON.parse(text) as JsonSchema;
  const components = Object.fromEntries(
    Object.entries($defs).map(([name, { id: _id, ...definition }]) => [name, definition]),
  );
  if (id === undefined) return { schema: root, components };
  return { schema: { $ref: `#/components/schemas/${id}` }, components: { ...components, [id]: root } };
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
    standardSchemaConverter: (schema, { schemaType }) => convert(schema as z.ZodType, schemaType),
  });
  SwaggerModule.setup('docs', app, document, { jsonDocumentUrl: 'openapi.json', yamlDocumentUrl: undefined });
}
