import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { errorCode } from './error-code.js';

/** Names the port, what it was for, and the variable that moves it. */
export class PortTakenError extends Error {
  override name = 'PortTakenError';
}

export interface PortNeed {
  readonly port: number;
  /** What is to listen there, as the message names it. */
  readonly purpose: string;
  /** The variable that chooses another port. */
  readonly variable: string;
  readonly host?: string;
}

/** @throws {PortTakenError} naming every one that is taken */
export async function requireFreePorts(needs: readonly PortNeed[]): Promise<void> {
  const complaints: string[] = [];
  for (const [index, need] of needs.entries()) {
    const rival = needs.slice(0, index).find(({ port }) => port === need.port);
    if (rival) {
      complaints.push(
        `${rival.variable} and ${need.variable} both name port ${need.port}. Set one of them to another.`,
      );
    } else if (!(await isFree(need.port, need.host))) {
      complaints.push(
        `Port ${need.port}, which ${need.purpose} needs, is taken by another program. ` +
          `Stop that program, or set ${need.variable} to another port.`,
      );
    }
  }
  if (complaints.length > 0) throw new PortTakenError(complaints.join('\n'));
}

export async function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ port, host, exclusive: true });
    await once(server, 'listening');
    return true;
  } catch (error) {
    if (errorCode(error) === 'EADDRINUSE') return false;
    throw error;
  } finally {
    if (server.listening) {
      server.close();
      await once(server, 'close');
    }
  }
}

/** A port nobody listens on now, for tests that run servers beside others. */
export async function freePort(): Promise<number> {
  const server = createServer().listen({ port: 0, host: '127.0.0.1', exclusive: true });
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('The system gave no free port.');
  return address.port;
}

export async function accepts(port: number, host = '127.0.0.1'): Promise<boolean> {
  const socket = connect({ port, host });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    // Refused, reset or unreachable: whatever the reason, nobody answers there.
    return false;
  } finally {
    socket.destroy();
  }
}
