import { jobTypes } from '../../../job-types/index.js';
import { readFiles } from './type.js';

// Imported before anything of src/, which reads the registry when it is loaded.
Object.assign(jobTypes, { readFiles });
