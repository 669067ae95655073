import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { projectRoot } from './project.js';

/** What the frame needs in every bundle. */
const interceptors = join(projectRoot, 'dist/workflows/frame/run-header.js');

/** The code of workflows as a worker runs it, with the frame's part in it. Below warnings the bundler prints statistics. */
export async function workflowBundle(
  workflowsPath: string,
  { logLevel = 'ERROR' }: { logLevel?: 'WARN' | 'ERROR' } = {},
): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    workflowInterceptorModules: [interceptors],
    // Evaluated once a worker, not once a run: these modules keep no state (and are frozen).
    preloadModules: [workflowsPath],
    logger: new DefaultLogger(logLevel),
  });
  return code;
}
