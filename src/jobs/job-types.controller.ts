import { Controller, Get, Inject, Param } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { jobTypeNamed, jobTypes } from '../../job-types/index.js';
import type { JobType } from '../../job-types/contract/job-type.js';
import { CONFIG, type Config } from '../config.js';
import { answers } from '../openapi/answers.js';
import { atHome } from '../openapi/examples.js';
import { Problem } from '../problems/problems.js';

const JobTypeView = z
  .object({
    name: z.enum(Object.keys(jobTypes)),
    title: z.string(),
    description: z.string(),
    steps: z.array(z.object({ name: z.string(), title: z.string() })),
    input: z
      .record(z.string(), z.json())
      .meta({ description: 'JSON Schema, with the limits of every field' }),
    result: z.record(z.string(), z.json()).meta({ description: 'JSON Schema' }),
    needsModel: z
      .boolean()
      .meta({ description: 'Refused while the operator has configured no model; others do without' }),
    service: z.string().nullable().meta({
      description:
        'The path at which it is also offered to clients that find services by themselves; null for a type that is none',
    }),
    example: z.json().meta({ description: 'A valid input' }),
  })
  .meta({ id: 'JobType' });
type JobTypeView = z.infer<typeof JobTypeView>;

const JobTypeList = z.object({ items: z.array(JobTypeView) }).meta({ id: 'JobTypeList' });

@ApiTags('jobs')
@Controller('v1/job-types')
export class JobTypesController {
  private readonly views: ReadonlyMap<JobType, JobTypeView>;

  constructor(@Inject(CONFIG) { PORT }: Config) {
    const types = Object.values<JobType>(jobTypes);
    this.views = new Map(types.map((type) => [type, atHome(toView(type), PORT)]));
  }

  @Get()
  @ApiOperation({ summary: 'What can be asked' })
  @answers(200, JobTypeList, [])
  list(): { items: JobTypeView[] } {
    return { items: [...this.views.values()] };
  }

  @Get(':type')
  @ApiOperation({ summary: 'One job type' })
  @ApiParam({ name: 'type', enum: Object.keys(jobTypes) })
  @answers(200, JobTypeView, [404])
  read(@Param('type') name: string): JobTypeView {
    const type = jobTypeNamed(name);
    const view = type && this.views.get(type);
    if (!view) throw new Problem('not-found', 'There is no job type with this name.');
    return view;
  }
}

function toView(type: JobType): JobTypeView {
  const { name, title, description, steps, input, result, needsModel = false, service, example } = type;
  const schema = (part: z.ZodType, io: 'input' | 'output') =>
    z.toJSONSchema(part, { io, unrepresentable: 'any' }) as JobTypeView['input'];
  return {
    name,
    title,
    description,
    steps: steps.map((step) => ({ ...step })),
    input: schema(input, 'input'),
    result: schema(result, 'output'),
    needsModel,
    service: service?.rule ?? null,
    example: example as JobTypeView['example'],
  };
}
