// Usage: node generate.mjs <OpenAPI document> <folder to write>. Runs with the TypeScript beside it.
import { createClient } from '@hey-api/openapi-ts';

const [input, output] = process.argv.slice(2);

await createClient({
  input,
  output: { path: output, module: { extension: '.js' }, tsConfigPath: null },
  parser: { filters: { orphans: true } },
  plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
  logs: { level: 'warn', file: false },
});
