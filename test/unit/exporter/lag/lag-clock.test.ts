import { mkdtemp, readFile, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ClusterSnapshot, Section } from '../../../../brokers/snapshot.ts';
import { type Clock, seconds } from '../../../../core/clock.ts';
import type { ConsumerLag, PartitionOffsets } from '../../../../core/cluster.ts';
import { createLogger } from '../../../../core/log.ts';
import { replaceFile } from '../../../../core/replace-file.ts';
import { createLagClock } from '../../../../exporter/lag/lag-clock.ts';

let folder: string;
let stateFile: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-lag-'));
  stateFile = join(folder, 'state', 'lab.history');
});
const opened: AsyncDisposable[] = [];
afterEach(async () => {
  // Some clocks are still writing.
  for (const each of opened.splice(0)) await each[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Clocks of a process that started at `startMs`; `step` sets only the wall clock, `pass` lets time pass. */
function clockFrom(startMs: number) {
  let wall = startMs;
  let monotonic = 0;
  let suspended = 0;
  const clock: Clock = {
    now: () => new Date(wall),
    monotonic: () => seconds(monotonic),
    sinceBoot: () => seconds(86_400 + monotonic + suspended),
    sleep: () => Promise.reject(new Error('nothing here waits')),
  };
  return {
    clock,
    step: (by: number) => (wall += by * 1000),
    suspend: (by: number) => {
      wall += by * 1000;
      suspended += by;
    },
    pass: (by: number) => {
      wall += by * 1000;
      monotonic += by;
    },
  };
}

const noon = Date.UTC(2026, 0, 1, 12);
const partition = { topic: 'orders', partition: 0 };

interface Shown {
  topicId?: string;
  clusterId?: string;
  sections?: readonly Section[];
  /** Offsets that differ from those of the group. */
  offsets?: readonly PartitionOffsets[];
  commitsAgeSeconds?: number;
}

function snapshotOf(
  lags: readonly ConsumerLag[],
  { topicId, clusterId = 'c1', sections = [], offsets, commitsAgeSeconds }: Shown = {},
): ClusterSnapshot {
  return {
    cluster: { name: 'lab', kind: 'kafka', clusterId, brokers: [] },
    topics: [
      {
        name: 'orders',
        ...(topicId !== undefined && { id: topicId }),
        internal: false,
        partitions: [{ ...partition, leader: '1', replicas: ['1'], inSyncReplicas: ['1'] }],
      },
    ],
    offsets: offsets ?? lags,
    groups: [{ name: 'billing', partitions: lags, ...(commitsAgeSeconds !== undefined && { commitsAgeSeconds }) }],
    sections,
  };
}

const at = (end: bigint, committed: bigint, over: Partial<ConsumerLag> = {}): ConsumerLag => ({
  ...partition,
  end,
  committed,
  ...over,
});

/** A lag clock; `see` returns the time lag after `after` more seconds. */
function watching(options: { state?: boolean; startMs?: number; log?: string[] } = {}) {
  const { clock, pass, step, suspend } = clockFrom(options.startMs ?? noon);
  const lines = options.log ?? [];
  const lagClock = createLagClock({
    clock,
    log: createLogger('warn', { write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg) }),
    ...(options.state === true && { stateFile }),
  });
  opened.push(lagClock);
  return {
    lagClock,
    step,
    suspend,
    pass,
    see(after: number, lag: ConsumerLag, shown: Shown = {}) {
      pass(after);
      return lagClock.observe(snapshotOf([lag], shown)).of('billing', lag);
    },
  };
}

test('a group at the end of the log has caught up, from the first reading on', () =>
  expect(watching().see(0, at(100n, 100n))).toEqual({ seconds: 0, method: 'caught-up', ageSeconds: 0 }));

test('a group whose next message is older than the history has no time lag', () =>
  expect(watching().see(0, at(100n, 40n))).toBeUndefined());

test('the lag of a group is the age of its next message, and grows while the group does not move', () => {
  const { see } = watching();
  see(0, at(100n, 100n));
  see(60, at(200n, 100n));
  expect(see(30, at(300n, 149n))).toEqual({ seconds: 60, method: 'interpolated', ageSeconds: 0 });
  expect(see(600, at(400n, 149n))).toMatchObject({ seconds: 660 });
});

test('the lag of a fully consumed idle topic stays 0', () => {
  const { see } = watching();
  see(0, at(100n, 100n));
  expect(see(86_400, at(100n, 100n))).toMatchObject({ seconds: 0, method: 'caught-up' });
});

test('messages deleted by retention have no age, so the oldest remaining message counts', () => {
  const { see } = watching();
  see(0, at(100n, 100n, { start: 0n }));
  see(60, at(200n, 100n, { start: 0n }));
  see(60, at(300n, 100n, { start: 0n }));
  expect(see(60, at(400n, 100n, { start: 299n }))).toMatchObject({ seconds: 60, method: 'interpolated' });
});

test('a topic emptied by retention has no lag, however old the commit is', () =>
  // kafka-lag-exporter 37, 45
  expect(watching().see(0, at(400n, 100n, { start: 400n }))).toMatchObject({ seconds: 0, method: 'caught-up' }));

test('a re-created topic starts a new history, even if the new log is already longer', () => {
  const { see } = watching();
  see(0, at(100n, 100n), { topicId: 'old' });
  expect(see(60, at(500n, 100n), { topicId: 'new' })).toBeUndefined();
  expect(see(60, at(500n, 500n), { topicId: 'new' })).toMatchObject({ seconds: 0 });
});

test('uses the store time of the last consumed message if the history does not reach back far enough', () =>
  expect(watching().see(0, at(100n, 40n, { consumedStoredAtMs: noon - 90_000 }))).toEqual({
    seconds: 90,
    method: 'store-time',
    ageSeconds: 0,
  }));

test('uses the timestamp of the next message first, if it was read', () => {
  const { see } = watching();
  see(0, at(100n, 40n));
  expect(see(60, at(200n, 150n, { nextStoredAtMs: noon + 50_000 }))).toEqual({
    seconds: 10,
    method: 'store-time',
    ageSeconds: 0,
  });
});

test('an idle hour before the next message does not count as its age', () => {
  const { see } = watching();
  see(0, at(100n, 100n));
  see(3600, at(100n, 100n));
  expect(see(30, at(101n, 100n, { consumedStoredAtMs: noon - 1000 }))).toEqual({
    seconds: 0,
    method: 'interpolated',
    ageSeconds: 0,
  });
});

test('a step of the wall clock changes neither a lag nor the history', () => {
  const { see, step } = watching();
  see(0, at(100n, 100n));
  see(60, at(200n, 100n));
  step(7200);
  expect(see(60, at(300n, 199n))).toMatchObject({ seconds: 60 });
  step(-9000);
  expect(see(60, at(400n, 199n))).toMatchObject({ seconds: 120 });
});

test('suspended time counts, also for ends read before it and after a restart', async () => {
  const before = watching({ state: true });
  before.see(0, at(100n, 100n));
  before.see(60, at(200n, 100n));
  before.suspend(300);
  const sections: Section[] = [{ section: 'offsets', broker: '1', kind: 'kept', ageSeconds: 15 }];
  expect(before.see(15, at(200n, 149n), { sections })).toMatchObject({ seconds: 345 });
  expect(before.see(15, at(300n, 249n))).toMatchObject({ seconds: 165, method: 'interpolated' });
  await before.lagClock[Symbol.asyncDispose]();
  const after = watching({ state: true, startMs: noon + 450_000 });
  expect(after.see(0, at(400n, 149n))).toMatchObject({ seconds: 420, method: 'interpolated' });
});

test("the age of a lag is that of the leader's readings, and ends are dated by when they were read", () => {
  const { see } = watching();
  see(0, at(100n, 100n));
  const sections: Section[] = [
    { section: 'offsets', broker: '1', kind: 'kept', ageSeconds: 40 },
    { section: 'offsets', broker: '2', kind: 'kept', ageSeconds: 250 },
  ];
  expect(see(100, at(200n, 199n), { sections })).toEqual({ seconds: 40, method: 'interpolated', ageSeconds: 40 });
});

test('a commit beyond a kept, older end does not show that the group has caught up', () => {
  const { see } = watching();
  see(0, at(100n, 50n));
  const sections: Section[] = [{ section: 'offsets', broker: '1', kind: 'kept', ageSeconds: 30 }];
  expect(see(30, at(100n, 140n), { sections })).toBeUndefined();
  expect(see(1, at(100n, 100n), { sections })).toMatchObject({ method: 'caught-up' });
});

test('a commit beyond the end of a re-created topic does not show that the group has caught up', () => {
  const { see } = watching();
  see(0, at(100n, 100n));
  expect(see(60, at(5n, 100n))).toBeUndefined();
  expect(see(60, at(5n, 5n))).toMatchObject({ seconds: 0, method: 'caught-up' });
});

test('reports the age of the commits of a Kafka group, regardless of other coordinators', () => {
  const { see } = watching();
  const sections: Section[] = [{ section: 'commits', broker: '1', kind: 'kept', ageSeconds: 70 }];
  expect(see(0, at(200n, 200n), { sections })).toMatchObject({ ageSeconds: 0 });
  expect(see(0, at(200n, 200n), { sections, commitsAgeSeconds: 30 })).toMatchObject({ ageSeconds: 30 });
});

test('a group that is shown with kept values and older ends does not reset the history', () => {
  const { see } = watching();
  see(0, at(100n, 100n));
  see(60, at(200n, 100n));
  const offsets = [{ ...partition, end: 300n }];
  expect(see(60, at(200n, 149n), { offsets, commitsAgeSeconds: 60 })).toMatchObject({
    seconds: 90,
    method: 'interpolated',
  });
  expect(see(60, at(400n, 349n))).toMatchObject({ seconds: 30 });
});

test('counts lags that would be negative', () => {
  const { lagClock } = watching();
  lagClock.observe(snapshotOf([at(100n, 100n)]));
  expect(lagClock.observe(snapshotOf([at(5n, 40n)])).clampedTotal).toBe(1);
  expect(lagClock.observe(snapshotOf([at(5n, 40n)])).clampedTotal).toBe(2);
});

test('queues with the same id on different brokers are kept separate', () => {
  const { lagClock, pass } = watching();
  const [a, b] = [at(100n, 100n, { brokerName: 'broker-a' }), at(900n, 900n, { brokerName: 'broker-b' })];
  lagClock.observe(snapshotOf([a, b]));
  pass(60);
  const later = [at(200n, 199n, { brokerName: 'broker-a' }), at(1000n, 900n, { brokerName: 'broker-b' })];
  const times = lagClock.observe(snapshotOf(later));
  expect(later.map((lag) => times.of('billing', lag)?.seconds)).toEqual([0, 59.4]);
});

test('continues with the saved history after a restart', async () => {
  const before = watching({ state: true });
  before.see(0, at(100n, 100n), { topicId: 't1' });
  before.see(60, at(200n, 100n), { topicId: 't1' });
  await before.lagClock[Symbol.asyncDispose]();
  const after = watching({ state: true, startMs: noon + 1_000_000 });
  expect(after.see(0, at(300n, 149n), { topicId: 't1' })).toMatchObject({ seconds: 970, method: 'interpolated' });
});

test('messages stored while the exporter was down have no time, because it cannot be interpolated', async () => {
  const before = watching({ state: true });
  before.see(0, at(100n, 100n));
  before.see(60, at(200n, 100n));
  await before.lagClock[Symbol.asyncDispose]();
  const night = 12 * 3600;
  const after = watching({ state: true, startMs: noon + (60 + night) * 1000 });
  expect(after.see(0, at(900n, 149n))).toMatchObject({ seconds: night + 30, method: 'interpolated' });
  expect(after.see(30, at(1000n, 500n))).toBeUndefined();
  expect(after.see(0, at(1000n, 500n, { consumedStoredAtMs: noon + 3_600_000 }))).toMatchObject({
    seconds: night + 90 - 3600,
    method: 'store-time',
  });
  expect(after.see(30, at(1100n, 949n))).toMatchObject({ seconds: 45, method: 'interpolated' });
});

test('messages stored while the exporter did not read the cluster for days have no time', () => {
  const { see } = watching();
  see(0, at(100n, 100n));
  see(60, at(200n, 100n));
  expect(see(3 * 86_400, at(900n, 500n))).toBeUndefined();
  expect(see(30, at(1000n, 949n))).toMatchObject({ seconds: 15, method: 'interpolated' });
});

test('an exporter that does not read a cluster leaves its file unchanged', async () => {
  const before = watching({ state: true });
  before.see(0, at(100n, 100n));
  before.see(60, at(200n, 100n));
  await before.lagClock[Symbol.asyncDispose]();
  const saved = await readFile(stateFile);
  await watching({ state: true, startMs: noon + 120_000 }).lagClock[Symbol.asyncDispose]();
  expect(await readFile(stateFile)).toEqual(saved);
});

test.each([-3600, 7200])('a restart after the wall clock changed by %d s does not change the lag', async (by) => {
  const before = watching({ state: true });
  before.see(0, at(100n, 100n));
  before.step(by);
  before.see(60, at(200n, 100n));
  await before.lagClock[Symbol.asyncDispose]();
  const after = watching({ state: true, startMs: noon + (by + 120) * 1000 });
  expect(after.see(0, at(300n, 149n))).toMatchObject({ seconds: 90, method: 'interpolated' });
});

test('the history is saved while running, so that a crash loses at most a minute', async () => {
  const { see, lagClock } = watching({ state: true });
  see(0, at(100n, 100n));
  see(59, at(200n, 100n));
  await expect(readdir(folder)).resolves.toEqual([]);
  see(1, at(300n, 100n));
  await expect.poll(() => readdir(join(folder, 'state')).catch(() => [])).toEqual(['lab.history']);
  // Like kill -9: nothing more is written.
  const after = watching({ state: true, startMs: noon + 120_000 });
  expect(after.see(0, at(400n, 299n))).toMatchObject({ seconds: 60 });
  await lagClock[Symbol.asyncDispose]();
});

test('a start removes drafts left by a killed process, but none that may still be written', async () => {
  const state = join(folder, 'state');
  const end = Promise.withResolvers<void>();
  /** @returns the draft of a write that does not end, last written this many minutes before noon */
  const begun = async (file: string, minutes: number) => {
    const before = new Set(await readdir(state).catch(() => []));
    const writing = replaceFile(file, () => end.promise).catch((cause: Error) => cause.message);
    const news = async () => (await readdir(state).catch(() => [])).filter((name) => !before.has(name));
    await expect.poll(news).toHaveLength(1);
    const [draft = ''] = await news();
    await utimes(join(state, draft), new Date(noon), new Date(noon - minutes * 60_000));
    return { draft, writing };
  };
  const old = await begun(stateFile, 61);
  const young = await begun(stateFile, 59);
  const ofAnother = await begun(join(state, 'other.history'), 61);
  watching({ state: true });
  expect((await readdir(state)).toSorted()).toEqual([young.draft, ofAnother.draft].toSorted());
  end.reject(new Error('killed'));
  expect(await Promise.all([old, young, ofAnother].map(({ writing }) => writing))).toEqual(Array(3).fill('killed'));
});

test('starts a new history if another cluster has the name, or a topic was re-created in the meantime', async () => {
  const before = watching({ state: true });
  before.see(0, at(100n, 100n), { topicId: 't1' });
  before.see(60, at(200n, 100n), { topicId: 't1' });
  await before.lagClock[Symbol.asyncDispose]();
  const elsewhere = watching({ state: true, startMs: noon + 120_000 });
  expect(elsewhere.see(0, at(300n, 149n), { topicId: 't1', clusterId: 'c2' })).toBeUndefined();
  const anew = watching({ state: true, startMs: noon + 120_000 });
  expect(anew.see(0, at(300n, 149n), { topicId: 't2' })).toBeUndefined();
});

test('keeps the history while another cluster of the same name servers is down, even after a restart', async () => {
  const before = watching({ state: true });
  before.see(0, at(100n, 100n), { clusterId: 'pay+trade' });
  before.see(60, at(200n, 100n), { clusterId: 'pay+trade' });
  expect(before.see(30, at(300n, 149n), { clusterId: 'pay' })).toMatchObject({ seconds: 60 });
  await before.lagClock[Symbol.asyncDispose]();
  const after = watching({ state: true, startMs: noon + 120_000 });
  expect(after.see(0, at(400n, 149n), { clusterId: 'pay+trade' })).toMatchObject({ seconds: 90 });
  expect(after.see(30, at(500n, 149n), { clusterId: 'search' })).toBeUndefined();
});

const notice = 'offset history unusable; time lag restarts';

test.each<[string, (bytes: number) => Promise<void>]>([
  ['torn', (bytes) => truncate(stateFile, bytes - 20)],
  ['empty', () => writeFile(stateFile, '')],
  ['of something else', () => writeFile(stateFile, '{"schemaVersion":1}\n'.repeat(100))],
  [
    'changed in the middle',
    async () => {
      const bytes = await readFile(stateFile);
      bytes.writeDoubleLE(1e9, bytes.length - 24);
      await writeFile(stateFile, bytes);
    },
  ],
])('a history file that is %s is reported and not used', async (_, spoil) => {
  const before = watching({ state: true });
  before.see(0, at(100n, 100n));
  before.see(60, at(200n, 100n));
  await before.lagClock[Symbol.asyncDispose]();
  await spoil((await readFile(stateFile)).length);
  const log: string[] = [];
  const after = watching({ state: true, startMs: noon + 120_000, log });
  expect(after.see(0, at(300n, 149n))).toBeUndefined();
  expect(log).toEqual([notice]);
});

test('a file from the future is not used, because its age is unknown', async () => {
  const before = watching({ state: true });
  before.see(60, at(200n, 100n));
  await before.lagClock[Symbol.asyncDispose]();
  const log: string[] = [];
  watching({ state: true, startMs: noon - 1000, log });
  expect(log).toEqual([notice]);
});

test('a first start logs nothing', () => {
  const log: string[] = [];
  watching({ state: true, log });
  expect(log).toEqual([]);
});

test('if the history cannot be written, this is logged once and lag still works', async () => {
  await writeFile(join(folder, 'state'), 'a file where the folder should be');
  const log: string[] = [];
  // Reading fails as well, with a separate notice.
  const { see, lagClock } = watching({ state: true, log });
  see(0, at(100n, 100n));
  see(60, at(200n, 100n));
  await expect.poll(() => log.length).toBe(2);
  expect(see(60, at(300n, 199n))).toMatchObject({ seconds: 60 });
  await lagClock[Symbol.asyncDispose]();
  expect(log).toEqual([notice, 'cannot store the history of offsets; a restart would lose it']);
});

test('a group before a transaction marker has caught up, and lags from the next message on', () => {
  const { see } = watching();
  see(0, at(100n, 100n));
  see(60, at(102n, 101n));
  // The last offset is the marker: there is no message to read.
  expect(see(900, at(102n, 101n, { nextMessageOffset: 102n }))).toMatchObject({ seconds: 0, method: 'caught-up' });
  see(30, at(104n, 101n, { nextMessageOffset: 102n }));
  expect(see(60, at(104n, 101n, { nextMessageOffset: 102n }))).toEqual({
    seconds: 75,
    method: 'interpolated',
    ageSeconds: 0,
  });
});
