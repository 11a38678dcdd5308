import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Clock } from '../../../../core/clock.ts';
import { createLogger } from '../../../../core/log.ts';
import { openReadingsFile, type ReadingsFile } from '../../../../service/readings/readings-file.ts';
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
function opened(log = createLogger('silent')): ReadingsFile {
  const written = openReadingsFile(file, log);
  if (written === undefined) throw new Error('not opened');
  return written;
}

function loggedLines() {
  const lines: string[] = [];
  return { log: createLogger('warn', { write: (line) => void lines.push(line) }), text: () => lines.join('') };
}

function recorderAt(clock: Pick<Clock, 'now' | 'monotonic'>): ReadingsRecorder {
  const recorder = recordReadings(clock);
  recorder.follow({
    places: new Map([['orders', () => ({})]]),
    everySeconds: 15,
    isShown: (_, of, name) => of !== 'topic' || name !== 'secret',
  });
  return recorder;
}

/** Records a steady rate for a number of readings, and saves once a minute. */
async function record(recorder: ReadingsRecorder, clock: ReturnType<typeof createHandClock>, readings: number) {
  for (let reading = 0; reading < readings; reading++) {
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
      using written = opened();
      await recorder.save(written);
    }
    clock.advance(15);
  }
}

/** Saves ten minutes at a steady rate. */
async function saved(): Promise<ReturnType<typeof createHandClock>> {
  const clock = createHandClock(startMs / 1000);
  await record(recorderAt(clock), clock, 41);
  return clock;
}

function restoredAt(clock: Pick<Clock, 'now' | 'monotonic'>): ReadingsRecorder {
  const recorder = recorderAt(clock);
  using written = opened();
  recorder.restore(written);
  return recorder;
}

const minutesOf = (recorder: ReadingsRecorder, range: '6h' | '24h', nowMs: number) =>
  recorder
    .of('orders')
    ?.points({ of: 'cluster', name: '', figure: 'produceTps' }, range, nowMs)
    .map(({ atMs, mean }) => [(atMs - startMs) / 60_000, Math.round(mean)]);

test('after a restart charts show the saved readings, with a gap until the restart', async () => {
  const clock = await saved();
  clock.advance(300);
  const recorder = restoredAt(clock);
  const nowMs = clock.now().getTime();
  expect(minutesOf(recorder, '24h', nowMs)).toEqual([
    [0, 100],
    [5, 100],
  ]);
  // The last slot was saved at its start, so the rest of it is unknown.
  expect(minutesOf(recorder, '6h', nowMs)).toEqual(Array.from({ length: 10 }, (_, minute) => [minute, 100]));
});

test('a name that the config now excludes is not restored', async () => {
  const recorder = restoredAt(await saved());
  expect(recorder.of('orders')?.names('topic')).toEqual(['pay']);
});

test('points older than a day are not restored', async () => {
  const clock = await saved();
  clock.advance(86_400 + 300);
  expect(minutesOf(restoredAt(clock), '24h', clock.now().getTime())).toBe(undefined);
});

test('a clock that is a year ahead for half an hour costs the charts no more than that time', async () => {
  const clock = createHandClock(startMs / 1000);
  const recorder = recorderAt(clock);
  await record(recorder, clock, 40);
  const year = 365 * 86_400;
  clock.suspend(year);
  await record(recorder, clock, 120);
  clock.suspend(-year);
  await record(recorder, clock, 40);
  const [nowMs, expected] = [clock.now().getTime(), [0, 5, 40, 45].map((minute) => [minute, 100])];
  expect(minutesOf(recorder, '24h', nowMs)).toEqual(expected);
  expect(minutesOf(restoredAt(clock), '24h', nowMs)).toEqual(expected);
});

test('points of a clock that was far ahead are deleted from the file once it is right', async () => {
  const clock = createHandClock(startMs / 1000);
  const recorder = recorderAt(clock);
  clock.suspend(365 * 86_400);
  await record(recorder, clock, 4);
  clock.suspend(-365 * 86_400);
  await record(recorder, clock, 300);
  using database = new DatabaseSync(file, { readOnly: true });
  const newest = Number(database.prepare('SELECT max(slot) AS slot FROM points').get()?.['slot']);
  expect(newest * 300_000).toBeLessThan(clock.now().getTime());
});

test('a file that is not a database is replaced, with a warning', async () => {
  await saved();
  writeFileSync(file, 'time,value\n'.repeat(500));
  const { log, text } = loggedLines();
  using replaced = opened(log);
  replaced.restore(startMs, () => expect.unreachable());
  expect(text()).toContain('charts start again');
});

test('a file of another version is replaced', async () => {
  await saved();
  {
    using database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 99');
  }
  using replaced = opened();
  replaced.restore(startMs, () => expect.unreachable());
});

test('a file locked by another process is left alone, with a warning', async () => {
  const clock = await saved();
  const { log, text } = loggedLines();
  {
    using other = new DatabaseSync(file);
    other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    expect(openReadingsFile(file, log)).toBe(undefined);
  }
  expect(text()).toMatch(/database is locked.*charts will not survive a restart/);
  expect(minutesOf(restoredAt(clock), '24h', clock.now().getTime())).not.toBe(undefined);
});

/** 10 brokers with 9 figures each and 50 groups with 3 figures each. */
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

