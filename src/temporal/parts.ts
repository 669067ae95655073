import type { Parts } from '../parts.js';
import { TemporalClient } from './temporal-client.js';

export const temporal: Parts = {
  controllers: [],
  providers: [TemporalClient],
};
