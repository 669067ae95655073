/** A command of a page, and what the page says it answers. */
export interface Example {
  command: string;
  /** One line of the page each; "…" stands for anything. */
  expected: string[];
}

/** The commands in the `sh` blocks of a part of a page, in their order. Comments behind a command are what it answers. */
export function shellExamples(page: string): Example[] {
  const blocks = [...page.matchAll(/^```sh\n(.*?)^```/gms)].map(([, body = '']) => body);
  return blocks.flatMap(examplesOf);
}

function examplesOf(block: string): Example[] {
  const examples: Example[] = [];
  let command = '';
  for (const line of block.trimEnd().split('\n')) {
    const last = examples.at(-1);
    if (command === '' && line.startsWith('#')) {
      if (last) last.expected.push(line.replace(/^#\s?/, '').trim());
      continue;
    }
    command += `${line}\n`;
    if (isWhole(command)) {
      examples.push({ command: command.trimEnd(), expected: [] });
      command = '';
    }
  }
  return examples;
}

/** Nothing of it is quoted, and no line goes on in the next. */
const isWhole = (command: string): boolean =>
  (command.split("'").length - 1) % 2 === 0 && !/[\\|]\n$/.test(command);

/** What an answer has to match: the lines of the page in their order. White space is the page's own. */
export function patternOf(expected: readonly string[]): RegExp {
  const lines = expected.map((line) =>
    line
      .split('…')
      .map((part) => part.trim().replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
      .map((part) => part.replaceAll(/\s+/g, String.raw`\s*`))
      .join('[^]*?'),
  );
  return new RegExp(lines.join('[^]*?'));
}
