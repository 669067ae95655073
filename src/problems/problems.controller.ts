import { Controller, Get, Header, Headers, Param, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiProduces, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Open } from '../openapi/route-marks.js';
import { type FailureRow, failures } from '../../job-types/contract/failures.js';
import { answers } from '../openapi/answers.js';
import { htmlPage, inHtml } from '../page.js';
import { Problem, problems } from './problems.js';

const pages: Readonly<Record<string, FailureRow>> = { ...problems, ...failures };

const ProblemKind = z
  .object({
    code: z.string(),
    type: z.string().meta({ description: 'Path of the page that explains it' }),
    title: z.string(),
    status: z.int(),
    retryable: z.boolean(),
    advice: z.string(),
  })
  .meta({ id: 'ProblemKind' });
export const ProblemList = z.object({ items: z.array(ProblemKind) }).meta({ id: 'ProblemList' });
type ProblemList = z.infer<typeof ProblemList>;

const list: ProblemList = {
  items: Object.entries(pages).map(([code, row]) => ({ code, type: `/problems/${code}`, ...row })),
};

/** Where the `type` of every failure leads. */
@ApiTags('operations')
@Open()
@Controller('problems')
export class ProblemsController {
  @Get()
  @ApiOperation({
    operationId: 'listProblems',
    summary: 'Every problem and failure code; a page for browsers',
  })
  @ApiResponse({
    status: 200,
    description: 'Done',
    content: {
      'application/json': { schema: { $ref: getSchemaPath('ProblemList') } },
      'text/html': { schema: { type: 'string' } },
    },
  })
  index(
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): ProblemList | string {
    const before = reply.getHeader('vary');
    void reply.header('vary', before === undefined ? 'Accept' : `${String(before)}, Accept`);
    if (!/\btext\/html\b/i.test(accept ?? '')) return list;
    void reply.type('text/html; charset=utf-8');
    return indexPage;
  }

  @Get(':code')
  @Header('content-type', 'text/html; charset=utf-8')
  @ApiOperation({ summary: 'What a problem or failure code means' })
  @ApiParam({ name: 'code', enum: Object.keys(pages) })
  @ApiProduces('text/html')
  @answers(200, z.string(), [404])
  explain(@Param('code') code: string): string {
    const page = Object.hasOwn(pages, code) ? pages[code] : undefined;
    if (!page) throw new Problem('not-found', 'There is no problem with this code.');
    const again = page.retryable ? 'It may pass: the same may work later.' : 'It will not pass by itself.';
    return htmlPage(
      page.title,
      `<p><code>${code}</code>, HTTP status ${page.status}. ${again}</p>
<p>${inHtml(page.advice)}</p>
<p><a href="/problems">All problems</a></p>`,
    );
  }
}

const row = ({ code, type, status, title, advice }: ProblemList['items'][number]): string =>
  `<tr><td><a href="${type}"><code>${code}</code></a><td>${status}<td>${inHtml(title)}<td>${inHtml(advice)}`;

const indexPage = htmlPage(
  'Problems',
  `<p>Every way in which a request can be refused, and a job can fail.</p>
<table><tr><th>code<th>status<th>title<th>what to do
${list.items.map(row).join('\n')}
</table>`,
);
