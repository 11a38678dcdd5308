import { appendFileSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ProcessReading } from '../../../../core/documents/evidence/process-reading.ts';
import { createGcLogTail } from '../../../../hosts/gc-tail/tail.ts';
import { openFilesWithoutMounts } from '../../../support/files-without-mounts.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import {
  first,
  second,
  last,
  whole,
  pausesIn,
  folder,
  log,
  tails,
  io,
  follow,
  read,
  pauses,
  inFolderOfEachTest,
} from '../../../support/tailed-gc-log.ts';

inFolderOfEachTest();

test('follows the log named by the options of a JVM, and that of the next JVM after its end', async () => {
  const at = (name: string) => join(folder, 'logs', name);
  const running = (pid: number) => {
    const jvm = { flags: [`-Xlog:gc*:file=${at('gc_%p.log')}`] };
    return { state: 'running', name: 'broker', restarts: 0, process: { pid, startedAtSeconds: 0, jvm } };
  };
  const tail = createGcLogTail('broker-1', openFilesWithoutMounts(), {
    roots: { procfs: join(folder, 'proc'), rootfs: '/' },
    wanted: undefined,
    stateDirectory: join(folder, 'state'),
    clock: createHandClock(),
  });
  tails.push(tail);
  expect(await tail.sample([], io)).toEqual([]);
  writeFileSync(at('gc_7.log'), first);
  expect(pauses(await read(tail, [running(7) as ProcessReading]))).toBe(pausesIn(first));
  appendFileSync(at('gc_7.log'), second);
  writeFileSync(at('gc_8.log'), last);
  expect(pauses(await read(tail, [running(8) as ProcessReading]))).toBe(pausesIn(whole));
  const gone = { state: 'gone', name: 'broker', restarts: 0, reason: 'process 8 has ended' } as const;
  expect(pauses(await read(tail, [gone]))).toBe(pausesIn(whole));
  // An hour later it is no longer watched.
  expect(await tail.sample([], io)).toEqual([]);
  expect(pauses(await read(tail, [running(8) as ProcessReading]))).toBe(pausesIn(whole));
});

test.each([
  ['that systemd gives their own mounts', {}],
  ['in one container, whose ids on the host are others,', { isContained: true }],
])('each of two JVMs %s has the log with its process id', async (_, contained) => {
  const at = (name: string) => join(folder, 'logs', name);
  const procfs = join(folder, 'proc');
  const pids = 'isContained' in contained ? { 4711: 7, 4712: 8 } : { 7: 7, 8: 8 };
  for (const pid of [1, ...Object.keys(pids)]) {
    mkdirSync(join(procfs, String(pid), 'ns'), { recursive: true });
    symlinkSync(`mnt:[402653184${pid}]`, join(procfs, String(pid), 'ns/mnt'));
    symlinkSync('/', join(procfs, String(pid), 'root'));
  }
  const running = ([pid, own]: [string, number]) => {
    writeFileSync(join(procfs, pid, 'status'), `Name:\tjava\nNSpid:\t${pid}${Number(pid) === own ? '' : `\t${own}`}\n`);
    const jvm = { flags: [`-Xlog:gc*:file=${at('gc_%p.log')}`] };
    const process = { pid: Number(pid), startedAtSeconds: 0, jvm, ...contained };
    return { state: 'running', name: `broker-${own}`, restarts: 0, process } as unknown as ProcessReading;
  };
  writeFileSync(at('gc_7.log'), first);
  writeFileSync(at('gc_8.log'), whole.replaceAll(/^\[\d{4}-\d\d-\d\d/gm, '[2026-01-31'));
  const tail = createGcLogTail('broker-1', openFilesWithoutMounts(), {
    roots: { procfs, rootfs: '/' },
    wanted: undefined,
    stateDirectory: join(folder, 'state'),
    clock: createHandClock(),
  });
  tails.push(tail);
  const readings = await tail.sample(Object.entries(pids).map(running), io);
  expect(readings.map(pauses)).toEqual([pausesIn(first), pausesIn(whole)]);
});

test.each([
  ['is gone', () => rmSync(log), true],
  ['is of an earlier process', () => utimesSync(log, 400, 400), true],
  ['was not written to for an hour', () => utimesSync(log, 1000, 1000), true],
  ['was written to', () => utimesSync(log, 4000, 4000), false],
])('a log that %s while its process runs is correctly reported as stalled or not', async (_, change, isStalled) => {
  const clock = createHandClock();
  clock.advance(5000);
  writeFileSync(log, first);
  const tail = follow(log, { clock });
  await read(tail);
  change();
  const process = { state: 'running', name: 'broker', restarts: 0, process: { startedAtSeconds: 500 } };
  expect((await read(tail, [process as ProcessReading])).isStalled).toBe(isStalled);
  expect((await read(tail)).isStalled).toBeUndefined();
});
