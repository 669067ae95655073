import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import { mostBytes, smallBody } from '../../src/body-room.js';
import { takeJsonAlone } from '../../src/json-body.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { until } from '../harness/until.js';

const body = (bytes: number): string => JSON.stringify({ text: 'x'.repeat(bytes) });
const large = body(mostBytes / 8);

let fastify: FastifyInstance;
/** Each ends a request whose body was taken. */
let under: (() => void)[];

beforeEach(() => {
  under = [];
  fastify = Fastify({ bodyLimit: mostBytes });
  takeJsonAlone(fastify);
  fastify.post('/', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    under.push(resolve);
    await promise;
    return {};
  });
});
afterEach(() => fastify.close());

const post = async (payload: string) => {
  const headers = { 'content-type': 'application/json' };
  return (await fastify.inject({ method: 'POST', url: '/', headers, payload })).statusCode;
};

describe('large bodies that come all at once', () => {
  it('are taken so many at a time, and all of them in the end', async () => {
    const count = 16;
    const answers = Array.from({ length: count }, () => post(large));
    // What is small passes them.
    const small = post(body(smallBody / 2));
    let ended = 0;
    let most = 0;
    while (ended <= count) {
      await until(() => under.length > ended, { what: 'one more body is taken' });
      most = Math.max(most, under.length - ended);
      under[ended]?.();
      ended += 1;
    }
    expect(new Set(await Promise.all([...answers, small]))).toEqual(new Set([200]));
    expect(most).toBeLessThanOrEqual(8);
  });

  it('give their room back when they are not JSON', async () => {
    for (let one = 0; one < 20; one += 1) expect(await post(`${large}}`)).toBe(400);
    const answer = post(large);
    await until(() => under.length === 1, { what: 'the body is taken' });
    under[0]?.();
    expect(await answer).toBe(200);
  });
});

failOnLeftovers();
