// Follows a GC log in a folder of each test.

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import type { GcLogReading } from '../../core/documents/evidence/gc-log-reading.ts';
import type { ProcessReading } from '../../core/documents/evidence/process-reading.ts';
import { createGcLogTail, type GcLogTail } from '../../hosts/gc-tail/tail.ts';
import { openFilesWithoutMounts } from './files-without-mounts.ts';
import { createHandClock } from './hand-clock.ts';

export const logOf = (name: string) =>
  readFileSync(new URL(`../fixtures/gc-logs/unified/${name}`, import.meta.url), 'latin1');
export const whole = logOf('17-g1-kafka.log');
export const lines = whole.split(/(?<=\n)/);
const third = Math.floor(lines.length / 3);
export const [first, second, last] = [lines.slice(0, third), lines.slice(third, 2 * third), lines.slice(2 * third)].map(
  (part) => part.join(''),
) as [string, string, string];
export const pausesIn = (text: string) => text.match(/ Pause .*ms$/gm)?.length ?? 0;

/** Of the current test. */
export let folder: string;
export let log: string;
export const tails: GcLogTail[] = [];
export const io = { signal: new AbortController().signal };

export const follow = (
  pattern: string | string[] = log,
  { files = openFilesWithoutMounts(), clock = createHandClock() } = {},
) => {
  const tail = createGcLogTail('broker-1', files, {
    roots: { procfs: '/proc', rootfs: '/' },
    wanted: { broker: { files: pattern } },
    stateDirectory: join(folder, 'state'),
    clock,
  });
  tails.push(tail);
  return tail;
};
export const read = async (tail: GcLogTail, processes: ProcessReading[] = []): Promise<GcLogReading> => {
  const [reading] = await tail.sample(processes, io);
  return reading ?? expect.fail('there is no log');
};
export const pauses = ({ totals }: GcLogReading) =>
  totals?.pauses.reduce((sum, { histogram }) => sum + histogram.count, 0);

/** Called by each test file. */
export function inFolderOfEachTest(): void {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'plimsoll-tail-'));
    mkdirSync(join(folder, 'logs'));
    log = join(folder, 'logs', 'gc.log');
  });
  afterEach(async () => {
    for (const tail of tails.splice(0)) await tail[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });
}
