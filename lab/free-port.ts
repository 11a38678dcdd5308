// Which ports of the loopback are free?

import { createServer } from 'node:net';
import { AppError } from '../core/errors.ts';

/** Below the ports that systems hand out for outgoing connections (Linux from 32768), which could take one meanwhile. */
const lowest = 20_000;
const highest = 32_000;

/** @returns different ports that nobody listens on. @throws AppError lab-failed when there are hardly any */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  for (let attempt = 0; attempt < 100 * count; attempt += 1) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (!ports.has(port) && (await isFree(port))) ports.add(port);
    if (ports.size === count) return [...ports];
  }
  throw new AppError('lab-failed', `no ${count} free ports between ${lowest} and ${highest} on 127.0.0.1`, {
    hint: 'end what listens there',
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
