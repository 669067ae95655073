import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Config } from '../config.js';

/** Headers of answers that a client acts on and a browser would hide. */
const exposed = [
  ...['Location', 'Retry-After', 'ETag', 'Preference-Applied', 'Idempotency-Replayed'],
  ...['RateLimit', 'RateLimit-Policy', 'WWW-Authenticate'],
  ...['Content-Disposition', 'Content-Range', 'Accept-Ranges'],
];

/** Headers of requests that a browser asks about first. */
const allowed = [
  ...['Authorization', 'Content-Type', 'Idempotency-Key', 'Prefer'],
  ...['If-Match', 'If-None-Match', 'Last-Event-ID', 'Cache-Control', 'X-Requested-With'],
  ...['Range', 'If-Range'],
];

/** Lets pages of CORS_ORIGINS, compared character by character, read answers. Cookies play no part. */
export function allowOrigins(app: NestFastifyApplication, { CORS_ORIGINS }: Config): void {
  if (CORS_ORIGINS.length === 0) return;
  app.enableCors({
    origin: CORS_ORIGINS,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    allowedHeaders: allowed,
    exposedHeaders: exposed,
    maxAge: 600,
    // What is no preflight after all is answered like any OPTIONS, not with a text.
    strictPreflight: false,
  });
  letEarlyRefusalsBeRead(app.getHttpServer(), CORS_ORIGINS);
}

/** An address that cannot be read is refused before there is a route, and passes nothing that Nest adds headers with. */
function letEarlyRefusalsBeRead(server: Server, origins: readonly string[]): void {
  server.prependListener('request', ({ headers: { origin } }: IncomingMessage, response: ServerResponse) => {
    response.setHeader('vary', 'Origin');
    if (origin !== undefined && origins.includes(origin)) {
      response.setHeader('access-control-allow-origin', origin);
    }
  });
}
