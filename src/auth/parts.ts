import type { Parts } from '../parts.js';
import { APP_GUARD } from '@nestjs/core';
import { AuthGuard } from './auth.guard.js';
import { Authenticator } from './authenticator.js';
import { RateLimits } from './rate-limits.js';

export const auth: Parts = {
  controllers: [],
  providers: [Authenticator, RateLimits, { provide: APP_GUARD, useClass: AuthGuard }],
};
