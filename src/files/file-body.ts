import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isRecord } from '../../job-types/contract/is-record.js';
import { Problem } from '../problems/problems.js';

/** What a body is called that reaches its route as it comes, whatever its type. */
const asItComes = 'application/x-as-it-comes';

const claimed = new WeakMap<FastifyRequest, string>();

/** The `Content-Type` that an upload came with; empty without one. */
export const claimedType = (request: FastifyRequest): string => claimed.get(request) ?? '';

/** Lets the bodies of routes whose `RouteConfig` says `takesFile` through unread. To be called behind takeJsonAlone. */
export function letFilesThrough(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _, done) => {
    if (takesFile(request)) {
      claimed.set(request, request.headers['content-type'] ?? '');
      request.headers['content-type'] = asItComes;
    }
    done();
  });
  fastify.addContentTypeParser(asItComes, (request, _payload, done) => {
    if (takesFile(request)) done(null, undefined);
    else done(new Problem('unsupported-media-type', 'This route takes no files.'));
  });
}

const takesFile = ({ routeOptions: { config } }: FastifyRequest): boolean =>
  isRecord(config) && config['takesFile'] === true;
