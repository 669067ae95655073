import { Inject, Injectable } from '@nestjs/common';
import type { SystemAddress } from '../../job-types/contract/system.js';
import { CONFIG, type Config } from '../config.js';

/** Where people and programs find what there is. */
@Injectable()
export class Addresses {
  readonly all: SystemAddress[];

  constructor(@Inject(CONFIG) { TEMPORAL_UI_URL, HOST, CHAT_SOCKET_PORT }: Config) {
    this.all = [
      ...(TEMPORAL_UI_URL
        ? [{ name: 'Temporal UI', url: TEMPORAL_UI_URL, about: 'every run, step by step' }]
        : []),
      { name: 'API docs', url: '/docs', about: 'every route, to try out' },
      { name: 'OpenAPI document', url: '/openapi.json', about: 'the same for programs' },
      {
        name: 'Events',
        url: '/v1/events',
        about: 'all jobs of an owner, as server-sent events or over WebSocket',
      },
      ...(CHAT_SOCKET_PORT > 0
        ? [
            {
              name: 'Socket of workbook chats',
              url: `ws://${HOST}:${CHAT_SOCKET_PORT}/chat/{chat_id}`,
              about: 'how the plans of a conversation go',
            },
          ]
        : []),
      { name: 'Problems', url: '/problems', about: 'what every error means' },
      { name: 'Readiness', url: '/readyz', about: 'for probes' },
    ];
  }
}
