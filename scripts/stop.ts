import { loadConfig } from '../src/config.js';
import { toShow } from './local/foreseen.js';
import { stopStack } from './local/running-stack.js';
import { stackSettings } from './local/settings.js';

const endings = {
  stopped: 'Stopped.',
  cleaned: 'No stack was running; what a killed one had left is stopped now.',
  nothing: 'Nothing was running.',
} as const;

try {
  console.log(endings[await stopStack(stackSettings(loadConfig()))]);
} catch (error) {
  console.error(toShow(error));
  process.exitCode = 1;
}
