import {
  appendFileSync,
  copyFileSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { HostFiles } from '../../../../hosts/host-files.ts';
import { openFilesWithoutMounts } from '../../../support/files-without-mounts.ts';
import {
  first,
  second,
  last,
  lines,
  logOf,
  whole,
  pausesIn,
  folder,
  log,
  follow,
  read,
  pauses,
  inFolderOfEachTest,
} from '../../../support/tailed-gc-log.ts';

inFolderOfEachTest();

test('counts the pauses of a log and of appended lines', async () => {
  writeFileSync(log, first);
  const tail = follow();
  expect(pauses(await read(tail))).toBe(pausesIn(first));
  appendFileSync(log, second + last);
  const reading = await read(tail);
  expect(pauses(reading)).toBe(pausesIn(whole));
  expect(reading).toMatchObject({ unreadBytes: 0, file: log, totals: { collector: 'G1', runs: 1, unparsedLines: 0 } });
});

test('counts a pause whose JVM was killed before it wrote the CPU time, and only once if it continues', async () => {
  const written = lines.slice(0, lines.findIndex((line) => / Pause .*ms$/m.test(line)) + 1).join('');
  expect(whole.slice(written.length)).toMatch(/^.*User=/);
  writeFileSync(log, written);
  expect(pauses(await read(follow()))).toBe(1);
  appendFileSync(log, whole.slice(written.length));
  expect(pauses(await read(follow()))).toBe(pausesIn(whole));
});

test('continues after a restart at its position, within a line and within a record', async () => {
  writeFileSync(log, first);
  for (let at = 0; at < second.length; at += 777) {
    appendFileSync(log, second.slice(at, at + 777));
    // The earlier one is not closed: it was killed.
    await read(follow());
  }
  expect(pauses(await read(follow()))).toBe(pausesIn(first + second));
});

test('reads a renamed log to its end, then the new one', async () => {
  writeFileSync(log, first);
  const tail = follow();
  await read(tail);
  appendFileSync(log, second);
  renameSync(log, `${log}.0`);
  writeFileSync(log, last);
  expect(pauses(await read(tail))).toBe(pausesIn(whole));
  expect(pauses(await read(follow()))).toBe(pausesIn(whole));
});

test('reads a log that was renamed between two readings', async () => {
  writeFileSync(log, first);
  await read(follow());
  appendFileSync(log, second);
  renameSync(log, `${log}.0`);
  writeFileSync(log, last);
  expect(pauses(await read(follow()))).toBe(pausesIn(whole));
});

test('reads a log in order that is renamed between listing and opening, however often it is read', async () => {
  const tenths = Array.from({ length: 10 }, (_, part) =>
    lines.slice((part * lines.length) / 10, ((part + 1) * lines.length) / 10).join(''),
  );
  let written = 0;
  const local = openFilesWithoutMounts();
  const rotated: HostFiles = {
    ...local,
    statAll: (paths, use) => {
      if (written > 0 && written < tenths.length) rotate();
      return local.statAll(paths, use);
    },
  };
  const rotate = () => {
    renameSync(log, `${log}.${written}`);
    write();
  };
  const write = () => writeFileSync(log, tenths[written++] ?? expect.fail('all is written'), 'latin1');
  const tail = follow(log, { files: rotated });
  await read(tail);
  write();
  while (written < tenths.length) await read(tail);
  const reading = await read(tail);
  expect(pauses(reading)).toBe(pausesIn(whole));
  expect(reading).toMatchObject({ unreadBytes: 0, totals: { runs: 1 } });
});

test('reads a removed log to its end', async () => {
  writeFileSync(log, first);
  const tail = follow();
  await read(tail);
  appendFileSync(log, second);
  rmSync(log);
  writeFileSync(log, last);
  expect(pauses(await read(tail))).toBe(pausesIn(whole));
});

test('follows the numbers and the suffix of JDK 8', async () => {
  writeFileSync(`${log}.0.current`, first);
  const tail = follow();
  await read(tail);
  appendFileSync(`${log}.0.current`, second);
  renameSync(`${log}.0.current`, `${log}.0`);
  writeFileSync(`${log}.1.current`, last);
  expect(pauses(await read(tail))).toBe(pausesIn(whole));
});

test('loses nothing of a log that was copied and truncated, and counts nothing of the copy twice', async () => {
  writeFileSync(log, first);
  const tail = follow();
  await read(tail);
  appendFileSync(log, second);
  copyFileSync(log, `${log}.1`);
  expect(pauses(await read(tail))).toBe(pausesIn(first + second));
  truncateSync(log);
  expect(pauses(await read(tail))).toBe(pausesIn(first + second));
  appendFileSync(log, last);
  expect(pauses(await read(tail))).toBe(pausesIn(whole));
  expect(pauses(await read(follow()))).toBe(pausesIn(whole));
});

test('detects a file that was truncated and has grown beyond the read position', async () => {
  writeFileSync(log, last);
  const tail = follow();
  await read(tail);
  copyFileSync(log, `${log}.1`);
  truncateSync(log);
  appendFileSync(log, first + second);
  expect(pauses(await read(tail))).toBe(pausesIn(whole));
});

test('a new file with the inode of the old one is detected as new', async () => {
  const identity = '1:1';
  const local = openFilesWithoutMounts();
  const files: HostFiles = {
    ...local,
    async open(path, use) {
      const file = await local.open(path, use);
      return { ...file, stat: async (again) => ({ ...(await file.stat(again)), identity }) };
    },
    statAll: async (paths, use) =>
      new Map([...(await local.statAll(paths, use))].map(([path, stat]) => [path, { ...stat, identity }])),
  };
  writeFileSync(log, first);
  await read(follow(log, { files }));
  rmSync(log);
  writeFileSync(log, second + last);
  expect(pauses(await read(follow(log, { files })))).toBe(pausesIn(whole));
});

const undated = logOf('21-generational-z.log');
const restarted = undated.slice(0, undated.indexOf('GC(2) y: Concurrent Mark '));

test.each([
  ['renamed the log of the first', () => renameSync(log, `${log}.0`)],
  ['truncated the log of the first', () => truncateSync(log)],
])('counts the pauses of a second start with the same undated header that %s', async (_, rotate) => {
  expect(restarted.slice(0, 1024)).toMatch(/^(?:\[0\.006s\].*\n){10}/);
  writeFileSync(log, undated);
  const tail = follow();
  expect(pauses(await read(tail))).toBe(pausesIn(undated));
  rotate();
  appendFileSync(log, restarted);
  const reading = await read(tail);
  expect(pauses(reading)).toBe(pausesIn(undated) + pausesIn(restarted));
  expect(reading).toMatchObject({ unreadBytes: 0, totals: { runs: 2 } });
  appendFileSync(log, undated.slice(restarted.length));
  expect(pauses(await read(follow()))).toBe(2 * pausesIn(undated));
});

test('does not count a dated log again while it is copied under another name', async () => {
  writeFileSync(log, whole);
  const tail = follow(`${log}*`);
  expect(pauses(await read(tail))).toBe(pausesIn(whole));
  writeFileSync(`${log}-20261128`, whole.slice(0, whole.length / 2));
  expect(pauses(await read(tail))).toBe(pausesIn(whole));
});

test('adds the allocated bytes from the table of ZGC, and nothing without the table', async () => {
  writeFileSync(log, undated);
  // During four young collections 18, 31, 36 and 23 MiB; before the last three 2, 4 and 44 MiB.
  expect((await read(follow())).totals?.allocatedBytes).toBe((18 + 31 + 36 + 23 + 2 + 4 + 44) * 2 ** 20);
  const cycles = join(folder, 'logs', 'cycles.log');
  writeFileSync(cycles, logOf('25-z-gc-only.log'));
  rmSync(join(folder, 'state'), { recursive: true });
  expect((await read(follow(cycles))).totals).not.toHaveProperty('allocatedBytes');
});

test('starts with the file being written, and reads the log of the next JVM from its first line', async () => {
  const at = (name: string) => join(folder, 'logs', name);
  const old = Date.now() / 1000 - 1000;
  const other = (text: string, day: string) => text.replaceAll(/^\[\d{4}-\d\d-\d\d/gm, `[2026-01-${day}`);
  writeFileSync(at('rmq_srv_gc_1_a.log'), other(first, '01'));
  utimesSync(at('rmq_srv_gc_1_a.log'), old, old);
  writeFileSync(at('rmq_srv_gc_2_b.log'), first);
  const tail = follow(at('rmq_srv_gc_*.log'));
  expect(pauses(await read(tail))).toBe(pausesIn(first));
  appendFileSync(at('rmq_srv_gc_2_b.log'), second);
  writeFileSync(at('rmq_srv_gc_3_c.log'), other(whole, '31'));
  const reading = await read(tail);
  expect(pauses(reading)).toBe(pausesIn(first + second) + pausesIn(whole));
  expect(reading).toMatchObject({ totals: { runs: 2 } });
});

test('a new JVM has no live set until it has collected its old generation', async () => {
  const collected = whole.replaceAll('GC(0) Pause Young (Normal)', 'GC(0) Pause Young (Mixed)');
  writeFileSync(log, collected);
  const tail = follow();
  expect((await read(tail)).totals?.liveSetBytes).toBeGreaterThan(0);
  renameSync(log, `${log}.0`);
  writeFileSync(log, first.replaceAll(/^\[\d{4}-\d\d-\d\d/gm, '[2027-01-31'));
  const { totals } = await read(tail);
  expect(totals).toMatchObject({ runs: 2 });
  expect(totals).not.toHaveProperty('liveSetBytes');
});

test('a new JVM has no humongous regions until its first collection, and keeps the count of collections that had some', async () => {
  writeFileSync(log, whole.replaceAll(/Humongous regions: \d+->\d+/g, 'Humongous regions: 12->3'));
  const tail = follow();
  const found = { beforeBytes: 12 * 2 ** 20, collections: whole.match(/Humongous regions: /g)?.length };
  expect((await read(tail)).totals?.humongous).toEqual(found);
  renameSync(log, `${log}.0`);
  const started = lines
    .slice(
      0,
      lines.findIndex((line) => line.includes(' Pause ')),
    )
    .join('');
  writeFileSync(log, started.replaceAll(/^\[\d{4}-\d\d-\d\d/gm, '[2027-01-31'));
  const { totals } = await read(tail);
  expect(totals).toMatchObject({ runs: 2 });
  expect(totals?.humongous).toEqual({ collections: found.collections });
});

test('reads at most its share at once, and reports nothing until everything was read', async () => {
  writeFileSync(log, whole.repeat(Math.ceil((9 * 2 ** 20) / whole.length)));
  const tail = follow();
  const behind = await read(tail);
  expect(behind.unreadBytes).toBe(statSync(log).size - 8 * 2 ** 20);
  expect(behind.totals).toBeUndefined();
  expect((await read(tail)).totals).toBeDefined();
});

test('does not report totals that it could not save', async () => {
  writeFileSync(log, first);
  const tail = follow();
  await read(tail);
  rmSync(join(folder, 'state'), { recursive: true });
  writeFileSync(join(folder, 'state'), 'a file');
  appendFileSync(log, second);
  const reading = await read(tail);
  expect(pauses(reading)).toBe(pausesIn(first));
  expect(reading.trouble).toMatch(/^cannot be followed: ENOTDIR|EEXIST/);
});

test('reports unusable saved state once, and restarts', async () => {
  writeFileSync(log, first);
  await read(follow());
  const kept = join(folder, 'state', 'gc-logs', 'broker-1', 'broker.json');
  writeFileSync(kept, readFileSync(kept, 'utf8').slice(0, -10));
  const tail = follow();
  const reading = await read(tail);
  expect(reading.trouble).toMatch(/^cannot use .*broker\.json, totals restart: /);
  expect(pauses(reading)).toBe(pausesIn(first));
  expect((await read(tail)).trouble).toBeUndefined();
});

test('reports that no file matches or that one is not a GC log, and continues when there is one', async () => {
  const tail = follow();
  expect((await read(tail)).trouble).toBe(`no file matches ${log}`);
  writeFileSync(log, 'no log of GC\n'.repeat(100_000));
  expect((await read(tail)).trouble).toMatch(/^.*gc\.log is not a GC log/);
  writeFileSync(log, first);
  expect(pauses(await read(tail))).toBe(pausesIn(first));
});
