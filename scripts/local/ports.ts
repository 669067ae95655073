import { randomInt } from 'node:crypto';
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

/** Below those that systems give to whoever asks for any: what is free now stays free until it is used. */
const spare = { first: 12_000, ports: 20_000 };

/** Where in them this process takes the next one. Processes begin at different places. */
let place = randomInt(spare.ports);

/** A port nobody listens on now, for tests that run servers beside others. Each call has another one. */
export async function freePort(): Promise<number> {
  for (;;) {
    place = (place + 1) % spare.ports;
    const port = spare.first + place;
    if (await isFree(port)) return port;
  }
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
