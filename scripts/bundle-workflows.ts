import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from './local/project.js';
import { workflowBundle } from './local/workflow-bundle.js';

const dist = join(projectRoot, 'dist');
await writeFile(
  join(dist, 'workflow-bundle.js'),
  await workflowBundle(join(dist, 'workflows/index.js'), { logLevel: 'WARN' }),
);
