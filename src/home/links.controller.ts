import { Controller, Get, Header, Inject } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { CONFIG, type Config } from '../config.js';
import { Open } from '../openapi/route-marks.js';
import { htmlPage, inHtml } from '../page.js';

/** Every address that a person may look for, without scripts. */
@ApiExcludeController()
@Open()
@Controller()
export class LinksController {
  private readonly html: string;

  constructor(@Inject(CONFIG) { TEMPORAL_UI_URL }: Config) {
    const ui = TEMPORAL_UI_URL
      ? link('Temporal UI', TEMPORAL_UI_URL, 'every run, step by step')
      : '<li>Temporal UI: that of your Temporal server';
    this.html = htmlPage(
      'Longhaul',
      `<p>Durable LLM jobs over REST: submit, watch, cancel. This is the API.</p>
<ul>
${[...links.map(([name, address, what]) => link(name, address, what)), ui].join('\n')}
</ul>`,
    );
  }

  @Get('links')
  @Header('content-type', 'text/html; charset=utf-8')
  read(): string {
    return this.html;
  }
}

const links = [
  ['The page', '/', 'submit jobs, watch them and read what came of them'],
  ['API docs', '/docs', 'every route, to try out'],
  ['OpenAPI document', '/openapi.json', 'the same for programs'],
  ['Job types', '/v1/job-types', 'what can be asked'],
  ['Jobs', '/v1/jobs', 'what was asked; needs a key, once there are keys'],
  ['Problems', '/problems', 'what every error means'],
  ['Readiness', '/readyz', 'whether Temporal, the database and a worker are there'],
] as const;

const link = (name: string, address: string, what: string): string =>
  `<li><a href="${inHtml(address)}">${name}</a>: ${what}`;
