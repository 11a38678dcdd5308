import { expect, test } from 'vitest';
import type { LoadTestRun } from '../../../../../../analyzer/evidence/load-test-run.ts';
import { loadTestGroupsOf } from '../../../../../../analyzer/verdict/limits/consumer-groups/groups.ts';
import { examplePolicy } from '../../../../../support/example-policy.ts';

/** Lines of workers, one a second: 250 msg/s, consumers paused from 10 to 60 s, then reading 1,000 msg/s until they caught up. */
function backlogRun(drainTps: number): LoadTestRun {
  let lag = 0;
  const lines = Array.from({ length: 150 }, (_, second) => {
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

test('a group that catches up in a quarter of a minute has a measured rate', () => {
  const [readers] = loadTestGroupsOf(backlogRun(1000), examplePolicy()).capacities;
  expect(readers).toMatchObject({ kind: 'measured', group: 'readers', episodes: 1, share: 1 });
  expect(readers).toHaveProperty('tps', 1000);
});

test('a group that catches up within seconds shows only what it kept up with', () => {
  const [readers] = loadTestGroupsOf(backlogRun(6000), examplePolicy()).capacities;
  expect(readers).toMatchObject({ kind: 'at-least', group: 'readers' });
});
