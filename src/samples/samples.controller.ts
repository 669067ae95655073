import { readFile } from 'node:fs/promises';
import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Open } from '../openapi/route-marks.js';
import { Problem } from '../problems/problems.js';

/** Beside dist/ in the image and in the repository alike. */
const folder = new URL('../../../samples/', import.meta.url);

/** The bundled article: something to extract on a machine without internet. */
@ApiExcludeController()
@Open()
@Controller('samples')
export class SamplesController {
  @Get(':name')
  @Header('content-type', 'text/html; charset=utf-8')
  async read(@Param('name') name: string): Promise<string> {
    if (!/^[a-z0-9-]+\.html$/.test(name)) throw new Problem('not-found', 'There is no such sample.');
    try {
      return await readFile(new URL(name, folder), 'utf8');
    } catch (cause) {
      throw new Problem('not-found', 'There is no such sample.', { cause });
    }
  }
}
