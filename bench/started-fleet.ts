// Starts the service of a simulated fleet in a separate process, and scrapes it.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { AppError, endOfWait } from '../core/errors.ts';
import { operatorHeaders } from '../test/support/operator-login.ts';
import type { BenchIo } from './bench.ts';
import type { FleetSize } from './simulated-fleet.ts';

const child = fileURLToPath(new URL('fleet-service.ts', import.meta.url));

interface Scrape {
  seconds: number;
  bytes: number;
  isOk: boolean;
}

export async function scrape(url: string): Promise<Scrape> {
  const began = performance.now();
  const response = await fetch(`${url}metrics`, { headers: { 'X-Prometheus-Scrape-Timeout-Seconds': '10' } });
  const { byteLength: bytes } = await response.arrayBuffer();
  return { seconds: (performance.now() - began) / 1000, bytes, isOk: response.ok };
}

export async function scrapeUntil(url: string, everyMs: number, signal: AbortSignal): Promise<Scrape[]> {
  const scrapes: Scrape[] = [];
  for (let due = performance.now(); !signal.aborted; due += everyMs) {
    scrapes.push(await scrape(url));
    await setTimeout(Math.max(0, due + everyMs - performance.now()), undefined, { signal }).catch(endOfWait);
  }
  return scrapes;
}

export interface Fleet extends AsyncDisposable {
  url: string;
  pid: number;
  /** Headers that authenticate a request as an operator. */
  operator: Readonly<Record<string, string>>;
}

export async function startFleet(size: FleetSize, { stderr }: BenchIo): Promise<Fleet> {
  const words = [size.clusters, size.groups, size.partitionsPerGroup, size.brokers ?? 3].map(String);
  stderr.write(`a service of ${size.clusters} clusters with ${size.groups} groups each\n`);
  const process_: ChildProcess = spawn(process.execPath, [child, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(process_, 'exit');
  let said = '';
  process_.stdout?.on('data', (text: Buffer) => (said += String(text)));
  while (!/listening on \S+\n/.test(said)) {
    const [first] = await Promise.race([once(process_.stdout as NodeJS.ReadableStream, 'data'), ended]);
    if (typeof first === 'number') throw new AppError('run-failed', `the service of the bench ended with ${first}`);
  }
  return {
    url: /listening on (\S+)/.exec(said)?.[1] ?? '',
    operator: await operatorHeaders(said),
    pid: process_.pid ?? 0,
    async [Symbol.asyncDispose]() {
      process_.kill('SIGTERM');
      await ended;
    },
  };
}
