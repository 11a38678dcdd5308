import { expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import type { LoadTestRun } from '../../../../../analyzer/evidence/load-test-run.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { plainRun } from '../../../../support/load-test-run.ts';

type Level = { senders: number; rate: number };

/** Latencies follow Little's law, multiplied by `1 / stretched`: senders also waited for something else. */
function loop(levels: readonly Level[], { stretched = 1, cpuSeconds = 0.2 } = {}): LoadTestRun {
  const run = plainRun({ rates: levels.map(({ rate }) => rate) });
  return {
    ...run,
    steps: run.steps.map(({ index, from, to, plannedSeconds, cutOff }) => {
      const { senders, rate } = levels[index] as Level;
      const latencyMeanSeconds = senders / rate / stretched;
      return { index, from, to, plannedSeconds, cutOff, lanes: senders, latencyMeanSeconds };
    }),
    produced: run.produced.map((line) => ({ ...line, cpuSeconds })),
  };
}

const finding = (run: LoadTestRun, code: string) =>
  analyzeRun(run, examplePolicy()).findings.find((each) => each.code === code)?.message;

test('a rate that stays flat while latency grows with the senders was limited by the broker or the network', () => {
  expect(
    finding(
      loop([
        { senders: 10, rate: 2000 },
        { senders: 40, rate: 2100 },
      ]),
      'closed-loop',
    ),
  ).toContain('the rate grew by 5% and the latency grew by 281%: broker or network was the limit');
});

test('a saturated link is named as the limit', () => {
  const levels = [
    { senders: 10, rate: 10_200 },
    { senders: 40, rate: 10_390 },
  ];
  expect(finding(loop(levels), 'closed-loop')).toContain('network-in of broker 1 was at 99.9%');
});

test('a rate that grows with the number of senders shows no limit', () => {
  expect(
    finding(
      loop([
        { senders: 10, rate: 500 },
        { senders: 40, rate: 1900 },
      ]),
      'closed-loop',
    ),
  ).toContain('the test was too small to find a limit');
});

test('a worker without idle CPU time makes the load generator the limit', () => {
  const levels = [
    { senders: 10, rate: 2000 },
    { senders: 40, rate: 2100 },
  ];
  expect(finding(loop(levels, { cpuSeconds: 0.95 }), 'closed-loop')).toContain('the load generator was the limit');
});

test('a test with one number of senders reports no limit and no maximum', () => {
  const run = loop([{ senders: 10, rate: 2000 }]);
  expect(finding(run, 'closed-loop')).toContain('test several');
  const { safeMaxTps, saturationTps } = analyzeRun(run, examplePolicy());
  expect([safeMaxTps.kind, saturationTps.kind]).toEqual(['unknown', 'unknown']);
});

test("reports a violation of Little's law if rate times latency differs from the number of senders", () => {
  expect(finding(loop([{ senders: 10, rate: 500 }]), 'littles-law')).toBeUndefined();
  expect(finding(loop([{ senders: 10, rate: 500 }], { stretched: 1.3 }), 'littles-law')).toContain('(senders: 10)');
});

test('fits a scaling law to four numbers of senders, but not to three', () => {
  const law = (senders: number) => (500 * senders) / (1 + 0.02 * (senders - 1) + 0.002 * senders * (senders - 1));
  const levels = [2, 8, 16, 32].map((senders) => ({ senders, rate: law(senders) }));
  expect(finding(loop(levels), 'scaling-law')).toContain(
    'at least 4,494 msg/s with 16 of them. No peak is reported, since a fit without the last steps fails to predict them.',
  );
  const five = [2, 8, 16, 24, 32].map((senders) => ({ senders, rate: law(senders) }));
  expect(finding(loop(five), 'scaling-law')).toMatch(/the rate peaks at 22\.1 senders .* near 4,693 msg\/s/);
  expect(finding(loop(levels.slice(0, 3)), 'scaling-law')).toBeUndefined();
  const straight = [2, 8, 16, 32].map((senders) => ({ senders, rate: 100 * senders }));
  expect(finding(loop(straight), 'scaling-law')).toBe('Up to 32 senders the rate grows in proportion.');
  const serial = [2, 8, 16, 32].map((senders) => ({ senders, rate: (500 * senders) / (1 + 0.1 * (senders - 1)) }));
  expect(finding(loop(serial), 'scaling-law')).toContain(
    'in 10% of their work: no number of senders achieves more than 5,000 msg/s',
  );
});
