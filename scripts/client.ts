import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { currentDocument } from './client/document.js';
import { generateClient } from './client/generator.js';
import { projectRoot } from './local/project.js';

const folder = await mkdtemp(join(tmpdir(), 'longhaul-client-'));
try {
  const documentFile = join(folder, 'openapi.json');
  await writeFile(documentFile, JSON.stringify(await currentDocument()));
  await generateClient(documentFile, join(projectRoot, 'client'));
} finally {
  await rm(folder, { recursive: true });
}
console.log('client/ is what the API is now.');
