import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../local/project.js';
import { filledIn, type Names } from './names.js';

/** What keeps a job type from being written. */
export class NotWritten extends Error {
  override name = 'NotWritten';
}

/** The files of a job type, by their templates. */
const files = ({ kebab }: Names): Readonly<Record<string, string>> => ({
  [`job-types/${kebab}.ts`]: 'job-type',
  [`workflows/${kebab}.ts`]: 'workflow',
  [`activities/${kebab}.ts`]: 'activities',
  [`activities/prompts/${kebab}.ts`]: 'prompt',
  [`test/job-types/${kebab}.test.ts`]: 'test',
});

interface Registration {
  file: string;
  /** What stands there, and what comes in its place. */
  change: readonly [from: RegExp, to: string];
}

/** The lines that name a job type where all are named. */
const registrations = ({ camel, Pascal, kebab }: Names): Registration[] => [
  {
    file: 'job-types/index.ts',
    change: [/(?=\n\/\*\* Every job type)/, `import { ${camel} } from './${kebab}.js';\n`],
  },
  {
    file: 'job-types/index.ts',
    change: [/(jobTypes = \{[^}]*?),?\s*\}/, `$1, ${camel} }`],
  },
  {
    file: 'workflows/index.ts',
    change: [/(?=\n\/\*\* One workflow)/, `export { ${camel} } from './${kebab}.js';\n`],
  },
  {
    file: 'activities/index.ts',
    change: [/(?=\nexport interface)/, `import { create${Pascal}Activities } from './${kebab}.js';\n`],
  },
  {
    file: 'activities/index.ts',
    change: [/(?=\}\);\n\nexport type Activities)/, `  ...create${Pascal}Activities(deps),\n`],
  },
  {
    file: 'docs/jobs-api.md',
    change: [
      /(\n\| `extractArticle` \|.*\n(?:\| .*\n)*)/,
      `$1| \`${camel}\` | sums up a text in a sentence | answer |\n`,
    ],
  },
  {
    file: 'README.md',
    change: [
      /(\n\| `extractArticle` \|.*\n(?:\| .*\n)*)/,
      `$1| \`${camel}\` | sums up a text in a sentence |\n`,
    ],
  },
];

/**
 * Writes the files of a job type and the lines that name it.
 * @returns the paths of all that was written or changed
 * @throws {NotWritten} before anything is
 */
export function writeJobType(names: Names): string[] {
  const wanted = files(names);
  const there = Object.keys(wanted).filter((file) => existsSync(join(projectRoot, file)));
  if (there.length > 0) throw new NotWritten(`${there.join(', ')} is there already. Choose another name.`);
  const changed = new Map<string, string>();
  for (const { file, change } of registrations(names)) {
    const text = changed.get(file) ?? readFileSync(join(projectRoot, file), 'utf8');
    const after = text.replace(...change);
    if (after === text) {
      throw new NotWritten(
        `${file} has another form than it had, so that its line has to be written by hand.`,
      );
    }
    changed.set(file, after);
  }
  for (const [file, template] of Object.entries(wanted)) {
    const text = readFileSync(join(projectRoot, 'scripts/new/templates', `${template}.txt`), 'utf8');
    changed.set(file, filledIn(text, names));
  }
  for (const [file, text] of changed) writeFileSync(join(projectRoot, file), text);
  return [...changed.keys()];
}
