import { describe, expect, test } from 'vitest';
import { analyzeRun } from '../../../../analyzer/analyze-run.ts';
import { readDefaultPolicy } from '../../../../core/policy/policy.ts';
import { renderText } from '../../../../analyzer/reports/text.ts';
import { plainRun, type PlainRun } from '../../../support/load-test-run.ts';

const report = (change: Partial<PlainRun> = {}, colours = false) =>
  renderText(analyzeRun(plainRun(change), readDefaultPolicy()), { colours });

const near = { rates: [2000, 3000, 4000, 5000, 6000] };

describe('the headline', () => {
  test('says the safe maximum, its interval, what binds, and where the cluster is full', () => {
    const [, , safe, ...rest] = report(near).split('\n');
    expect(`${safe} ${rest.slice(0, 3).join(' ')}`.replaceAll(/\s+/g, ' ')).toContain(
      'Safe maximum 8,317 msg/s, predicted: network-in of broker 1 binds (estimate 8,317, 95 % interval 8,317 to 8,317)',
    );
    expect(report(near).replaceAll(/\s+/g, ' ')).toContain(
      'Full at 10,400 msg/s, predicted at 1.73 times the highest step',
    );
  });

  test('names no maximum where no limit was reached', () => {
    expect(report({ rates: [100, 200, 300] })).toMatch(/Safe maximum {2}at least 300 msg\/s .*no limit was reached/);
  });

  test('says that a rate was carried, and not what it cost, where no machine was read', () => {
    const analysis = analyzeRun({ ...plainRun(), hosts: new Map() }, readDefaultPolicy());
    const words = renderText(analysis, { colours: false }).replaceAll(/\s+/g, ' ');
    expect(words).toContain('at least 5,000 msg/s (carried; no machine was read, so what it cost is not known)');
  });

  test('says unknown in words, and what is missing', () => {
    expect(report({ stepSeconds: 4 })).toMatch(/Safe maximum {2}unknown: missing is a sustained step/);
  });
});

test('no line is wider than a hundred columns', () => {
  const shapes: Partial<PlainRun>[] = [
    near,
    { stepSeconds: 4 },
    { carried: (rate) => (rate === 5000 ? 0.8 : 1) },
    { rates: [12_000, 14_000], carried: (rate) => 10_400 / rate },
  ];
  for (const shape of shapes) {
    for (const line of report(shape).split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  }
});

test('colours only when they are asked for', () => {
  expect(report(near)).not.toContain('\u001B[');
  expect(report(near, true)).toContain('\u001B[');
});

test('findings come with the worst first', () => {
  const severities = [
    ...report({ carried: (rate) => (rate === 5000 ? 0.8 : 1) }).matchAll(/^(critical|warning|info) /gm),
  ].map(([, severity]) => severity ?? '');
  const order = ['critical', 'warning', 'info'];
  expect(severities).toEqual(severities.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)));
  expect(severities).toContain('warning');
});

test('a limit that was driven into is not called one that was not reached', () => {
  const page = report({ rates: [4000, 8000, 12_000], carried: (rate) => Math.min(1, 10_400 / rate) });
  expect(page).toMatch(/Safe maximum {2}8,317 msg\/s, predicted: network-in of broker 1 binds/);
  expect(page).not.toContain('no limit was reached');
});
