import { loadConfig } from '../src/config.js';
import { stopStack } from './local/running-stack.js';
import { stackSettings } from './local/settings.js';

const endings = {
  stopped: 'Stopped.',
  cleaned: 'No stack was running; what a killed one had left is stopped now.',
  nothing: 'Nothing was running.',
} as const;

const outcome = await stopStack(stackSettings(loadConfig()));
console.log(endings[outcome]);
