import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Config } from '../config.js';

/** Headers of answers that a client acts on and a browser would hide. */
const exposed = [
  ...['Location', 'Retry-After', 'ETag', 'Preference-Applied', 'Idempotency-Replayed'],
  ...['RateLimit', 'RateLimit-Policy', 'WWW-Authenticate'],
];

/** Headers of requests that a browser asks about first. */
const allowed = [
  ...['Authorization', 'Content-Type', 'Idempotency-Key', 'Prefer'],
  ...['If-None-Match', 'Last-Event-ID', 'Cache-Control'],
];

/** Lets pages of CORS_ORIGINS, compared character by character, read answers. Cookies play no part. */
export function allowOrigins(app: NestFastifyApplication, { CORS_ORIGINS }: Config): void {
  if (CORS_ORIGINS.length === 0) return;
  app.enableCors({
    origin: CORS_ORIGINS,
    methods: ['GET', 'HEAD', 'POST', 'DELETE'],
    allowedHeaders: allowed,
    exposedHeaders: exposed,
    maxAge: 600,
    // What is no preflight after all is answered like any OPTIONS, not with a text.
    strictPreflight: false,
  });
}
