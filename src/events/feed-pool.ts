import type { EventFeed } from './event-feed.js';
import { EventView } from './event-view.js';

/** What follows something for those who watch it, and is dropped when nobody does. */
export interface Watched {
  /** Of the job, or of the owner. */
  readonly name: string;
  readonly feed: EventFeed;
  /** Until the feed can be read. */
  readonly ready: Promise<void>;
}

/** The feeds that are watched, one for each thing, however many watch it. */
export class FeedPool<One extends Watched> {
  private readonly watched = new Map<string, One>();

  /** @param onError told when a look fails; the next one makes up for it */
  constructor(private readonly onError: (error: unknown) => void) {}

  get(name: string): One | undefined {
    return this.watched.get(name);
  }

  /**
   * A place in the feed that goes by this name; close it in the end.
   * @param options.after the number of the last entry the viewer has; infinite for who wants only what is to come
   * @param options.begin makes the feed, where nobody watches it yet
   */
  async view(name: string, { after, begin }: { after: number; begin: () => One }): Promise<EventView> {
    let one = this.watched.get(name);
    if (!one) {
      one = begin();
      this.watched.set(name, one);
    }
    const view = new EventView(one.feed, after);
    try {
      await one.ready;
      await view.settle();
      return view;
    } catch (error) {
      view.close();
      this.dropUnwatched(one);
      throw error;
    }
  }

  dropUnwatched(one: One): boolean {
    if (one.feed.views.size > 0) return false;
    if (this.watched.get(one.name) === one) this.watched.delete(one.name);
    return true;
  }

  /** Without a notice: who is too slow is let go, and what has grown is read. @returns those that go on */
  async look(heads: (names: readonly string[]) => Promise<ReadonlyMap<string, number>>): Promise<One[]> {
    const watched = [...this.watched.values()].filter((one) => !this.dropUnwatched(one));
    for (const { feed } of watched) for (const view of feed.views) view.giveUpWhenSlow();
    const open = watched.filter(({ feed }) => !feed.ended);
    try {
      if (open.length > 0) await readGrown(open, await heads(open.map(({ name }) => name)));
    } catch (error) {
      this.onError(error);
    }
    for (const { feed } of watched) feed.wakeAll();
    return open;
  }

  /** It comes last in the looks to come. */
  moveBack(one: One): void {
    if (this.watched.delete(one.name)) this.watched.set(one.name, one);
  }
}

async function readGrown(open: readonly Watched[], heads: ReadonlyMap<string, number>): Promise<void> {
  const grown = open.filter(({ name, feed }) => (heads.get(name) ?? 0) > feed.head);
  await Promise.all(grown.map(({ feed }) => feed.grow()));
}
