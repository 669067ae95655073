import { RE2JS } from 're2js';
import { StepFailure } from '../../frame/step-failure.js';

/** Characters that replacing may make of a text, before it is known how many there are. */
const mostReplaced = 4_000_000;

/** Characters of a text that has grown, which are those of a cell of Excel. */
const longestGrown = 32_767;

/** Takes time that grows with the text alone, whatever the pattern is. */
export function replacing(pattern: string, replacement: string): (text: string) => string {
  const { compiled, javaStyle } = compiledOf(pattern, replacement);
  const groups = javaStyle.match(/\$[\d&<]/g)?.length ?? 0;
  // What stands before or behind a match, as a whole.
  const rests = javaStyle.match(/\$[`']/g)?.length ?? 0;
  return (text) => {
    const each = javaStyle.length + rests * text.length;
    const longest = (matches: number) => text.length * (1 + groups) + matches * each;
    // Counting takes as long as replacing, and few texts can become that long.
    if (longest(text.length + 1) > mostReplaced && longest(matchesIn(compiled, text)) > mostReplaced)
      throw tooLong();
    return limited(compiled.matcher(text).replaceAll(javaStyle), text);
  };
}

function limited(replaced: string, text: string): string {
  if (replaced.length > Math.max(longestGrown, text.length)) throw tooLong();
  return replaced;
}

const tooLong = (): StepFailure =>
  new StepFailure('operation-refused', `Replacing makes a text of more than ${longestGrown} characters.`);

function matchesIn(pattern: RE2JS, text: string): number {
  const matcher = pattern.matcher(text);
  let count = 0;
  while (matcher.find()) count += 1;
  return count;
}

function compiledOf(pattern: string, replacement: string) {
  try {
    const compiled = RE2JS.compile(pattern);
    const javaStyle = replacement.replaceAll(/\\(?!\d)/g, '\\\\').replaceAll(/\\(\d)/g, '$$$1');
    return { compiled, javaStyle };
  } catch (error) {
    const detail = `The pattern "${pattern.slice(0, 80)}" is no regular expression that is used here.`;
    throw new StepFailure('operation-refused', detail, { cause: error });
  }
}

/** What is neither a letter, a digit nor white space is replaced. */
export function withoutSpecials(text: string, replacement: string): string {
  if (text.length * Math.max(1, replacement.length) > mostReplaced) throw tooLong();
  return limited(
    text.replace(/[^\p{L}\p{M}\p{N}\s]/gu, () => replacement),
    text,
  );
}
