/**
 * The work, unless it takes longer than the limit; it then goes on, and nobody hears how it ends.
 * @throws with the code of a connection that timed out, so that a database is seen to be away.
 */
export async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = Object.assign(new Error(`no answer within ${limitMs} ms`), { code: 'ETIMEDOUT' });
    timer = setTimeout(() => reject(error), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
