// Usage: node generate.mjs <OpenAPI document> <folder to write>. Runs with the TypeScript beside it.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@hey-api/openapi-ts';

const [input, output] = process.argv.slice(2);

/** Written by hand, beside what is generated. */
const kept = 'react';
for (const name of existsSync(output) ? readdirSync(output) : []) {
  if (name !== kept) rmSync(join(output, name), { recursive: true });
}

await createClient({
  input,
  output: { path: output, clean: false, module: { extension: '.js' }, tsConfigPath: null },
  parser: { filters: { orphans: true } },
  plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
  logs: { level: 'warn', file: false },
});

// A name that only browsers' types have, where the client says it runs anywhere.
const file = join(output, 'client/client.gen.ts');
const code = readFileSync(file, 'utf8');
writeFileSync(file, code.replaceAll('BodyInit | null | undefined', "RequestInit['body']"));
