/**
 * Closes one after the other, and each whatever became of those before it.
 * @throws {AggregateError} when some could not be closed
 */
export async function closeAll(closes: readonly (() => Promise<unknown> | undefined)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closes) {
    try {
      await close();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('\n'));
}
