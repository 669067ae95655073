import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { System } from '../../job-types/contract/system.js';
import { Operators } from '../auth/operators.js';
import { KeyId, Owner } from '../auth/owner.js';
import { answers } from '../openapi/answers.js';
import { Addresses } from './addresses.js';
import { Providers } from './providers.js';
import { Queues } from './queues.js';
import { SystemParts } from './system-parts.js';
import { runtime, version } from './version.js';

@ApiTags('operations')
@Controller('v1/system')
export class SystemController {
  constructor(
    private readonly parts: SystemParts,
    private readonly queues: Queues,
    private readonly providers: Providers,
    private readonly addresses: Addresses,
    private readonly operators: Operators,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'readSystem',
    summary: 'What Longhaul is made of and stands on: whether it is up, since when, and where it is',
  })
  @answers(200, System, [])
  async read(@Owner() owner: string, @KeyId() keyId: string | null): Promise<System> {
    const operator = this.operators.has(owner);
    const [parts, workflows, activities, providers] = await Promise.all([
      this.parts.read(),
      this.queues.read('workflows'),
      this.queues.read('activities'),
      // How the calls of others went is for operators to know.
      this.providers.read(operator ? null : owner),
    ]);
    return {
      version,
      runtime,
      keys: { inUse: keyId !== null, operator },
      parts,
      queues: [workflows, activities],
      providers,
      addresses: this.addresses.all,
    };
  }
}
