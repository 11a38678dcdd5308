import { describe, expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import type { LoadTestRun } from '../../../../../analyzer/evidence/load-test-run.ts';
import { findingOf } from '../../../../../core/documents/findings/findings.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { redlineText } from '../../../../../cli/commands/redline.ts';
import { renderText } from '../../../../../dashboards/reports/analysis/text.ts';
import type { ReportOptions } from '../../../../../dashboards/reports/analysis/report.ts';
import { plainRun, withIntervals, type PlainRun } from '../../../../support/load-test-run.ts';

const report = (change: Partial<PlainRun> = {}, colours = false, detail?: ReportOptions['detail']) =>
  renderText(analyzeRun(plainRun(change), examplePolicy()), { colours, ...(detail && { detail }) });

const near = { rates: [2000, 3000, 4000, 5000, 6000] };

describe('the headline', () => {
  test('states the safe maximum, its interval, the bottleneck and the saturation rate', () => {
    const [, , safe, ...rest] = report(near).split('\n');
    expect(`${safe} ${rest.slice(0, 3).join(' ')}`.replaceAll(/\s+/g, ' ')).toContain(
      'Safe maximum 8,317 msg/s, predicted (estimate 8,317, 95% interval 8,317 to 8,317) Bottleneck network-in of broker 1',
    );
    expect(report(near).replaceAll(/\s+/g, ' ')).toContain(
      'Saturation 10,400 msg/s, predicted: network-in of broker 1 (1.73 times the highest rate tested;',
    );
  });

  test('states at-least if no limit was reached, and the resources that were not judged', () => {
    const run = plainRun({ rates: [100, 200, 300] });
    const headline = (of: LoadTestRun) =>
      renderText(analyzeRun(of, examplePolicy()), { colours: false })
        .replaceAll(/\s+/g, ' ')
        .match(
          /Safe maximum at least 300 msg\/s \(within the policy limits that could be judged; not judged: (.*?)\): no limit was reached/,
        )?.[1]
        ?.split(', ');
    const unread = headline(run);
    expect(unread).toContain('disk-io');
    expect(unread).not.toContain('network-in');
    const busy = withIntervals(run, (interval) => ({
      ...interval,
      ...(interval.cpu && { cpu: { ...interval.cpu, busyCores: 3.9 } }),
    }));
    const document = { ...busy.document, environment: { ...busy.document.environment, generatorHost: 'broker-1' } };
    // The load generator uses 2.5 of the 3.9 cores.
    const produced = busy.produced.map((line) => ({ ...line, cpuSeconds: 2.5 }));
    expect(headline({ ...busy, document, produced })).toEqual([
      'cpu (shared with the load generator)',
      ...(unread ?? []),
    ]);
  });

  test('of a redline test ended by a policy limit matches the output of the redline command', () => {
    const run = plainRun({ rates: [100, 200, 300] });
    const reason = 'cpu of the host of broker 1 is at 82%, its limit is 70%';
    const passed = { kind: 'guard', elapsedSeconds: 40, input: 'cpu', reason, value: 0.82, limit: 0.7 } as const;
    const basis = {
      broker: '1',
      clusterTps: 300,
      ledTps: { '1': 100 },
      stepShare: 0.05,
      holdSeconds: 600,
      maxMoves: 9,
    };
    const analysis = analyzeRun(
      {
        ...run,
        document: { ...run.document, workload: {}, redline: basis },
        events: { ...run.events, guard: [{ ...passed, ends: 'run' }] },
      },
      examplePolicy(),
    );
    const document = {
      schemaVersion: 1,
      cluster: 'orders',
      brokerKind: 'kafka',
      broker: '1',
      status: 'done',
      stop: { code: 'limit', message: reason },
      bundle: 'runs/redline',
      analysis,
    } as const;
    const printed = redlineText(document, 'lab.yaml');
    expect(printed).toContain('Broker 1: may take at least 300 msg/s: the load was ended where a limit was passed\n');
    expect(printed).toContain('(`plimsoll analyze runs/redline --config lab.yaml`)');
    const report = renderText(analysis, { colours: false }).replaceAll(/\s+/g, ' ');
    expect(report).toContain('broker 1 at least 300 msg/s (taken): the load was ended where a limit was passed;');
    for (const text of [printed, report]) expect(text).not.toContain('no limit was reached');
  });

  test('states the achieved rate, and that resource use is unknown without host metrics', () => {
    const analysis = analyzeRun({ ...plainRun(), hosts: new Map() }, examplePolicy());
    const words = renderText(analysis, { colours: false }).replaceAll(/\s+/g, ' ');
    expect(words).toContain('at least 5,000 msg/s (achieved; no host metrics, so resource use is unknown)');
  });

  test('of production states the sustained rate, and the resources that were not judged', () => {
    const analysis = analyzeRun(plainRun(near), examplePolicy());
    const held = {
      tps: 6000,
      seconds: 900,
      confirmationSeconds: 600,
      endedAt: '2026-11-21T19:15:00.000Z',
      unmonitored: [],
    };
    const run = { ...analysis.run, origin: 'production' as const };
    const production = renderText({ ...analysis, run, held }, { colours: false }).replaceAll(/\s+/g, ' ');
    expect(production).toContain(' Held 6,000 msg/s, sustained by production for 900 s until 2026-11-21T19:15 UTC ');
    expect(production).toMatch(/ Not judged (?:[a-z-]+, )*disk-io.*?; each may limit the cluster at a lower rate /);
    expect(report(near)).not.toMatch(/^(Held|Not judged) /m);
  });

  test('states an unknown maximum and what is missing', () => {
    expect(report({ stepSeconds: 4 })).toMatch(/Safe maximum {2}unknown; missing: a step of 8 s or more/);
  });
});

test('no line is longer than 100 columns', () => {
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

test('colours are used only on request', () => {
  expect(report(near)).not.toContain('\u001B[');
  expect(report(near, true)).toContain('\u001B[');
});

const troubled: Partial<PlainRun> = { carried: (rate) => (rate === 5000 ? 0.8 : 1) };
const severitiesIn = (page: string) =>
  [...page.matchAll(/^(critical|warning|info) /gm)].map(([, severity]) => severity ?? '');

test('--verbose prints every finding, the worst first', () => {
  const severities = severitiesIn(report(troubled, false, 'full'));
  const order = ['critical', 'warning', 'info'];
  expect(severities).toEqual(severities.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)));
  expect(severities).toEqual(expect.arrayContaining(['warning', 'info']));
});

test('without --verbose only findings above info are printed, and the others are counted', () => {
  const all = severitiesIn(report(troubled, false, 'full'));
  const page = report(troubled);
  expect(severitiesIn(page)).toEqual(all.filter((severity) => severity !== 'info'));
  const notes = all.filter((severity) => severity === 'info').length;
  expect(page).toMatch(new RegExp(`^${notes} notes?; --verbose prints them\\n$`, 'm'));
});

test('the same finding of many brokers does not hide another one in a summary', () => {
  const hidden = { kind: 'steps-too-short', longestSeconds: 18, expireSeconds: 30 } as const;
  const ofBroker = (node: string) => findingOf('disk-unknown', { basis: 'host', node, hidden });
  const other = findingOf('log-stalled', {});
  const findings = [...['1', '2', '3', '4'].map(ofBroker), other];
  const analysis = { ...analyzeRun(plainRun(near), examplePolicy()), findings };
  const page = renderText(analysis, { colours: false, detail: 'summary' });
  expect(severitiesIn(page)).toEqual(['warning', 'warning']);
  expect(page).toContain(other.message.slice(0, 30));
  expect(page).toContain('3 more findings; --verbose prints them');
  // Up to half of a step is cut as warm-up, after the time to settle.
  const [, whole, steady] = /--step-duration (\d+)s`: .* and (\d+) s remain/.exec(findings[0]?.message ?? '') ?? [];
  expect(Number(steady)).toBe(90);
  expect((Number(whole) - examplePolicy().step.settleSeconds.value) / 2).toBeGreaterThanOrEqual(90);
});

test('a summary has the verdict, the bottleneck and at most three findings', () => {
  const page = report(troubled, false, 'summary');
  expect(page).toMatch(
    /^Safe maximum .*\n(?: .*\n)*Bottleneck {4}unknown\. Throughput stopped growing at 4,000 msg\/s\./m,
  );
  expect(severitiesIn(page).length).toBeLessThanOrEqual(3);
  expect(page).not.toMatch(/^(Steps|Resources)$/m);
  expect(page).toMatch(/^\d+ more findings?; --verbose prints them$/m);
});

test('a report about a test beyond the limit does not state that no limit was reached', () => {
  const page = report({ rates: [4000, 8000, 12_000], carried: (rate) => Math.min(1, 10_400 / rate) });
  expect(page).toMatch(/Safe maximum {2}8,317 msg\/s, predicted .*\nBottleneck {4}network-in of broker 1\n/);
  expect(page).not.toContain('no limit was reached');
});

test('every loss without a safe maximum is listed, those that miss the same on one line', () => {
  const missing = [{ what: 'limit that the load test came near', node: 'cluster' }];
  const analysis = {
    ...analyzeRun(plainRun(near), examplePolicy()),
    withoutOneUnknown: [
      ...['1', '2', '3'].map((id) => ({ lost: 'broker' as const, id, missing })),
      { lost: 'broker' as const, id: '4', missing: [{ what: 'host metrics, since it takes over traffic', node: '5' }] },
    ],
  };
  const text = renderText(analysis, { colours: false }).replaceAll(/\s+/g, ' ');
  expect(text).toContain('Without broker 1, broker 2, broker 3 safe maximum unknown: no limit that the load test came');
  expect(text).toContain('Without broker 4 safe maximum unknown: no host metrics');
});
