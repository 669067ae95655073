import { createHash } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import {
  type TranscriptionBehaviour,
  behaviours,
  isTranscriptionBehaviour,
} from './transcription-behaviours.js';

/** A request that has come. */
export interface TranscriptionCall {
  /** Of the file. */
  name: string;
  bytes: number;
  mediaType: string;
  model: string;
  language: string | null;
  /** The whole header. */
  authorization: string | null;
  behaviour: TranscriptionBehaviour;
  /** The client has closed the connection before there was an answer. */
  abandoned: boolean;
}

export interface TranscriptionServer {
  /** What TRANSCRIBE_BASE_URL takes. */
  url: string;
  /** All of them, oldest first. */
  calls: readonly TranscriptionCall[];
  /** How calls for files of this name are treated from now on. @param times so often; for good when absent */
  treat(name: string, behaviour: TranscriptionBehaviour, times?: number): void;
  /** How all others are treated from now on. */
  treatAll(behaviour: TranscriptionBehaviour): void;
  close(): Promise<void>;
}

/** What is said in audio of this content: always the same. All zeros are silence. */
export function spokenIn(audio: Uint8Array): string {
  if (audio.subarray(44).every((byte) => byte === 0 || byte === 0x80)) return '';
  return `Words of ${createHash('sha256').update(audio).digest('hex').slice(0, 12)}.`;
}

/**
 * Plays a server that turns speech into text, over the real protocol of OpenAI: a form in, JSON out. A file whose name
 * is that of a behaviour ("hang.wav") is treated so.
 */
export async function startTranscriptionServer({ port = 0 } = {}): Promise<TranscriptionServer> {
  const calls: TranscriptionCall[] = [];
  const treated = new Map<string, { behaviour: TranscriptionBehaviour; times: number }>();
  let usual: TranscriptionBehaviour = 'answer';

  const behaviourFor = (name: string): TranscriptionBehaviour => {
    const own = treated.get(name);
    if (own && own.times > 0) {
      own.times -= 1;
      return own.behaviour;
    }
    const stem = name.replace(/\.[^.]+$/, '');
    return isTranscriptionBehaviour(stem) ? stem : usual;
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = await formOf(request);
    const file = form.get('file');
    if (!(file instanceof File)) {
      response.writeHead(400).end();
      return;
    }
    const audio = new Uint8Array(await file.arrayBuffer());
    const behaviour = behaviourFor(file.name);
    const call: TranscriptionCall = {
      name: file.name,
      bytes: audio.length,
      mediaType: file.type,
      model: textOf(form, 'model') ?? '',
      language: textOf(form, 'language'),
      authorization: request.headers.authorization ?? null,
      behaviour,
      abandoned: false,
    };
    calls.push(call);
    const gone = new AbortController();
    response.once('close', () => {
      call.abandoned = !response.writableFinished && behaviour !== 'cut-off';
      gone.abort();
    });
    response.setHeader('x-request-id', `req_${calls.length}`);
    await behaviours[behaviour]({ response, text: spokenIn(audio), gone: gone.signal });
  }

  const server = createServer((request, response) => {
    if (request.method !== 'POST' || request.url !== '/v1/audio/transcriptions') {
      response.writeHead(404).end();
      return;
    }
    answer(request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    calls,
    treat: (name, behaviour, times = Infinity) => void treated.set(name, { behaviour, times }),
    treatAll: (behaviour) => void (usual = behaviour),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function formOf(request: IncomingMessage): Promise<FormData> {
  const type = request.headers['content-type'] ?? '';
  return new Response(new Uint8Array(await buffer(request)), {
    headers: { 'content-type': type },
  }).formData();
}

function textOf(form: FormData, name: string): string | null {
  const value = form.get(name);
  return typeof value === 'string' ? value : null;
}

if (import.meta.filename === process.argv[1]) {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } });
  const server = await startTranscriptionServer({ port: Number(values.port) });
  console.log(`The stand-in transcriber listens on ${server.url}`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.close());
}
