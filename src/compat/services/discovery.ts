import { Controller, Get, UseFilters } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { answers } from '../../openapi/answers.js';
import { Open } from '../../openapi/route-marks.js';
import { inWords } from './fields.js';
import { ServiceFilter, answersAsService } from './filter.js';

/** What is told of a service in lists. */
export interface Listed {
  /** "/plugin/task". */
  rule: string;
  title: string;
  description: string;
}

const Routes = z
  .array(z.object({ task_schema: z.string(), run_task: z.string(), short_title: z.string(), order: z.int() }))
  .meta({ id: 'ServiceRoutes' });
type Routes = z.infer<typeof Routes>;

const AppMetadata = z
  .object({
    info: z.string().meta({ description: 'Markdown' }),
    author: z.string(),
    version: z.string(),
    name: z.string(),
    plugin_name: z.string(),
    gpu: z.boolean(),
  })
  .meta({ id: 'ServicePlugin' });
type AppMetadata = z.infer<typeof AppMetadata>;

/** @returns a controller for each plugin, which is the first part of the rules of its services */
export function pluginControllers(services: readonly Listed[]) {
  const plugins = Object.entries(Object.groupBy(services, ({ rule }) => rule.split('/')[1] ?? ''));
  return plugins.map(([plugin, own]) => pluginController(plugin, own ?? []));
}

function pluginController(plugin: string, services: readonly Listed[]) {
  const routes: Routes = services.map(({ rule, title }, order) => ({
    task_schema: `${rule}/task_schema`,
    run_task: rule,
    short_title: title,
    order,
  }));
  const metadata: AppMetadata = {
    info: services.map(({ title, description }) => `## ${title}\n\n${description}`).join('\n\n'),
    author: 'Longhaul',
    version: '1.0.0',
    name: inWords(plugin),
    plugin_name: plugin,
    gpu: false,
  };

  @ApiTags('compatible')
  @UseFilters(ServiceFilter)
  @Controller(`${plugin}/api`)
  class PluginController {
    @Get('routes')
    @ApiOperation({ operationId: `list_${plugin}_services`, summary: 'The services of this plugin' })
    @answersAsService({ status: 200, schema: Routes }, [])
    routes(): Routes {
      return routes;
    }

    @Get('app_metadata')
    @ApiOperation({ operationId: `describe_${plugin}_plugin`, summary: 'What this plugin is' })
    @answersAsService({ status: 200, schema: AppMetadata }, [])
    metadata(): AppMetadata {
      return metadata;
    }
  }
  return PluginController;
}

const Alive = z.object({ status: z.literal('ok') }).meta({ id: 'ServiceAlive' });

/** What the clients of services look at before anything else. */
@ApiTags('compatible')
@Open()
@Controller('probes')
export class ServiceProbesController {
  @Get('liveness')
  @ApiOperation({ operationId: 'checkServices', summary: 'Whether the process lives' })
  @answers(200, Alive, [])
  liveness(): z.infer<typeof Alive> {
    return { status: 'ok' };
  }
}
