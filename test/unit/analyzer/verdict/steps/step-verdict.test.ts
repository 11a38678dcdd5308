import { expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { measureStep } from '../../../../../analyzer/verdict/steps/measured-step.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { plainRun } from '../../../../support/load-test-run.ts';

test.each([
  { start: 0.1, seconds: 7 },
  // As floating-point numbers, (57.1 + 7) - (57.1 + 2) is less than five.
  { start: 57.1, seconds: 7 },
  // A guard may end a step shortly before a second is complete.
  { start: 0.1, seconds: 6.96 },
])(
  'a step of $seconds s from $start s with a lag report in each of its five seconds is sustained',
  ({ start, seconds }) => {
    const run = plainRun({ rates: [1000], stepSeconds: 7 });
    const moved = <T extends { from: number; to: number }>(span: T): T => ({
      ...span,
      from: start + span.from,
      to: start + Math.min(span.to, seconds),
    });
    const produced = run.produced.map(moved);
    const { steps } = analyzeRun(
      {
        ...run,
        steps: run.steps.map(moved),
        produced,
        consumed: produced.map(({ from, to, acknowledged }) => ({
          from,
          to,
          worker: 'consumer-0',
          group: 'billing',
          messages: acknowledged,
          eventLoopUtilisation: 0.1,
          cpuSeconds: 0.1,
        })),
        lag: Array.from({ length: 7 }, (_, second) => ({
          elapsedSeconds: start + second + 0.5,
          group: 'billing',
          messages: 20,
        })),
        durationSeconds: start + seconds,
      },
      examplePolicy(),
    );
    expect(steps.map(({ verdict }) => verdict)).toEqual([{ kind: 'sustained' }]);
  },
);

const minute = plainRun({ rates: [1000], stepSeconds: 60 });
const consumedBy = (group: string, messagesAt: (second: number) => number) =>
  minute.produced.map(({ from, to }) => ({
    from,
    to,
    worker: 'consumer-0',
    group,
    messages: messagesAt(from),
    eventLoopUtilisation: 0.1,
    cpuSeconds: 0.1,
  }));

test('each group has the lag that brokers report for it', () => {
  const groups: [string, (second: number) => number][] = [
    ['audit', () => 5],
    ['billing', (second) => 100 * second],
  ];
  const consumed = groups.flatMap(([group]) => consumedBy(group, () => 1000));
  const lag = minute.produced.flatMap(({ from }) =>
    groups.map(([group, lagAt]) => ({ elapsedSeconds: from + 0.5, group, messages: lagAt(from) })),
  );
  const step = measureStep({ ...minute, consumed, lag }, minute.steps[0]!, 2);
  expect(step.groups.map(({ group, lag: own }) => [group, own[0], own.at(-1)])).toEqual([
    ['audit', 5, 5],
    ['billing', 200, 5900],
  ]);
});

test('the rate of a group that reads in bursts counts from the first arrival to the last', () => {
  const lumpedTps = (messagesAt: (second: number) => number) =>
    measureStep({ ...minute, consumed: consumedBy('billing', messagesAt) }, minute.steps[0]!, 2).groups[0]?.lumpedTps;
  // At 4, 9, … and 59 s nine tenths of what was produced.
  expect(lumpedTps((second) => (second % 5 === 4 ? 4500 : 0))).toBeCloseTo((11 * 4500) / 54, 6);
  expect(lumpedTps(() => 900)).toBeUndefined();
});
