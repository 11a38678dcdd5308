// Finds free ports on the loopback interface and reserves them for this process.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../core/errors.ts';
import { identify, isRunning, StartedProcess } from '../core/started-process.ts';

/** Below the ephemeral ports for outgoing connections (Linux from 32768), which could use a port in the meantime. */
const lowest = 20_000;
const highest = 32_000;

/** Contains a file per reserved port: a port stays unbound until its broker starts, and while the broker restarts. */
const reservations = join(tmpdir(), `plimsoll-ports-${process.getuid?.() ?? 'user'}`);
const reservedHere = new Set<number>();

/**
 * @param beside offsets of additional ports that a program opens itself; they are free too
 * @returns distinct free ports that no other process gets while this process runs.
 * @throws AppError lab-failed if too few are free
 */
export async function freePorts(count: number, beside: readonly number[] = []): Promise<number[]> {
  await mkdir(reservations, { recursive: true, mode: 0o700 });
  const ports: number[] = [];
  for (let attempt = 0; attempt < 100 * count; attempt += 1) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    const block = [0, ...beside].map((distance) => port + distance);
    if (!(await areFree(block)) || !block.every(reserve)) continue;
    ports.push(port);
    if (ports.length === count) return ports;
  }
  throw new AppError('lab-failed', `no ${count} free ports between ${lowest} and ${highest} on 127.0.0.1`, {
    hint: 'stop programs that listen there',
  });
}

function reserve(port: number): boolean {
  if (!isWritten(port) && !(ownerIsGone(port) && isWritten(port))) return false;
  if (reservedHere.size === 0) {
    process.once('exit', () => reservedHere.forEach((own) => rmSync(fileOf(own), { force: true })));
  }
  reservedHere.add(port);
  return true;
}

const fileOf = (port: number) => join(reservations, String(port));

function isWritten(port: number): boolean {
  try {
    writeFileSync(fileOf(port), JSON.stringify(identify(process.pid)), { flag: 'wx' });
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw cause;
  }
}

/** Deletes the reservation of a process that was killed. */
function ownerIsGone(port: number): boolean {
  try {
    // The file is empty while it is being written.
    if (isRunning(StartedProcess.parse(JSON.parse(readFileSync(fileOf(port), 'utf8'))))) return false;
    rmSync(fileOf(port), { force: true });
    return true;
  } catch {
    return false;
  }
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
