/** So many calls a second, and as many at once after a pause. What has to be called all the same is made up for later. */
export class CallBudget {
  private left: number;
  private countedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly aSecond: number) {
    this.left = aSecond;
  }

  /** Whether there is a call to take, and takes it. */
  take(options: { must: boolean; now: number }): boolean {
    const { must, now } = options;
    this.left = Math.min(this.aSecond, this.left + ((now - this.countedAt) / 1_000) * this.aSecond);
    this.countedAt = now;
    if (this.left < 1 && !must) return false;
    this.left = Math.max(this.left - 1, -this.aSecond);
    return true;
  }
}
