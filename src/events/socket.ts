import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { WebSocketServer } from 'ws';
import { Authenticator, type Caller } from '../auth/authenticator.js';
import { keepToJob } from '../auth/job-token.js';
import { RateLimits } from '../auth/rate-limits.js';
import { endWithProblem } from '../problems/end-with-problem.js';
import { Problem } from '../problems/problems.js';
import { toProblem } from '../problems/to-problem.js';
import { EventFeeds } from './event-feeds.js';
import { type OpenStream, OpenStreams } from './open-streams.js';
import { OwnerFeeds } from './owner-feeds.js';
import { SocketSession } from './socket-session.js';

const path = '/v1/events';
/** Bytes of one frame from a client: a hundred subscriptions with the longest ids. */
const longestFrame = 32 * 1024;

/** The events of many jobs, and the feed of their owner, on one WebSocket. */
@Injectable()
export class EventSocket implements OnApplicationBootstrap {
  private readonly server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: longestFrame,
    perMessageDeflate: false,
  });
  private readonly logger = new Logger('events');

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly authenticator: Authenticator,
    private readonly limits: RateLimits,
    private readonly streams: OpenStreams,
    private readonly feeds: EventFeeds,
    private readonly ownerFeeds: OwnerFeeds,
  ) {}

  onApplicationBootstrap(): void {
    const http = this.host.httpAdapter.getHttpServer() as Server;
    // Some clients offer another protocol with every request (Java's offers h2c); those are answered as they are.
    Object.assign(http, { shouldUpgradeCallback: isForUs });
    this.server.on('wsClientError', ({ message }, socket) => endWithProblem(socket, noHandshake(message)));
    http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', (error) => this.logger.debug(`a socket broke: ${error.message}`));
      this.open(request, socket, head).catch((error: unknown) => endWithProblem(socket, toProblem(error)));
    });
  }

  private async open(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const caller = await this.authenticator.authenticate(request);
    keepToJob(caller.pass);
    await this.limits.take('stream', caller.owner);
    if (!socket.destroyed) this.upgrade(caller, { request, socket, head });
  }

  private upgrade(
    caller: Caller,
    { request, socket, head }: { request: IncomingMessage; socket: Duplex; head: Buffer },
  ): void {
    let session: SocketSession | null = null;
    const stream: OpenStream = {
      leave: () => (session ? session.leave() : socket.destroy()),
      refuse: (problem) => (session ? session.refuse(problem) : socket.destroy()),
    };
    socket.once('close', this.streams.enter(stream, caller));
    this.server.handleUpgrade(request, socket, head, (webSocket) => {
      const { feeds, ownerFeeds, limits } = this;
      session = new SocketSession(webSocket, caller, { feeds, ownerFeeds, limits });
    });
  }
}

const isForUs = ({ url, headers }: IncomingMessage): boolean =>
  url?.split('?')[0] === path && headers.upgrade?.toLowerCase() === 'websocket';

/** @param why as the library says it, without a full stop */
const noHandshake = (why: string): Problem =>
  new Problem('malformed-request', `This opens no WebSocket: ${why}.`, {
    // RFC 6455, section 4.4.
    headers: { 'sec-websocket-version': '13, 8' },
  });
