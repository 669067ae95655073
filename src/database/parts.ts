import type { Parts } from '../parts.js';
import { JobTeller } from './job-teller.js';
import { Notices } from './notices.js';
import { Store } from './store.js';

export const database: Parts = {
  controllers: [],
  providers: [Store, Notices, JobTeller],
};
