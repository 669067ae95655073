/**
 * Tells a person one line.
 * @param since for what takes long: ms since the epoch, from which the line counts seconds until the next line comes
 */
export type Tell = (line: string, since?: number) => void;

const tickMs = 1_000;
/** What cannot be written over, such as a file or the log of a build server, is added to more rarely. */
const addEveryMs = 15_000;

type Output = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>;

/** Writes lines. One that counts is written over on a terminal; elsewhere its seconds are added to it. */
export function createTell(output: Output): Tell {
  let counting: NodeJS.Timeout | undefined;

  const endLine = (): void => {
    if (counting === undefined) return;
    clearInterval(counting);
    counting = undefined;
    output.write('\n');
  };
  const count = (line: string, since: number): void => {
    const seconds = () => `${Math.round((Date.now() - since) / 1000)} s`;
    if (output.isTTY) {
      const draw = () => {
        const text = `${line}: ${seconds()}`;
        // A line that is wrapped could not be written over.
        output.write(`\r${text.slice(0, Math.max((output.columns || 80) - 1, 20))}\u001B[K`);
      };
      draw();
      counting = setInterval(draw, tickMs);
    } else {
      output.write(`${line} ...`);
      counting = setInterval(() => output.write(` ${seconds()} ...`), addEveryMs);
    }
    counting.unref();
  };
  return (line, since) => {
    endLine();
    if (since === undefined) output.write(`${line}\n`);
    else count(line, since);
  };
}

/** To standard output. */
export const tell: Tell = createTell(process.stdout);
