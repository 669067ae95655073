import { type DynamicModule, Module } from '@nestjs/common';
import { auth } from './auth/parts.js';
import { cancel } from './cancel/parts.js';
import { compat } from './compat/parts.js';
import { CONFIG, type Config } from './config.js';
import { conversations } from './conversations/parts.js';
import { database } from './database/parts.js';
import { ends } from './ends/parts.js';
import { events } from './events/parts.js';
import { files } from './files/parts.js';
import { health } from './health/parts.js';
import { home } from './home/parts.js';
import { jobs } from './jobs/parts.js';
import { library } from './library/parts.js';
import { lostWorkers } from './lost-workers/parts.js';
import { problems } from './problems/parts.js';
import { reading } from './reading/parts.js';
import { samples } from './samples/parts.js';
import { temporal } from './temporal/parts.js';
import { usage } from './usage/parts.js';

/** Every folder with something to add, in no order: Nest finds out who needs whom. */
const rooms = [
  jobs,
  cancel,
  events,
  files,
  conversations,
  library,
  usage,
  compat,
  ends,
  lostWorkers,
  reading,
  temporal,
  database,
  auth,
  problems,
  health,
  samples,
  home,
];

/** The API process. */
@Module({})
export class ApiModule {
  static with(config: Config): DynamicModule {
    return {
      module: ApiModule,
      controllers: rooms.flatMap(({ controllers }) => controllers),
      providers: [{ provide: CONFIG, useValue: config }, ...rooms.flatMap(({ providers }) => providers)],
    };
  }
}
