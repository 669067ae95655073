import { jobTypes } from '../../../job-types/index.js';
import { loop } from './type.js';

// Imported before anything of src/, which reads the registry when it is loaded.
Object.assign(jobTypes, { loop });
