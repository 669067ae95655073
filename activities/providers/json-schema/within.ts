import { types } from 'node:util';
import { Script, createContext } from 'node:vm';

export class TookTooLong extends Error {
  override name = 'TookTooLong';
}

const script = new Script('work()');
const context = createContext({ work: (): void => undefined });

/**
 * What the work gives, unless it takes longer than that. The work is then stopped wherever it is, also in the
 * middle of an expression that tries for ever. Nothing else on this thread can stop that. The work must not wait
 * for anything.
 * @throws {TookTooLong}
 */
export function within<T>(ms: number, work: () => T): T {
  const done: T[] = [];
  context['work'] = () => void done.push(work());
  try {
    script.runInContext(context, { timeout: ms });
  } catch (error) {
    const stopped =
      types.isNativeError(error) && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
    throw stopped ? new TookTooLong() : error;
  } finally {
    context['work'] = () => undefined;
  }
  return done[0] as T;
}
