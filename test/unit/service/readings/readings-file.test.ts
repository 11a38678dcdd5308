import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Clock } from '../../../../core/clock.ts';
import { createLogger } from '../../../../core/log.ts';
import { openReadingsFile } from '../../../../service/readings/readings-file.ts';
import { ClusterReadings } from '../../../../service/readings/cluster-readings.ts';
import { recordReadings, type ReadingsRecorder } from '../../../../service/readings/recorder.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { servedCluster } from '../../../support/served-api.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-readings-file-'));
  file = join(folder, 'state', 'readings.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true }));

const startMs = Date.UTC(2026, 10, 22);
const silent = createLogger('silent');

function recorderAt(clock: Pick<Clock, 'now' | 'monotonic'>): ReadingsRecorder {
  const recorder = recordReadings(clock);
  recorder.follow({ places: new Map([['orders', () => ({})]]), everySeconds: 15 });
  return recorder;
}

/** Ten minutes at a steady rate, saved once. */
async function saved(): Promise<ReturnType<typeof createHandClock>> {
  const clock = createHandClock();
  clock.advance(startMs / 1000);
  const recorder = recorderAt(clock);
  for (let reading = 0; reading <= 40; reading++) {
    const at = clock.now();
    const traffic = {
      at,
      seconds: 15,
      produceTps: 100,
      brokers: new Map(),
      topics: new Map([
        ['pay', { produceTps: 100 }],
        ['secret', { produceTps: 1 }],
      ]),
      groups: new Map(),
    };
    const snapshot = {
      cluster: { name: 'orders', kind: 'kafka' as const, brokers: [] },
      topics: [],
      offsets: [],
      groups: [],
      sections: [],
    };
    recorder.noteCluster(servedCluster('orders', { last: () => ({ at, snapshot }), traffic: () => traffic }));
    if (reading % 4 === 0) {
      using written = openReadingsFile(file, silent);
      await recorder.save(written);
    }
    clock.advance(15);
  }
  return clock;
}

function restoredAt(clock: Pick<Clock, 'now' | 'monotonic'>): ReadingsRecorder {
  const recorder = recorderAt(clock);
  using written = openReadingsFile(file, silent);
  recorder.restore(written, (_, of, name) => of !== 'topic' || name !== 'secret');
  return recorder;
}

const minutesOf = (recorder: ReadingsRecorder, range: '6h' | '24h', nowMs: number) =>
  recorder
    .of('orders')
    ?.points({ of: 'cluster', name: '', figure: 'produceTps' }, range, nowMs)
    .map(({ atMs, mean }) => [(atMs - startMs) / 60_000, Math.round(mean)]);

test('after a restart charts show what was saved, and the time until the restart is a gap', async () => {
  const clock = await saved();
  clock.advance(300);
  const recorder = restoredAt(clock);
  const nowMs = clock.now().getTime();
  expect(minutesOf(recorder, '24h', nowMs)).toEqual([
    [0, 100],
    [5, 100],
  ]);
  // The last slot was saved at its start: nothing is known of the rest of it.
  expect(minutesOf(recorder, '6h', nowMs)).toEqual(Array.from({ length: 10 }, (_, minute) => [minute, 100]));
});

test('a name that config hides meanwhile is not restored', async () => {
  const recorder = restoredAt(await saved());
  expect(recorder.of('orders')?.names('topic')).toEqual(['pay']);
});

test('points older than a day are not restored', async () => {
  const clock = await saved();
  clock.advance(86_400 + 300);
  expect(minutesOf(restoredAt(clock), '24h', clock.now().getTime())).toBe(undefined);
});

test('a file that is no database is replaced, with a warning', async () => {
  await saved();
  writeFileSync(file, 'time,value\n'.repeat(500));
  const lines: string[] = [];
  using replaced = openReadingsFile(file, createLogger('warn', { write: (line) => void lines.push(line) }));
  replaced.restore(startMs, () => expect.unreachable());
  expect(lines.join('')).toContain('charts start again');
});

/** 10 brokers with 9 figures and 50 groups with 3. */
function fullCluster(atMs: number): ClusterReadings {
  const readings = new ClusterReadings({ usedBytes: 0, mostBytes: Infinity });
  const values = { cpuRatio: 0.5, networkInRatio: 0.1, networkOutRatio: 0.2, diskIoRatio: 0.3, heapRatio: 0.4 };
  const brokers = Array.from({ length: 10 }, (_, id) => ({ of: 'broker' as const, name: String(id), values }));
  const lags = { lagMessages: 5, lagSeconds: 1, consumeTps: 7 };
  const groups = Array.from({ length: 50 }, (_, id) => ({ of: 'group' as const, name: `g${id}`, values: lags }));
  readings.add('broker', brokers, { atMs });
  readings.add('group', groups, { atMs });
  return readings;
}

test('while a fleet is saved, scrapes and pages have their turn', async () => {
  const clusters = Array.from({ length: 20 }, (_, id) => [`c${id}`, fullCluster(startMs)] as const);
  using written = openReadingsFile(file, silent);
  let [turns, isSaving] = [0, true];
  const count = () => {
    turns++;
    if (isSaving) setImmediate(count);
  };
  setImmediate(count);
  await written.save(clusters, startMs + 1000).finally(() => (isSaving = false));
  expect(turns).toBeGreaterThan(1);
  const restored = new Set<string>();
  written.restore(startMs + 2000, ({ cluster }) => restored.add(cluster));
  expect(restored.size).toBe(20);
});

test('a slot is written until it is whole, and then left alone', async () => {
  const fleet = [['c', fullCluster(startMs)]] as const;
  const savedMs = () => {
    using database = new DatabaseSync(file, { readOnly: true });
    return database
      .prepare('SELECT saved_ms - ? AS saved FROM points ORDER BY slot')
      .all(startMs)
      .map(({ saved }) => saved);
  };
  using written = openReadingsFile(file, silent);
  for (const second of [240, 301, 361, 421]) {
    fleet[0][1].add('group', [{ of: 'group', name: 'g0', values: { lagMessages: second } }], {
      atMs: startMs + second * 1000,
      isPart: true,
    });
    await written.save(fleet, startMs + second * 1000);
  }
  expect(savedMs()).toEqual([361_000, 421_000]);
});

test('no other user of the machine can read it, also where it was made by an earlier version', async () => {
  await saved();
  const modeOf = () => statSync(file).mode & 0o777;
  expect(modeOf()).toBe(0o600);
  chmodSync(file, 0o644);
  await saved();
  expect(modeOf()).toBe(0o600);
});
