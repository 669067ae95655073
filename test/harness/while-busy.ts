const mostPutOff = 5;

/** The answer, asked for again while it is 503: a server that is busy with other tests was late, which is not looked at. */
export async function whileBusy<T>(ask: () => Promise<T>, statusOf: (answer: T) => number): Promise<T> {
  for (let putOff = 0; ; putOff += 1) {
    const answer = await ask();
    if (statusOf(answer) !== 503 || putOff === mostPutOff) return answer;
  }
}
