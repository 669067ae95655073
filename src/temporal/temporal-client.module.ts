import { Global, Module } from '@nestjs/common';
import { TemporalClient } from './temporal-client.js';

/** The Temporal client for every part of a process, closed at its end. */
@Global()
@Module({ providers: [TemporalClient], exports: [TemporalClient] })
export class TemporalClientModule {}
