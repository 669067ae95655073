import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiProduces, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Open } from '../openapi/route-marks.js';
import { failures } from '../../job-types/contract/failures.js';
import { answers } from '../openapi/answers.js';
import { Problem, problems } from './problems.js';

const pages = { ...failures, ...problems };

/** Where the `type` of every failure leads. */
@ApiTags('operations')
@Open()
@Controller('problems')
export class ProblemsController {
  @Get(':code')
  @Header('content-type', 'text/html; charset=utf-8')
  @ApiOperation({ summary: 'What a problem or failure code means' })
  @ApiParam({ name: 'code', enum: Object.keys(pages) })
  @ApiProduces('text/html')
  @answers(200, z.string(), [404])
  explain(@Param('code') code: string): string {
    const page = Object.entries(pages).find(([name]) => name === code)?.[1];
    if (!page) throw new Problem('not-found', 'There is no problem with this code.');
    const again = page.retryable ? 'It may pass: the same may work later.' : 'It will not pass by itself.';
    return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>${page.title}</title>
<h1>${page.title}</h1>
<p><code>${code}</code>, HTTP status ${page.status}. ${again}</p>
<p>${inHtml(page.advice)}</p>
</html>`;
  }
}

/** Advice names what is to be put in as `<key>`. */
const inHtml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
