/** In ms: an answer that comes sooner says that there is room for more calls, one that comes later that there are too many. */
const quickMs = 100;
const slowMs = 400;
/** What a slow answer takes away. If all calls at once are slow, a fifth of them is not sent again. */
const slower = 0.2;
/** What a call takes away that was not answered, or that the server refused because it is too busy. */
const refused = 0.5;

export interface WidthOptions {
  least: number;
  first: number;
  most: number;
}

/** How many calls a server is asked at once. Its own latency widens and narrows it. */
export class LaneWidth {
  private width: number;

  constructor(private readonly options: WidthOptions) {
    this.width = options.first;
  }

  get calls(): number {
    return Math.floor(this.width);
  }

  /**
   * @param ms the time from the call to its answer
   * @param full whether the lane was: how quick a server is that has little to do says nothing
   */
  answered(ms: number, full: boolean): void {
    // Each time all of them were quick there is one more.
    if (ms < quickMs && full) this.become(this.width + 1 / this.width);
    else if (ms > slowMs) this.become(this.width - slower);
  }

  refused(): void {
    this.become(this.width - refused);
  }

  private become(width: number): void {
    this.width = Math.min(Math.max(width, this.options.least), this.options.most);
  }
}
