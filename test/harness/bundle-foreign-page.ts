import { fileURLToPath } from 'node:url';
import { build, type Rolldown } from 'vite';

// A process of its own: the bundler does not know the objects of a test's realm.
const input = fileURLToPath(new URL('foreign-page.js', import.meta.url));
const built = (await build({
  configFile: false,
  logLevel: 'error',
  build: { write: false, target: 'es2023', rolldownOptions: { input, onLog: () => undefined } },
})) as Rolldown.RolldownOutput;
process.stdout.write(built.output[0].code);
