import { createServer } from 'node:http';
import { once } from 'node:events';
import { expect, it } from '@jest/globals';
import { freePort, requireFreePorts } from '../../scripts/local/ports.js';
import { failOnLeftovers } from '../harness/leftovers.js';

const api = { purpose: 'the API', variable: 'PORT', host: '127.0.0.1', hostVariable: 'HOST' };

it('a port that is taken is named, with the variable that moves it', async () => {
  const port = await freePort();
  const rival = createServer().listen(port, '127.0.0.1');
  await once(rival, 'listening');
  try {
    await expect(requireFreePorts([{ ...api, port }])).rejects.toThrow(new RegExp(`^Port ${port}, .* PORT `));
  } finally {
    rival.close();
  }
});

it('two needs of one port are told apart from a stranger on it', async () => {
  const port = await freePort();
  const needs = [
    { ...api, port },
    { purpose: 'Temporal', variable: 'TEMPORAL_PORT', port },
  ];
  await expect(requireFreePorts(needs)).rejects.toThrow(/^PORT and TEMPORAL_PORT both name port/);
});

it('an address that this machine does not have is named, with the variable that moves it', async () => {
  const port = await freePort();
  await expect(requireFreePorts([{ ...api, host: '192.0.2.1', port }])).rejects.toMatchObject({
    name: 'PortTakenError',
    message: expect.stringMatching(/no address of this machine .* HOST /),
  });
});

failOnLeftovers();
