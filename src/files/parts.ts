import type { Parts } from '../parts.js';
import { FilesController } from './files.controller.js';
import { JobFiles } from './job-files.js';
import { OldFiles } from './old-files.js';
import { Uploads } from './uploads.js';

export const files: Parts = {
  controllers: [FilesController],
  providers: [Uploads, JobFiles, OldFiles],
};
