interface Read {
  id: string;
  version: number;
  finishedAt: string | null;
}

/**
 * The ETag of a story as it was read. It names the story too: a subject may have another one by the time that an edit
 * comes. A retry changes what is read and no version, so that the tag has how many segments there are, and since when.
 */
export const storyTag = ({ id, version, finishedAt }: Read, segments: number): string =>
  `"v${version}-${id}-${segments}-${finishedAt === null ? 0 : Date.parse(finishedAt)}"`;