test('saving a fleet does not block the event loop', async () => {
  const clusters = Array.from({ length: 20 }, (_, id) => [`c${id}`, fullCluster(startMs)] as const);
  using written = opened();
  let [turns, isSaving] = [0, true];
  const count = () => {
    turns++;
    if (isSaving) setImmediate(count);
  };
  setImmediate(count);
  await written.save(clusters, startMs + 1000).finally(() => (isSaving = false));
  expect(turns).toBeGreaterThan(1);
  const restored = new Set<string>();
  written.restore(startMs + 2000, ({ cluster }) => void restored.add(cluster));
  expect(restored.size).toBe(20);
});

test('a slot is written until it is complete and not again afterwards', async () => {
  const fleet = [['c', fullCluster(startMs)]] as const;
  const savedMs = () => {
    using database = new DatabaseSync(file, { readOnly: true });
    return database
      .prepare('SELECT saved_ms - ? AS saved FROM points ORDER BY slot')
      .all(startMs)
      .map(({ saved }) => saved);
  };
  using written = opened();
  for (const second of [240, 301, 361, 421]) {
    fleet[0][1].add('group', [{ of: 'group', name: 'g0', values: { lagMessages: second } }], {
      atMs: startMs + second * 1000,
      isPart: true,
    });
    await written.save(fleet, startMs + second * 1000);
  }
  expect(savedMs()).toEqual([361_000, 421_000]);
});

test('other users of the machine cannot read the file, even if an earlier version created it', async () => {
  await saved();
  const modeOf = () => statSync(file).mode & 0o777;
  expect(modeOf()).toBe(0o600);
  chmodSync(file, 0o644);
  await saved();
  expect(modeOf()).toBe(0o600);
});

/** Saves every five minutes, with 20 names at a time that keep changing. */
async function churned(hours: number): Promise<number> {
  using written = opened();
  const readings = new ClusterReadings({ usedBytes: 0, mostBytes: Infinity });
  for (let slot = 0; slot < hours * 12; slot++) {
    const atMs = startMs + slot * 300_000 + 1000;
    const hour = Math.floor(slot / 12);
    // The weight of a name now, high enough to replace an earlier name.
    const names = Array.from({ length: 20 }, (_, each) => `job-${hour}-${each}`);
    const weight = 10 ** Math.min(300, hour);
    readings.add(
      'topic',
      names.map((name) => ({ of: 'topic' as const, name, weight, values: { produceTps: 1 } })),
      { atMs },
    );
    await written.save([['c', readings]], atMs);
  }
  using database = new DatabaseSync(file, { readOnly: true });
  return Number(database.prepare('SELECT count(*) AS count FROM series').get()?.['count']);
}

test('names that came and went for two days are removed after one day', async () => {
  expect(await churned(48)).toBeLessThanOrEqual(26 * 20);
});

test('if not all groups fit, groups of the newest readings are restored and ended ones are not', async () => {
  const clock = createHandClock();
  clock.advance(startMs / 1000);
  const before = new ClusterReadings({ usedBytes: 0, mostBytes: Infinity });
  const groups = (kind: string, weight: number) =>
    Array.from({ length: 50 }, (_, each) => {
      return { of: 'group' as const, name: `${kind}-${each}`, weight, values: { lagMessages: each + 1 } };
    });
  {
    using written = opened();
    for (let slot = 0; slot < 12; slot++) {
      const atMs = clock.now().getTime();
      before.add('group', slot < 6 ? groups('night', 1) : groups('day', 100), { atMs });
      await written.save([['orders', before]], atMs);
      clock.advance(300);
    }
  }
  const restored = restoredAt(clock).of('orders');
  expect(restored?.names('group').toSorted()).toEqual(before.names('group').toSorted());
  expect(restored?.names('group')).toContain('day-49');
  const points = restored?.points({ of: 'group', name: 'day-9', figure: 'lagMessages' }, '24h', clock.now().getTime());
  expect(points?.map(({ mean }) => Math.round(mean))).toEqual([10, 10, 10, 10, 10]);
});

test('readings of a cluster whose config now points elsewhere are dropped, and others are kept', async () => {
  const clusters = ['orders', 'pay'].map((name) => [name, fullCluster(startMs)] as const);
  const namesIn = (written: ReadingsFile) => {
    const names = new Set<string>();
    written.restore(startMs + 2000, ({ cluster }) => void names.add(cluster));
    return [...names].toSorted();
  };
  {
    using written = opened();
    await written.save(clusters, startMs + 1000);
    written.claim([
      ['orders', '10.0.0.1:9092'],
      ['pay', '10.0.0.2:9092'],
    ]);
    expect(namesIn(written)).toEqual(['orders', 'pay']);
  }
  {
    using reopened = opened();
    reopened.claim([
      ['orders', '10.0.0.9:9092'],
      ['pay', '10.0.0.2:9092'],
    ]);
    expect(namesIn(reopened)).toEqual(['pay']);
    await reopened.save(clusters, startMs + 1500);
  }
  using again = opened();
  again.claim([
    ['orders', '10.0.0.9:9092'],
    ['pay', '10.0.0.2:9092'],
  ]);
  expect(namesIn(again)).toEqual(['orders', 'pay']);
});
