import type { DocumentKind } from '../../client/index.js';

export const documentKinds: Readonly<Record<DocumentKind, string>> = {
  cv: 'CV',
  coverLetter: 'Cover letter',
};
