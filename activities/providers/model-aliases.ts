/** What providers put behind the name of a model to say which edition of it answered: a date, or a label. */
const edition = /^(?:[-@:](?:\d{4}-\d{2}-\d{2}|\d{3,8}|latest|preview|free))+$/;

/** Whether the model that answered is the one that was asked, in some edition. */
export function isSameModel(asked: string, answered: string): boolean {
  const [one, other] = [asked, answered].map((name) => name.trim().toLowerCase());
  if (!one || !other || one === other) return true;
  // Routers put the maker before the name.
  const [short, long] = [one, other].map((name) => name.slice(name.lastIndexOf('/') + 1));
  if (!short || !long || short === long) return true;
  const bare = short.replace(/[-:](latest|free)$/, '');
  return long.startsWith(bare) && (long === bare || edition.test(long.slice(bare.length)));
}
