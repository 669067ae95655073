import type { Parts } from '../parts.js';
import { APP_GUARD } from '@nestjs/core';
import { AuthGuard } from './auth.guard.js';
import { Authenticator } from './authenticator.js';
import { KeysController } from './keys.controller.js';
import { Operators } from './operators.js';
import { OwnerShares } from './owner-shares.js';
import { RateLimits } from './rate-limits.js';
import { SessionController } from './session.controller.js';

export const auth: Parts = {
  controllers: [KeysController, SessionController],
  providers: [Authenticator, RateLimits, Operators, OwnerShares, { provide: APP_GUARD, useClass: AuthGuard }],
};
