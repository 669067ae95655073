/** A part of the page that did not come: after an upgrade it has another name, and offline none comes. */
export class MissingPart extends Error {}

/**
 * A part of the page that is fetched when it is wanted.
 *
 * What the browser says where it is missing makes the router reload the page unasked, also offline.
 */
export const part =
  <Module>(fetched: () => Promise<Module>) =>
  (): Promise<Module> =>
    fetched().catch((cause: unknown) => {
      throw new MissingPart('A part of the page could not be loaded.', { cause });
    });
