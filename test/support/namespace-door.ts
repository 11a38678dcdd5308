// Forwards a port outside a network namespace to one inside.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';

export interface NamespaceDoor extends AsyncDisposable {
  /** Address outside, `host:port`. */
  address: string;
}

/** @param port of the loopback in the namespace; `folder` contains the socket that both sides can reach */
export async function openDoor(namespace: string, port: number, folder: string): Promise<NamespaceDoor> {
  const path = join(folder, `door-${port}.sock`);
  const script = new URL('namespace-relay.ts', import.meta.url).pathname;
  const words = ['netns', 'exec', namespace, process.execPath, script, path, String(port)];
  const relay = spawn('ip', words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(relay, 'exit');
  const isOpen = await Promise.race([once(relay.stdout, 'data').then(() => true), ended.then(() => false)]);
  if (!isOpen) throw new Error(`nothing listens in ${namespace}`);
  const open = new Set<Socket>();
  const server = createServer((outside) => {
    const inside = connect(path);
    for (const [socket, other] of [
      [outside, inside],
      [inside, outside],
    ] as const) {
      open.add(socket);
      socket
        .on('error', () => other.destroy())
        .on('close', () => open.delete(socket))
        .pipe(other);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of open) socket.destroy();
      relay.kill('SIGTERM');
      await ended;
    },
  };
}
