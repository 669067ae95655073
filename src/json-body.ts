import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { isRecord } from '../job-types/contract/is-record.js';
import { deepPlace } from '../job-types/contract/json-depth.js';
import { boundBodies } from './body-room.js';
import { depthLimit } from './limits.js';
import { Problem } from './problems/problems.js';
import { toValidationProblem } from './problems/validation.js';
import { hasBody } from './request-time.js';

/** Makes JSON the only body there is: in UTF-8, not compressed, and no deeper than what reads it goes. */
export function takeJsonAlone(fastify: FastifyInstance): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  const room = boundBodies(fastify);
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    if (bytes.length === 0) {
      done(null, undefined);
      return;
    }
    // A decoder puts U+FFFD for what it cannot read, and the client's words would be stored without them.
    if (!isUtf8(bytes)) {
      done(new Problem('malformed-json', 'The body is not in UTF-8, as JSON has to be.'));
      return;
    }
    const take = () =>
      void parse(request, bytes.toString(), (error, body: unknown) => done(error ?? tooDeep(body), body));
    room(request, bytes.length).then(take, done);
  });
  fastify.addContentTypeParser<Buffer>(
    asJson,
    { parseAs: 'buffer' },
    ({ routeOptions: { config } }, bytes, done) => {
      if (takesAnyType(config)) done(null, bytes);
      else done(new Problem('unsupported-media-type', 'This route takes JSON that says so.'));
    },
  );
  fastify.addHook('onRequest', ({ headers, routeOptions: { config } }, _, done) => {
    if (!hasBody(headers)) {
      // Some clients name a type with every POST. Nothing is of no type.
      delete headers['content-type'];
      done();
      return;
    }
    const coding = headers['content-encoding']?.trim().toLowerCase() ?? '';
    if (takesAnyType(config)) headers['content-type'] = asJson;
    done(coding === '' || coding === 'identity' ? undefined : compressed(coding));
  });
}

/** What a body is called whose route reads it as JSON, whatever its type: its `RouteConfig` says `jsonOfAnyType`. */
const asJson = 'application/x-json-of-any-type';

const takesAnyType = (config: unknown): boolean => isRecord(config) && config['jsonOfAnyType'] === true;

function tooDeep(body: unknown): Problem | null {
  const path = deepPlace(body, depthLimit);
  return path && toValidationProblem([{ path, message: `stands deeper than ${depthLimit} levels` }]);
}

const compressed = (coding: string): Problem =>
  new Problem(
    'unsupported-media-type',
    `The body is compressed (Content-Encoding: ${coding.slice(0, 40)}), which is not read here.`,
    // RFC 9110, section 15.5.16: tells this 415 from one about the type.
    { headers: { 'accept-encoding': 'identity' } },
  );
