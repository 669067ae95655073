import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { atBoot } from '../../src/boot-retry.js';
import { ConfigError } from '../../src/config.js';
import { NewerDatabaseError } from '../../store/migrations.js';
import { failOnLeftovers } from '../harness/leftovers.js';

const logger = pino({ level: 'silent' });

const refused = (code: string, message: string): Error => Object.assign(new Error(message), { code });

/** Fails with the error again and again. @returns how often it was tried, and what came of it */
async function bootWith(error: Error, times = Infinity) {
  let tries = 0;
  const work = () => {
    tries += 1;
    return tries > times ? Promise.resolve('works') : Promise.reject(error);
  };
  const outcome = await atBoot('The database', { work, logger }).catch((thrown: unknown) => thrown);
  return { tries, outcome };
}

describe('a start', () => {
  it.each([
    ['a password', refused('28P01', 'password authentication failed'), /password.*Correct/],
    ['a database', refused('3D000', 'database "x" does not exist'), /does not exist.*Create/],
    ['a right', refused('42501', 'permission denied for schema public'), /denied.*Grant/],
    ['a version', new NewerDatabaseError('It has 0099.'), /0099.*npm run reset/],
  ])('ends at once, with the remedy, for %s that no waiting mends', async (_, error, sentence) => {
    const { tries, outcome } = await bootWith(error);
    expect(tries).toBe(1);
    expect(outcome).toBeInstanceOf(ConfigError);
    expect((outcome as Error).message).toMatch(sentence);
    expect((outcome as Error).message).not.toContain('\n');
  });

  it.each([
    refused('ECONNREFUSED', 'connect ECONNREFUSED'),
    refused('57P03', 'the database system is starting up'),
    refused('23505', 'two processes made the same table at once'),
  ])('waits for what passes: %s', async (error) => {
    expect(await bootWith(error, 2)).toEqual({ tries: 3, outcome: 'works' });
  });
});

failOnLeftovers();
