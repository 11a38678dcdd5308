import { mkdtemp, readFile, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Section } from '../../../../brokers/snapshot.ts';
import { replaceFile } from '../../../../core/files.ts';
import { noon, at, watching } from '../../../support/watched-lag.ts';

let folder: string;
let stateFile: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-lag-'));
  stateFile = join(folder, 'state', 'lab.history');
});
const opened: AsyncDisposable[] = [];
const kept = (options: { startMs?: number; log?: string[] } = {}) => {
  const made = watching({ ...options, stateFile });
  opened.push(made.lagClock);
  return made;
};
afterEach(async () => {
  // Some clocks are still writing.
  for (const each of opened.splice(0)) await each[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test('suspended time counts, also for ends read before it and after a restart', async () => {
  const before = kept();
  before.see(0, at(100n, 100n));
  before.see(60, at(200n, 100n));
  before.suspend(300);
  const sections: Section[] = [{ section: 'offsets', broker: '1', kind: 'kept', ageSeconds: 15 }];
  expect(before.see(15, at(200n, 149n), { sections })).toMatchObject({ seconds: 345 });
  expect(before.see(15, at(300n, 249n))).toMatchObject({ seconds: 165, method: 'interpolated' });
  await before.lagClock[Symbol.asyncDispose]();
  const after = kept({ startMs: noon + 450_000 });
  expect(after.see(0, at(400n, 149n))).toMatchObject({ seconds: 420, method: 'interpolated' });
});

test('continues with the saved history after a restart', async () => {
  const before = kept();
  before.see(0, at(100n, 100n), { topicId: 't1' });
  before.see(60, at(200n, 100n), { topicId: 't1' });
  await before.lagClock[Symbol.asyncDispose]();
  const after = kept({ startMs: noon + 1_000_000 });
  expect(after.see(0, at(300n, 149n), { topicId: 't1' })).toMatchObject({ seconds: 970, method: 'interpolated' });
});

test('messages stored while the exporter was down have no time, because it cannot be interpolated', async () => {
  const before = kept();
  before.see(0, at(100n, 100n));
  before.see(60, at(200n, 100n));
  await before.lagClock[Symbol.asyncDispose]();
  const night = 12 * 3600;
  const after = kept({ startMs: noon + (60 + night) * 1000 });
  expect(after.see(0, at(900n, 149n))).toMatchObject({ seconds: night + 30, method: 'interpolated' });
  expect(after.see(30, at(1000n, 500n))).toBeUndefined();
  expect(after.see(0, at(1000n, 500n, { consumedStoredAtMs: noon + 3_600_000 }))).toMatchObject({
    seconds: night + 90 - 3600,
    method: 'store-time',
  });
  expect(after.see(30, at(1100n, 949n))).toMatchObject({ seconds: 45, method: 'interpolated' });
});

test('an exporter that does not read a cluster leaves its file unchanged', async () => {
  const before = kept();
  before.see(0, at(100n, 100n));
  before.see(60, at(200n, 100n));
  await before.lagClock[Symbol.asyncDispose]();
  const saved = await readFile(stateFile);
  await kept({ startMs: noon + 120_000 }).lagClock[Symbol.asyncDispose]();
  expect(await readFile(stateFile)).toEqual(saved);
});

test.each([-3600, 7200])('a restart after the wall clock changed by %d s does not change the lag', async (by) => {
  const before = kept();
  before.see(0, at(100n, 100n));
  before.step(by);
  before.see(60, at(200n, 100n));
  await before.lagClock[Symbol.asyncDispose]();
  const after = kept({ startMs: noon + (by + 120) * 1000 });
  expect(after.see(0, at(300n, 149n))).toMatchObject({ seconds: 90, method: 'interpolated' });
});

test('the history is saved while running, so that a crash loses at most a minute', async () => {
  const { see, lagClock } = kept();
  see(0, at(100n, 100n));
  see(59, at(200n, 100n));
  await expect(readdir(folder)).resolves.toEqual([]);
  see(1, at(300n, 100n));
  await expect.poll(() => readdir(join(folder, 'state')).catch(() => [])).toEqual(['lab.history']);
  // Like kill -9: nothing more is written.
  const after = kept({ startMs: noon + 120_000 });
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
  kept();
  expect((await readdir(state)).toSorted()).toEqual([young.draft, ofAnother.draft].toSorted());
  end.reject(new Error('killed'));
  expect(await Promise.all([old, young, ofAnother].map(({ writing }) => writing))).toEqual(Array(3).fill('killed'));
});

test('starts a new history if another cluster has the name, or a topic was re-created in the meantime', async () => {
  const before = kept();
  before.see(0, at(100n, 100n), { topicId: 't1' });
  before.see(60, at(200n, 100n), { topicId: 't1' });
  await before.lagClock[Symbol.asyncDispose]();
  const elsewhere = kept({ startMs: noon + 120_000 });
  expect(elsewhere.see(0, at(300n, 149n), { topicId: 't1', clusterId: 'c2' })).toBeUndefined();
  const restarted = kept({ startMs: noon + 120_000 });
  expect(restarted.see(0, at(300n, 149n), { topicId: 't2' })).toBeUndefined();
});

test('keeps the history while another cluster of the same name servers is down, even after a restart', async () => {
  const before = kept();
  before.see(0, at(100n, 100n), { clusterId: 'pay+trade' });
  before.see(60, at(200n, 100n), { clusterId: 'pay+trade' });
  expect(before.see(30, at(300n, 149n), { clusterId: 'pay' })).toMatchObject({ seconds: 60 });
  await before.lagClock[Symbol.asyncDispose]();
  const after = kept({ startMs: noon + 120_000 });
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
  const before = kept();
  before.see(0, at(100n, 100n));
  before.see(60, at(200n, 100n));
  await before.lagClock[Symbol.asyncDispose]();
  await spoil((await readFile(stateFile)).length);
  const log: string[] = [];
  const after = kept({ startMs: noon + 120_000, log });
  expect(after.see(0, at(300n, 149n))).toBeUndefined();
  expect(log).toEqual([notice]);
});

test('a file from the future is not used, because its age is unknown', async () => {
  const before = kept();
  before.see(60, at(200n, 100n));
  await before.lagClock[Symbol.asyncDispose]();
  const log: string[] = [];
  kept({ startMs: noon - 1000, log });
  expect(log).toEqual([notice]);
});

test('a first start logs nothing', () => {
  const log: string[] = [];
  kept({ log });
  expect(log).toEqual([]);
});

test('if the history cannot be written, this is logged once and lag still works', async () => {
  await writeFile(join(folder, 'state'), 'a file where the folder should be');
  const log: string[] = [];
  // Reading fails as well, with a separate notice.
  const { see, lagClock } = kept({ log });
  see(0, at(100n, 100n));
  see(60, at(200n, 100n));
  await expect.poll(() => log.length).toBe(2);
  expect(see(60, at(300n, 199n))).toMatchObject({ seconds: 60 });
  await lagClock[Symbol.asyncDispose]();
  expect(log).toEqual([notice, 'cannot store the history of offsets; a restart would lose it']);
});
