/** A folder that cannot be used. Its message is a sentence for whoever named it, and tells nothing of what lies outside. */
export class FolderRefused extends Error {
  override name = 'FolderRefused';
}

/** A file of a listed folder that is gone, or can no longer be read. */
export class FileUnreadable extends Error {
  override name = 'FileUnreadable';
}

/** The disk is full, or the folder may not be written to. */
export class OutputNotWritten extends Error {
  override name = 'OutputNotWritten';
}

export const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';

/** What a system says of a path that leads nowhere, that may not be looked at, or that is no path. */
const nowhere = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EACCES', 'EPERM', 'EINVAL']);

export const leadsNowhere = (error: unknown): boolean => nowhere.has(codeOf(error));
