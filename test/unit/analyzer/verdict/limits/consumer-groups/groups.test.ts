import { expect, test } from 'vitest';
import type { LoadTestRun } from '../../../../../../analyzer/evidence/load-test-run.ts';
import { commitsOf, lagOf, trafficOf } from '../../../../../../analyzer/evidence/sources/assembly.ts';
import type { FigureSeries } from '../../../../../../analyzer/evidence/sources/figure-series.ts';
import { groupsOf, loadTestGroupsOf } from '../../../../../../analyzer/verdict/limits/consumer-groups/groups.ts';
import { examplePolicy } from '../../../../../support/example-policy.ts';

/** One line per second: produces 250 msg/s; consumers pause from 10 to 60 s, then read `drainTps` until they caught up. */
function backlogRun(drainTps: number, length = 150): LoadTestRun {
  let lag = 0;
  const lines = Array.from({ length }, (_, second) => {
    const span = { from: second, to: second + 1 };
    const messages = second >= 10 && second < 60 ? 0 : Math.min(drainTps, lag + 250);
    lag += 250 - messages;
    return { produced: { ...span, acknowledged: 250 }, consumed: { ...span, group: 'readers', messages }, lag };
  });
  return {
    steps: [{ hasBacklog: true }],
    produced: lines.map(({ produced }) => produced),
    consumed: lines.map(({ consumed }) => consumed),
    lag: lines.map((line, second) => ({ group: 'readers', elapsedSeconds: second + 1, messages: line.lag })),
  } as unknown as LoadTestRun;
}

test('a group that catches up within a quarter of a minute has a measured rate', () => {
  const [readers] = loadTestGroupsOf(backlogRun(1000), examplePolicy()).capacities;
  expect(readers).toMatchObject({ kind: 'measured', group: 'readers', episodes: 1, share: 1 });
  expect(readers).toHaveProperty('tps', 1000);
});

test('a group that catches up once in 150,000 seconds has a measured rate', () => {
  const [readers] = loadTestGroupsOf(backlogRun(1000, 150_000), examplePolicy()).capacities;
  expect(readers).toMatchObject({ kind: 'measured', group: 'readers', tps: 1000, episodes: 1 });
});

test('a group that catches up within seconds has only a lower bound', () => {
  const [readers] = loadTestGroupsOf(backlogRun(6000), examplePolicy()).capacities;
  expect(readers).toMatchObject({ kind: 'at-least', group: 'readers' });
});

/** Five days of 12,400 msg/s and two of 4,000. On the last day a group stops for an hour, then catches up at 15,000 msg/s. */
function weekOf({ isRead, isProduced }: Record<'isRead' | 'isProduced', (minute: number) => boolean>) {
  const day = 1440;
  const stopped = 6 * day + 600;
  let behind = 0;
  const minutes = Array.from({ length: 7 * day }, (_, minute) => {
    const produced = minute < 5 * day ? 12_400 : 4000;
    const read = minute >= stopped && minute < stopped + 60 ? 0 : Math.min(15_000, produced + behind / 60);
    behind += (produced - read) * 60;
    return {
      produced: isProduced(minute) ? produced : Number.NaN,
      read: isRead(minute) ? read : Number.NaN,
      lag: isRead(minute) ? behind + 0.5 * produced : Number.NaN,
    };
  });
  const series = (figure: FigureSeries['figure'], target: string, value: (at: (typeof minutes)[number]) => number) => ({
    figure,
    target,
    addresses: [],
    firstEnd: 60,
    gridSeconds: 60,
    values: Float64Array.from(minutes, value),
    source: 'made',
  });
  const all: FigureSeries[] = [
    series('messagesInPerSecond', '1', ({ produced }) => produced),
    series('groupCommitsPerSecond', 'readers', ({ read }) => read),
    series('groupLag', 'readers', ({ lag }) => lag),
    series('groupCommitsPerSecond', 'auditors', ({ read }) => read / 2),
    series('groupLag', 'auditors', ({ lag }) => lag / 2),
  ];
  return groupsOf({ lag: lagOf(all), commits: commitsOf(all), traffic: trafficOf(all) }, examplePolicy());
}

const always = () => true;
const atWeekend = (minute: number) => minute >= 5 * 1440;

test.each([
  ['all week', always, always],
  ['at the weekend only', atWeekend, always],
  ['all week, and traffic is known at the weekend only', always, atWeekend],
])('a group that reads every message has a share of 1 if its offsets are known %s', (_, isRead, isProduced) => {
  const { capacities, ceilings } = weekOf({ isRead, isProduced });
  expect(capacities.map(({ kind, group }) => `${kind} ${group}`)).toEqual(['measured auditors', 'measured readers']);
  const readers = ceilings.find(({ group }) => group === 'readers');
  expect(readers?.share).toBeCloseTo(1, 2);
  expect((readers?.value ?? 0) / 15_000).toBeCloseTo(1, 1);
});
