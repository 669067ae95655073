import { once } from 'node:events';
import { type IncomingMessage, type Server, createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { WebSocketServer } from 'ws';
import { Authenticator } from '../../auth/authenticator.js';
import { keepToJob } from '../../auth/job-token.js';
import { RateLimits } from '../../auth/rate-limits.js';
import { CONFIG, type Config } from '../../config.js';
import { Notices } from '../../database/notices.js';
import { Store } from '../../database/store.js';
import { EventFeeds } from '../../events/event-feeds.js';
import { type OpenStream, OpenStreams } from '../../events/open-streams.js';
import { endWithProblem } from '../../problems/end-with-problem.js';
import { Problem } from '../../problems/problems.js';
import { toProblem } from '../../problems/to-problem.js';
import { ChatId } from './requests.js';
import { WorkbookSession } from './socket-session.js';

/** Bytes of a frame from a client. */
const longestFrame = 32 * 1024;

/** Tells how plans go, on a port of its own, as the clients of Pycelize expect it. */
@Injectable()
export class WorkbookSocket implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('workbook-chat');
  private readonly sessions = new Set<WorkbookSession>();
  private server: Server | null = null;
  private readonly sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: longestFrame,
    perMessageDeflate: false,
  });

  constructor(
    private readonly store: Store,
    private readonly feeds: EventFeeds,
    private readonly streams: OpenStreams,
    private readonly authenticator: Authenticator,
    private readonly limits: RateLimits,
    private readonly notices: Notices,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { CHAT_SOCKET_PORT: port, HOST: host } = this.config;
    if (port === 0) return;
    const server = createServer((_, response) => {
      response.writeHead(426, { 'content-type': 'text/plain' }).end('This port speaks WebSocket.\n');
    });
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', (error) => this.logger.debug(`a socket broke: ${error.message}`));
      this.open(request, socket, head).catch((error: unknown) => endWithProblem(socket, toProblem(error)));
    });
    try {
      server.listen(port, host);
      await once(server, 'listening');
    } catch (error) {
      this.logger.warn(
        `nobody is told over WebSocket how plans go, because port ${port} cannot be used (CHAT_SOCKET_PORT): ${String(error)}`,
      );
      return;
    }
    server.on('error', (error) => this.logger.warn(`the port ${port} has a fault: ${error.message}`));
    this.server = server;
    this.notices.subscribe((jobId, news) => {
      if (news === 'state') for (const session of this.sessions) session.noticed(jobId);
    });
  }

  async onModuleDestroy(): Promise<void> {
    const { server } = this;
    if (!server) return;
    this.server = null;
    for (const session of this.sessions) session.leave();
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }

  private async open(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const caller = await this.authenticator.authenticate(request);
    keepToJob(caller.pass);
    const chat = chatIn(request.url ?? '/');
    if (chat !== null && !(await this.store.workbookChats.find({ owner: caller.owner, chat })))
      throw noChat();
    await this.limits.take('stream', caller.owner);
    if (socket.destroyed) return;
    let session: WorkbookSession | null = null;
    const stream: OpenStream = {
      leave: () => (session ? session.leave() : socket.destroy()),
      refuse: (problem) => (session ? session.refuse(problem) : socket.destroy()),
    };
    socket.once('close', this.streams.enter(stream, caller));
    this.sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const { store, feeds } = this;
      const opened = new WorkbookSession(webSocket, { caller, chat, store, feeds });
      session = opened;
      this.sessions.add(opened);
      webSocket.once('close', () => this.sessions.delete(opened));
    });
  }
}

/** Null for `/`. @throws {Problem} not-found */
function chatIn(url: string): string | null {
  const [path = '/'] = url.split('?');
  if (path === '/' || path === '') return null;
  const chat = /^\/chat\/([^/]+)\/?$/.exec(path)?.[1];
  if (chat === undefined || !ChatId.safeParse(chat).success) throw noChat();
  return chat;
}

const noChat = () => new Problem('not-found', 'There is no such conversation.');
