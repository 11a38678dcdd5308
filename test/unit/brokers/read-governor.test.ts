import { expect, test } from 'vitest';
import { createReadGovernor, defaultGovernorLimits, type GovernorLimits } from '../../../brokers/read-governor.ts';
import { createSectionMemory } from '../../../brokers/sections.ts';
import { seconds } from '../../../core/clock.ts';

const io = { signal: new AbortController().signal };

/** A clock that is advanced by sleeping and by the test. */
function governorWith(over: Partial<GovernorLimits> = {}) {
  const time = { now: 0, slept: 0 };
  const clock = {
    now: () => new Date(0),
    monotonic: () => seconds(time.now),
    async sleep(duration: number, { signal }: { signal?: AbortSignal } = {}) {
      signal?.throwIfAborted();
      time.now += duration;
      time.slept += duration;
    },
  };
  return { time, clock, governor: createReadGovernor({ clock, limits: { ...defaultGovernorLimits, ...over } }) };
}

test('a scrape of normal size never waits', async () => {
  const { governor, time } = governorWith();
  for (let request = 0; request < 20; request++) await governor.take('1', 1, io);
  expect(time.slept).toBe(0);
});

test('after its burst a broker is queried at the allowed rate, without delaying other brokers', async () => {
  const { governor, time } = governorWith({ requestsPerSecond: 10, burst: 5 });
  for (let request = 0; request < 25; request++) await governor.take('1', 1, io);
  expect(time.slept).toBeCloseTo(2, 6);
  await governor.take('2', 5, io);
  expect(time.slept).toBeCloseTo(2, 6);
});

test('a batch larger than the burst passes at once, and the next request waits for it', async () => {
  const { governor, time } = governorWith({ requestsPerSecond: 10, burst: 5 });
  await governor.take('1', 25, io);
  expect(time.slept).toBe(0);
  await governor.take('1', 1, io);
  expect(time.slept).toBeCloseTo(2.1, 6);
});

test('a request that waits for its budget ends when the signal aborts', async () => {
  const { governor } = governorWith({ requestsPerSecond: 1, burst: 1 });
  await governor.take('1', 1, io);
  const stop = AbortSignal.abort(new Error('deadline'));
  await expect(governor.take('1', 1, { signal: stop })).rejects.toThrow('deadline');
});

test('each overload signal of a broker defers its optional reads, with the reason', () => {
  const { governor } = governorWith();
  const reasonFor = (signs: Parameters<typeof governor.observe>[1], broker: string) => {
    governor.observe(broker, signs);
    const leave = governor.mayRead('log-dirs', broker);
    return leave.kind === 'no' ? leave.reason : 'yes';
  };
  expect(reasonFor({ queueHeadWaitSeconds: 0.18 }, 'a')).toBe(
    'skipped to protect broker a: requests wait 180 ms in its queue',
  );
  expect(reasonFor({ pageCacheLockSeconds: 0.6 }, 'b')).toContain('its page cache was locked for 600 ms');
  expect(reasonFor({ handlerIdleRatio: 0.12 }, 'c')).toContain('its request handlers are idle 12% of the time');
  expect(reasonFor({ iowaitRatio: 0.45 }, 'd')).toContain('its host waits for disks 45% of the time');
  expect(reasonFor({ queueHeadWaitSeconds: 0.05, handlerIdleRatio: 0.9, iowaitRatio: 0.01 }, 'e')).toBe('yes');
});

test('between the two thresholds the state does not change, so that reads do not flap', () => {
  const { governor } = governorWith();
  const after = (idle: number) => {
    governor.observe('1', { handlerIdleRatio: idle });
    return governor.mayRead('log-dirs', '1').kind;
  };
  expect([0.4, 0.29, 0.4, 0.49, 0.51, 0.4].map(after)).toEqual(['yes', 'no', 'no', 'no', 'yes', 'yes']);
});

test('cluster-wide optional reads wait until no broker is overloaded', () => {
  const { governor } = governorWith();
  governor.observe('1', { iowaitRatio: 0.9 });
  expect(governor.mayRead('configs', undefined).kind).toBe('no');
  expect(governor.mayRead('log-dirs', '2').kind).toBe('yes');
  governor.observe('1', { iowaitRatio: 0.1 });
  expect(governor.mayRead('configs', undefined).kind).toBe('yes');
});

test('an overload signal that is not renewed expires', () => {
  const { governor, time } = governorWith({ forgetSeconds: 60 });
  governor.observe('1', { iowaitRatio: 0.9 });
  time.now = 60;
  expect(governor.mayRead('log-dirs', '1').kind).toBe('no');
  time.now = 61;
  expect(governor.mayRead('log-dirs', '1').kind).toBe('yes');
});

test('a deferred read is a skipped section with its reason, and a required one is read', async () => {
  const { governor, clock } = governorWith();
  governor.observe('1', { iowaitRatio: 0.9 });
  const sections = createSectionMemory({ clock, governor }).begin();
  await sections.ask({ section: 'log-dirs', broker: '1', optional: true, read: async () => 1 }, io);
  await sections.ask({ section: 'offsets', broker: '1', read: async () => 1 }, io);
  expect(sections.report()).toMatchObject([
    { section: 'log-dirs', kind: 'skipped', reason: expect.stringContaining('waits for disks 90%') },
    { section: 'offsets', kind: 'fresh' },
  ]);
});
