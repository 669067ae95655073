import { describe, expect, it } from '@jest/globals';
import { patternOf, shellExamples } from '../harness/shell-examples.js';

const page = `
\`\`\`sh
a=1
curl -s x \\
  -d '{
  "b": 2 }'
# HTTP 200
# {"id":"…", …
echo |
  cat
\`\`\`
`;

describe('the commands of a page', () => {
  it('are found whole, with what they answer', () => {
    expect(shellExamples(page)).toEqual([
      { command: 'a=1', expected: [] },
      { command: `curl -s x \\\n  -d '{\n  "b": 2 }'`, expected: ['HTTP 200', '{"id":"…", …'] },
      { command: 'echo |\n  cat', expected: [] },
    ]);
  });

  it('answer what the page says, whatever stands for "…"', () => {
    const pattern = patternOf(['HTTP 200', '{"id":"…", … "c":[3], …']);
    expect('HTTP 200 OK\r\n\r\n{"id":"job_1","d":4,"c":[3],"e":5}').toMatch(pattern);
    expect('HTTP 200 OK\n{"id":"job_1","c":[4],"e":5}').not.toMatch(pattern);
    expect('{"id":"job_1","c":[3],"e":5} HTTP 200').not.toMatch(pattern);
  });
});
