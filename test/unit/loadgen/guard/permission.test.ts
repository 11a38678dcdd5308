import { expect, test } from 'vitest';
import { LoadTestPermission } from '../../../../core/policy/load-test-permission.ts';
import { AppError } from '../../../../core/errors.ts';
import { checkPermission, type RequestedLoad } from '../../../../loadgen/guard/permission.ts';

const permission = LoadTestPermission.parse({
  window: { from: '01:00', to: '05:00' },
  maxTps: 20_000,
  maxNicShare: '60%',
  topicPrefix: 'plimsoll-',
  approver: 'Li Lei',
});
const asked: RequestedLoad = {
  cluster: 'orders',
  peakTps: 20_000,
  durationSeconds: 600,
  topics: ['plimsoll-a'],
  groups: ['plimsoll-a-1'],
  overloads: false,
};
const night = new Date('2026-06-17T02:00:00Z');
const refusal = (over: Partial<RequestedLoad>, now = night, given: LoadTestPermission | undefined = permission) => {
  try {
    checkPermission({ ...asked, ...over }, given, now);
    return undefined;
  } catch (error) {
    return error instanceof AppError ? error : undefined;
  }
};

test('allows a run within the permission', () => expect(refusal({})).toBeUndefined());

test('without a permission nothing is allowed, and the hint shows an example', () => {
  const error = (() => {
    try {
      return checkPermission(asked, undefined, night);
    } catch (cause) {
      return cause as AppError;
    }
  })();
  expect(error).toMatchObject({ code: 'load-test-refused', exitCode: 2 });
  expect(error?.hint).toContain('topicPrefix: plimsoll-');
});

test.each([
  [
    'a rate beyond maxTps',
    { peakTps: 20_001 },
    'the target rate of the profile is 20,001 msg/s and maxTps is 20,000 msg/s',
  ],
  ['a topic of others', { topics: ['orders'] }, 'topic orders: loadTest.topicPrefix is plimsoll-'],
  ['a group of others', { groups: ['billing'] }, 'group billing: loadTest.topicPrefix is plimsoll-'],
  ['an overload', { overloads: true }, 'overload is forbidden'],
  ['a run longer than the window is open', { durationSeconds: 4 * 3600 }, 'closes in 180 min'],
])('refuses %s', (_, over, words) => expect(refusal(over)?.message).toContain(words));

test('refuses a run outside the window, and names the window', () =>
  expect(refusal({}, new Date('2026-06-17T05:00:00Z'))?.message).toContain('from 01:00 to 05:00 UTC'));

test('reports all refusals at once', () =>
  expect(refusal({ peakTps: 30_000, topics: ['orders'] })?.message).toMatch(/maxTps.*topic orders: loadTest/));

test("outside the window the time is shown in the window's time zone", () => {
  const there = LoadTestPermission.parse({
    ...permission,
    maxNicShare: '60%',
    window: { from: '01:00', to: '05:00', timeZone: 'Asia/Shanghai' },
  });
  expect(refusal({}, new Date('2026-06-16T21:30:00Z'), there)?.message).toContain(
    'from 01:00 to 05:00 Asia/Shanghai, and it is 05:30 there',
  );
});
