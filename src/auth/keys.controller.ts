import { Body, Controller, Delete, Get, Header, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiKey, ApiKeyList, ApiKeyRequest, NewApiKey } from '../../job-types/contract/api-key.js';
import type { ApiKeyRecord } from '../../store/api-keys.js';
import { Store } from '../database/store.js';
import { answers } from '../openapi/answers.js';
import { Problem } from '../problems/problems.js';
import { newSecret } from './api-key.js';
import { Operators } from './operators.js';
import { KeyId, Owner } from './owner.js';

/** What has another form is the id of no key, and nothing to ask the database for. */
const isKeyId = /^[0-9a-f]{12}$/;

/** The keys of everybody, for operators. The first one is made by the command line: it closes the door to all others. */
@ApiTags('operations')
@Controller('v1/keys')
export class KeysController {
  constructor(
    private readonly store: Store,
    private readonly operators: Operators,
  ) {}

  @Get()
  @ApiOperation({ operationId: 'listKeys', summary: 'The API keys there are; for operators' })
  @answers(200, ApiKeyList, [])
  async list(@Owner() owner: string, @KeyId() current: string | null): Promise<ApiKeyList> {
    this.operators.check(owner);
    const keys = await this.store.apiKeys.list();
    return { items: keys.map((key) => toView(key, current)) };
  }

  @Post()
  @Header('cache-control', 'no-store')
  @HttpCode(201)
  @ApiOperation({ operationId: 'createKey', summary: 'Make an API key, shown this once; for operators' })
  @answers(201, NewApiKey, [409, 422])
  async create(
    @Owner() caller: string,
    @KeyId() current: string | null,
    @Body({ schema: ApiKeyRequest }) { owner }: ApiKeyRequest,
  ): Promise<NewApiKey> {
    this.operators.check(caller);
    if (current === null) {
      throw new Problem('no-key-yet', 'From the first key on, nobody is answered without one.');
    }
    const { key, ...made } = newSecret('key');
    await this.store.apiKeys.add({ ...made, owner });
    return { ...toView(await this.read(made.id), current), key };
  }

  @Delete(':keyId')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'revokeKey',
    summary: 'End an API key, within a second; for operators. The answer is what it is now',
  })
  @answers(200, ApiKey, [404])
  async revoke(
    @Owner() caller: string,
    @KeyId() current: string | null,
    @Param('keyId') id: string,
  ): Promise<ApiKey> {
    this.operators.check(caller);
    if (!isKeyId.test(id) || !(await this.store.apiKeys.revoke(id))) throw notFound();
    return toView(await this.read(id), current);
  }

  private async read(id: string): Promise<ApiKeyRecord> {
    const key = (await this.store.apiKeys.list()).find((one) => one.id === id);
    // All keys may have been taken away meanwhile.
    if (!key) throw notFound();
    return key;
  }
}

const toView = (
  { createdAt, lastUsedAt, revokedAt, ...key }: ApiKeyRecord,
  current: string | null,
): ApiKey => ({
  ...key,
  createdAt: createdAt.toISOString(),
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
  revokedAt: revokedAt?.toISOString() ?? null,
  current: key.id === current,
});

const notFound = () => new Problem('key-not-found', 'There is no key with this id.');
