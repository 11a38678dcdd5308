import { expect, test } from 'vitest';
import { inputs } from '../../../../support/capacity-report-inputs.ts';
import { makeReport } from '../../../../../analyzer/review/capacity-report/make-report.ts';
import { renderMarkdown } from '../../../../../dashboards/reports/capacity/render-markdown.ts';
import type { ReportLanguage } from '../../../../../dashboards/reports/capacity/texts.ts';
import { writeReport } from '../../../../../dashboards/reports/capacity/write-parts.ts';

const report = makeReport(inputs);

test('a consumer group has the time it needs to catch up, or never', () => {
  const group = (name: string, tps: number) =>
    ({ kind: 'measured', group: name, tps, interval: { low: tps, confidence: 0.9 }, episodes: 3 }) as const;
  const analyses = inputs.analyses.map((each) => ({
    ...each,
    analysis: { ...each.analysis, consumerGroups: [group('fast', 84_000), group('slow', 40_000)] },
  }));
  // Peak 42,000: the lag of 5 minutes is read at 42,000 msg/s above the incoming rate.
  const written = renderMarkdown(writeReport(makeReport({ ...inputs, analyses }), 'en'));
  expect(written).toContain('| orders | fast | measured | 84,000 | 5 min | 15 min | 30 min |');
  expect(written).toContain('| orders | slow | measured | 40,000 | never | never | never |');
});

test('a consumer group has the lower bound of its rate, and one that kept up has a bound on its catch-up time', () => {
  const group = (name: string, tps: number, low: number) =>
    ({ kind: 'measured', group: name, tps, interval: { low, high: 90_000, confidence: 0.9 }, episodes: 3 }) as const;
  // Measured for a group that never had lag: its highest rate, without an upper bound.
  const keptUp = (name: string, tps: number) =>
    ({ kind: 'at-least', group: name, tps, interval: { low: tps, confidence: 0.9 }, episodes: 0 }) as const;
  const consumerGroups = [
    group('scattered', 84_000, 63_000),
    group('unsure', 50_000, 40_000),
    keptUp('ahead', 84_000),
    keptUp('untested', 40_000),
  ];
  const analyses = inputs.analyses.map((each) => ({ ...each, analysis: { ...each.analysis, consumerGroups } }));
  const written = (language: ReportLanguage) =>
    renderMarkdown(writeReport(makeReport({ ...inputs, analyses }), language));
  // Peak 42,000.
  for (const row of [
    '| orders | scattered | measured | 63,000 | 10 min | 30 min | 1 h |',
    '| orders | unsure | measured | 40,000 | unknown | unknown | unknown |',
    '| orders | ahead | at least | 84,000 | at most 5 min | at most 15 min | at most 30 min |',
    '| orders | untested | at least | 40,000 | unknown | unknown | unknown |',
  ])
    expect(written('en')).toContain(row);
  expect(written('zh')).toContain('| orders | ahead | 至少 | 84,000 | 最多 5 分钟 | 最多 15 分钟 | 最多 30 分钟 |');
});

test('a consumer group needs its share of the load of the whole cluster', () => {
  const half = {
    kind: 'measured' as const,
    group: 'half',
    tps: 40_000,
    interval: { low: 40_000, confidence: 0.9 },
    episodes: 3,
    share: 0.5,
  };
  const evidence = report.evidence.map((each) => ({ ...each, consumerGroups: [half] }));
  const rowOf = (shared?: NonNullable<(typeof report.verdicts)[number]['shared']>) => {
    const verdicts = report.verdicts.map((verdict) => ({ ...verdict, ...(shared && { shared }) }));
    const text = renderMarkdown(writeReport({ ...report, evidence, verdicts }, 'en'));
    return text.split('\n').find((line) => line.includes('| half |'));
  };
  // 21,000 of 42,000, and 30,000 of 60,000.
  expect(rowOf()).toBe('| orders | half | measured | 40,000 | 5 min 30 s | 17 min | 33 min |');
  const peakTps = { low: 50_000, mid: 60_000, high: 70_000 };
  expect(rowOf({ with: ['pay'], peakTps })).toBe(
    '| orders | half | measured | 40,000 | 15 min | 45 min | 1 h 30 min |',
  );
});
