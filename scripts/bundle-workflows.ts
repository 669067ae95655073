import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { projectRoot } from './local/project.js';

const dist = join(projectRoot, 'dist');
const workflowsPath = join(dist, 'workflows/index.js');
const { code } = await bundleWorkflowCode({
  workflowsPath,
  // Evaluated once a worker, not once a run: these modules keep no state (and are frozen).
  preloadModules: [workflowsPath],
  // Below warnings the bundler prints statistics of every build.
  logger: new DefaultLogger('WARN'),
});
await writeFile(join(dist, 'workflow-bundle.js'), code);
