import { expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config.js';

it.each([
  [{ PORT: 'abc' }, 'PORT: has to be a number'],
  [{ PORT: '70000' }, 'PORT: is more than 65535'],
  [{ MAX_STREAMS: '0' }, 'MAX_STREAMS: is less than 1'],
  [{ MAX_STREAMS: '1.5' }, 'MAX_STREAMS: has to be a whole number'],
  [{ OPENAI_BASE_URL: 'here' }, 'OPENAI_BASE_URL: is no URL'],
  [{ LOG_LEVEL: 'all' }, /LOG_LEVEL: has to be "fatal", .* or "silent"/],
  [{ ALLOW_KEYLESS: 'maybe' }, /ALLOW_KEYLESS: has to be "true", .* or "disabled"/],
  [{ CORS_ORIGINS: '*' }, 'CORS_ORIGINS: write origins such as'],
])('a configuration of %j is refused in plain words', (env, complaint) => {
  expect(() => loadConfig(env)).toThrow(complaint);
});
