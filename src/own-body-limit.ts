import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { isRecord } from '../job-types/contract/is-record.js';

type Fastify = ReturnType<ReturnType<NestFastifyApplication['getHttpAdapter']>['getInstance']>;

/** Lets a route say in its `RouteConfig` how many bytes a body may have there. To be called before there are routes. */
export function keepOwnBodyLimits(fastify: Fastify): void {
  fastify.addHook('onRoute', (route) => {
    const own = isRecord(route.config) ? route.config['ownBodyLimit'] : undefined;
    if (typeof own === 'number') route.bodyLimit = own;
  });
}
