import type { Parts } from '../parts.js';
import { FilesController } from './files.controller.js';
import { Folders } from './folders.js';
import { JobFiles } from './job-files.js';
import { OldFiles } from './old-files.js';
import { Recordings } from './recordings.js';
import { Uploads } from './uploads.js';

export const files: Parts = {
  controllers: [FilesController],
  providers: [Uploads, JobFiles, OldFiles, Folders, Recordings],
};
