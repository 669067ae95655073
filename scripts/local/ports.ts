import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { errorCode } from './error-code.js';

/** Names the port or address, what it was for, and the variable that moves it. */
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
  /** The variable that chooses another host. */
  readonly hostVariable?: string;
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
    } else {
      const obstacle = await obstacleAt(need);
      if (obstacle !== null) complaints.push(obstacle);
    }
  }
  if (complaints.length > 0) throw new PortTakenError(complaints.join('\n'));
}

/** Why nothing can listen there, and what to do; null when something can. */
async function obstacleAt({ port, purpose, variable, host, hostVariable }: PortNeed): Promise<string | null> {
  try {
    if (await isFree(port, host)) return null;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EACCES') {
      return `Port ${port}, which ${purpose} needs, is for the system's own programs. Set ${variable} to another port.`;
    }
    if (hostVariable === undefined) throw error;
    return (
      `${host}, where ${purpose} is to listen, is no address of this machine (${String(code)}). ` +
      `Set ${hostVariable} to another.`
    );
  }
  return (
    `Port ${port}, which ${purpose} needs, is taken by another program. ` +
    `Stop that program, or set ${variable} to another port.`
  );
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
