import { Controller, Get, Header, type OnModuleInit, Res } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { Open } from '../openapi/route-marks.js';
import { builtAssets, readBuiltPage } from './built-page.js';
import { pagePolicy } from './page-policy.js';

/** What the page makes of its address; what is sent is the same everywhere. */
const views = [
  '',
  'jobs/:id',
  'submit',
  'submit/:type',
  'inbox',
  'chat',
  'chat/:id',
  'library',
  'library/:kind',
  'library/:kind/:id',
  'spend',
  'system',
];

/** The page for people: what somebody finds who opens the address that `npm start` prints. */
@ApiExcludeController()
@Open()
@Controller()
export class HomeController implements OnModuleInit {
  private html: string | null = null;

  constructor(private readonly host: HttpAdapterHost) {}

  async onModuleInit(): Promise<void> {
    this.html = await readBuiltPage();
    if (this.html === null) return;
    // Where nobody has built the page, nothing has to be read from the disk for it.
    const { default: fastifyStatic } = await import('@fastify/static');
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    // Not awaited: if Fastify began to load here, it would keep the refusals it has before Nest gives it ours.
    void fastify.register(fastifyStatic, builtAssets);
  }

  @Get(views)
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('cache-control', 'no-cache')
  @Header('content-security-policy', pagePolicy)
  read(@Res({ passthrough: true }) reply: FastifyReply): string {
    // Nobody has built it: there is still what it would link to.
    if (this.html === null) void reply.status(302).header('location', '/links');
    return this.html ?? '';
  }
}
