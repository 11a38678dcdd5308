import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppError } from '../../../../core/errors.ts';
import type { ProcessReading } from '../../../../core/documents/evidence/process-reading.ts';
import { createPauseCounts, type CountedPauses, type PauseCounts } from '../../../../hosts/gc-tail/pause-counts.ts';
import type { HostFiles } from '../../../../hosts/host-files.ts';
import { openFilesWithoutMounts } from '../../../support/files-without-mounts.ts';
import { createHandClock } from '../../../support/hand-clock.ts';

const logOf = (name: string) =>
  readFileSync(new URL(`../../../fixtures/gc-logs/unified/${name}`, import.meta.url), 'latin1');
const whole = logOf('17-g1-kafka.log');
const lines = whole.split(/(?<=\n)/);
const half = Math.floor(lines.length / 2);
const [first, second] = [lines.slice(0, half).join(''), lines.slice(half).join('')];

const pauseSecondsIn = (text: string) =>
  [...text.matchAll(/ Pause .* (\d+\.\d+)ms$/gm)].map(([, milliseconds]) => Number(milliseconds) / 1000);
const countsOf = (text: string) => {
  const pauses = pauseSecondsIn(text);
  return { pauses: pauses.length, pauseSeconds: expect.closeTo(sum(pauses), 9) as number };
};
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

let folder: string;
let log: string;
let open: PauseCounts[];
const io = { signal: new AbortController().signal };

function follow(
  processes: readonly ProcessReading[] = [],
  files: HostFiles = openFilesWithoutMounts(),
): () => Promise<CountedPauses & { trouble?: string }> {
  const counts = createPauseCounts('broker-1', files, {
    roots: { procfs: '/proc', rootfs: '/' },
    wanted: { broker: { files: log } },
    processes: { sample: async () => [...processes] },
    clock: createHandClock(),
  });
  open.push(counts);
  return async () => {
    const [reading] = (await counts.sample(io)).logs;
    if (reading === undefined) return expect.fail('there is no log');
    return { ...(reading.trouble !== undefined && { trouble: reading.trouble }), ...counts.take(reading) };
  };
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-pauses-'));
  log = join(folder, 'gc.log');
  open = [];
});
afterEach(async () => {
  for (const each of open) await each[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

test('counts pauses written after the first read, and reads the heap size from the start of the log', async () => {
  writeFileSync(log, first);
  const read = follow();
  expect(await read()).toEqual({});
  appendFileSync(log, second);
  expect(await read()).toEqual({
    counts: countsOf(second),
    longestPauseSeconds: expect.closeTo(Math.max(...pauseSecondsIn(second)), 9),
    heapUsedRatio: expect.closeTo(25 / 64, 1),
  });
  expect(await read()).toEqual({ counts: countsOf(second), heapUsedRatio: expect.any(Number) });
});

test('does not read a long log except its beginning', async () => {
  const filler = lines[half - 1] ?? '';
  writeFileSync(log, first + filler.repeat(Math.ceil(200_000 / filler.length)));
  const read = follow();
  await read();
  appendFileSync(log, second);
  expect(await read()).toMatchObject({ counts: countsOf(second), heapUsedRatio: expect.any(Number) });
});

test('reads a rotated log to its end, and the new one from its first line', async () => {
  writeFileSync(log, first);
  const read = follow();
  await read();
  const quarter = Math.floor((lines.length - half) / 2);
  const [end, next] = [lines.slice(half, half + quarter).join(''), lines.slice(half + quarter).join('')];
  appendFileSync(log, end);
  renameSync(log, `${log}.0`);
  writeFileSync(log, next);
  expect(await read()).toMatchObject({ counts: countsOf(second) });
});

test('a log renamed between listing and opening is not an error', async () => {
  writeFileSync(log, first);
  const local = openFilesWithoutMounts();
  let renames = 0;
  const files: HostFiles = {
    ...local,
    open(path, openIo) {
      // The JVM renames its log and then begins the next one.
      if (path === log && renames === 0) {
        renames += 1;
        renameSync(log, `${log}.0`);
      }
      return local.open(path, openIo);
    },
  };
  const read = follow([], files);
  expect(await read()).not.toHaveProperty('trouble');
  expect(renames).toBe(1);
});

test('a missing log is reported until it exists', async () => {
  const read = follow();
  expect(await read()).toEqual({ trouble: `no file matches ${log}` });
  writeFileSync(log, whole);
  expect(await read()).toMatchObject({ counts: countsOf(whole) });
});

test('reports a log that cannot be read', async () => {
  writeFileSync(log, whole);
  const failure = `cannot open ${log}: EACCES: permission denied`;
  const files = { ...openFilesWithoutMounts(), open: () => Promise.reject(new AppError('host-unreadable', failure)) };
  expect(await follow([], files)()).toEqual({ trouble: failure });
});

test('an unreachable host has no pauses, and those of that time are counted later', async () => {
  writeFileSync(log, first);
  const local = openFilesWithoutMounts();
  let isAway = false;
  const files: HostFiles = {
    ...local,
    listAll: (...question) => (isAway ? Promise.reject(new Error('connection lost')) : local.listAll(...question)),
  };
  const read = follow([], files);
  await read();
  isAway = true;
  appendFileSync(log, second);
  await expect(read()).rejects.toThrow('connection lost');
  isAway = false;
  expect(await read()).toMatchObject({ counts: countsOf(second) });
});

test('reports a file that is not a GC log', async () => {
  writeFileSync(log, 'INFO started\n'.repeat(100_000));
  expect(await follow()()).toEqual({ trouble: expect.stringContaining('is not a GC log') });
});

test('the pauses of ZGC with -Xlog:gc are unknown, not 0', async () => {
  const cycles = logOf('25-z-gc-only.log').split(/(?<=\n)/);
  writeFileSync(log, cycles.slice(0, 3).join(''));
  const read = follow();
  await read();
  appendFileSync(log, cycles.slice(3).join(''));
  expect((await read()).counts).toBeUndefined();
});

test('a log of the running JVM shows zero pauses at once', async () => {
  writeFileSync(log, first);
  const memory = { virtualBytes: 1, residentBytes: 1 };
  const running: ProcessReading = {
    state: 'running',
    name: 'broker',
    restarts: 0,
    process: {
      pid: 1,
      startedAtSeconds: 0,
      cpu: { userSeconds: 0, systemSeconds: 0 },
      memory,
      threads: 1,
      faults: { minor: 0, major: 0 },
      jvm: { flags: [] },
      ports: [9092],
      unread: [],
    },
  };
  expect(await follow([running])()).toEqual({ counts: { pauses: 0, pauseSeconds: 0 } });
});
