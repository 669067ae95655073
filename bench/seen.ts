/** What a model that tells the time (the stand-in's `clock`) said, and how long it took until somebody could read it. */
export class Seen {
  readonly delays: number[] = [];
  private readonly newest = new Map<string, number>();

  /** Notes what of it was not seen of this job before. */
  look(jobId: string, text: string): void {
    const now = Date.now();
    const before = this.newest.get(jobId);
    let newest = before ?? 0;
    for (const [, told] of text.matchAll(/@(\d{13});/g)) {
      const at = Number(told);
      if (at <= newest) continue;
      newest = at;
      // What was said before anybody looked tells nothing.
      if (before !== undefined) this.delays.push(now - at);
    }
    this.newest.set(jobId, newest);
  }
}
