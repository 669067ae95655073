import { ApiBody, getSchemaPath } from '@nestjs/swagger';

/** Documents the body of a route that checks it by itself; the schema stands among those of the document (api-document.ts). */
export const takes = (schemaId: string) =>
  ApiBody({ required: true, schema: { $ref: getSchemaPath(schemaId) } });
