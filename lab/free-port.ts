// Finds free ports on the loopback interface.

import { createServer } from 'node:net';
import { AppError } from '../core/errors.ts';

/** Below the ports that systems hand out for outgoing connections (Linux from 32768), which could take one meanwhile. */
const lowest = 20_000;
const highest = 32_000;

/**
 * @param beside distances at which a program takes further ports by itself; those are free too
 * @returns different free ports. @throws AppError lab-failed when there are hardly any
 */
export async function freePorts(count: number, beside: readonly number[] = []): Promise<number[]> {
  const ports: number[] = [];
  const taken = new Set<number>();
  for (let attempt = 0; attempt < 100 * count; attempt += 1) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    const block = [0, ...beside].map((distance) => port + distance);
    if (block.some((one) => taken.has(one)) || !(await areFree(block))) continue;
    for (const one of block) taken.add(one);
    ports.push(port);
    if (ports.length === count) return ports;
  }
  throw new AppError('lab-failed', `no ${count} free ports between ${lowest} and ${highest} on 127.0.0.1`, {
    hint: 'end what listens there',
  });
}

async function areFree(ports: readonly number[]): Promise<boolean> {
  return (await Promise.all(ports.map(isFree))).every(Boolean);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
