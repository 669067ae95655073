import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { projectRoot } from '../../scripts/local/project.js';
import { configSchema, loadConfig } from '../../src/config.js';

const example = await readFile(join(projectRoot, '.env.example'), 'utf8');
const lines = example.split('\n').flatMap((line) => {
  const [, name, value = ''] = /^# ([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? [];
  return name === undefined ? [] : [{ name, value }];
});

it('names every variable of the configuration once, and no other', () => {
  const named = lines.map(({ name }) => name);
  expect(named.toSorted()).toEqual(Object.keys(configSchema.shape).toSorted());
});

it('shows the defaults', () => {
  const shown = loadConfig(Object.fromEntries(lines.map(({ name, value }) => [name, value])));
  expect(shown).toEqual(loadConfig({}));
  const withDefault = Object.entries(loadConfig({})).filter(([, value]) => !isEmpty(value));
  const shownNames = lines.filter(({ value }) => value !== '').map(({ name }) => name);
  expect(shownNames.toSorted()).toEqual(withDefault.map(([name]) => name).toSorted());
});

function isEmpty(value: unknown): boolean {
  return (
    value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
  );
}

it('sets nothing by itself', () => {
  expect(example.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
});
