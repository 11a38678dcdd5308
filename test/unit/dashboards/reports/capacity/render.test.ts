import { expect, test } from 'vitest';
import { withRadius } from '../../../../support/report-with-blast-radius.ts';
import { explainedOrders, inputs, measuredOrders, plans } from '../../../../support/capacity-report-inputs.ts';
import { reviewPromotion } from '../../../../../analyzer/review/review-promotion.ts';
import { happened } from '../../../../support/promotion-happened.ts';
import { sizeCluster } from '../../../../../analyzer/planning/sizing/size-cluster.ts';
import type { Analysis } from '../../../../../core/documents/analysis.ts';
import type { CapacityReport } from '../../../../../core/documents/capacity-report.ts';
import { findingExamples, findingOf } from '../../../../../core/documents/findings/findings.ts';
import { assumptionText } from '../../../../../core/documents/reasons/plan-assumptions.ts';
import { domainOf, requestOf, surroundingsOf } from '../../../../support/sized.ts';
import { makeReport } from '../../../../../analyzer/review/capacity-report/make-report.ts';
import { renderHtml } from '../../../../../dashboards/reports/capacity/render-html.ts';
import { renderMarkdown } from '../../../../../dashboards/reports/capacity/render-markdown.ts';
import { languages, type ReportLanguage } from '../../../../../dashboards/reports/capacity/texts.ts';
import { writeReport } from '../../../../../dashboards/reports/capacity/write-parts.ts';

const report = makeReport(inputs);
const names = Object.keys(languages) as ReportLanguage[];

test.each(names)('the Markdown report in %s matches its golden file', async (language) => {
  await expect(renderMarkdown(writeReport(report, language))).toMatchFileSnapshot(
    `../../../../golden/capacity-report-${language}.md`,
  );
});

test.each(names)('the report in %s has every part, and none is empty', (language) => {
  const { parts } = writeReport(report, language);
  expect(parts.map(({ id }) => id)).toEqual(Object.keys(languages.en.parts));
  expect(parts.filter(({ blocks }) => blocks.length === 0)).toEqual([]);
});

test.each(names)('the HTML page in %s is self-contained and deterministic', (language) => {
  const page = renderHtml(writeReport(report, language), language);
  expect(renderHtml(writeReport(makeReport(inputs), language), language)).toBe(page);
  expect(page).not.toMatch(/<script|<link|<img|https?:\/\/|\son\w+=/);
});

test('the report starts with the number of domains per decision', () => {
  const answers: Readonly<Record<ReportLanguage, string>> = {
    en: '2 NO-GO: finance, video; 1 GO with conditions: orders (only after the plan is carried out); 0 GO',
    zh: '不通过 2 个：finance、video；有条件通过 1 个：orders（仅在完成扩容规划后）；通过 0 个',
  };
  for (const language of names) {
    const written = writeReport(report, language);
    expect(renderMarkdown(written).split('\n\n')[2]).toBe(answers[language]);
    const [beforeLinks] = renderHtml(written, language).split('<nav');
    expect(beforeLinks).toContain(`<p class="answer">${answers[language]}</p>`);
  }
  expect(writeReport({ ...report, verdicts: [] }, 'en')).not.toHaveProperty('answer');
});

const measuredAs = (change: Partial<Analysis>) =>
  makeReport({
    ...inputs,
    analyses: inputs.analyses.map((each) => ({ ...each, analysis: { ...each.analysis, ...change } })),
  });

test('a decision that depends on the plan states so, and a NO-GO does not', () => {
  const decisionOf = (made: CapacityReport, language: ReportLanguage) =>
    /^\| orders \| ([^|]+) \|/m.exec(renderMarkdown(writeReport(made, language)))?.[1];
  expect(decisionOf(report, 'en')).toBe('GO with conditions – only after the plan is carried out');
  expect(decisionOf(report, 'zh')).toBe('有条件通过——仅在完成扩容规划后');
  const expired = makeReport({ ...inputs, asOf: '2027-03-01' });
  const { reasons } = expired.verdicts.find(({ domain }) => domain === 'orders') ?? {};
  expect(reasons?.map(({ code }) => code)).toContain('plan-closes-gap');
  expect(decisionOf(expired, 'en')).toBe('NO-GO');
});

test('a measurement states each of its caveats as a sentence', () => {
  const source = { name: 'a.json', format: 'omb', flags: ['clamped' as const, 'concatenated' as const] };
  const weak = { ...report, evidence: report.evidence.map((each) => ({ ...each, sources: [source, source] })) };
  expect(renderMarkdown(writeReport(weak, 'en'))).toContain(
    '| The highest percentiles are lower bounds. Runs in one file are read separately. |',
  );
  expect(renderMarkdown(writeReport(weak, 'zh'))).toContain(
    '| 最高的百分位数只是下限。同一文件中的各次压测分别读取。 |',
  );
});

test('a headroom far below zero is shown as a bound', () => {
  const made = measuredAs({
    safeMaxTps: {
      kind: 'predicted',
      tps: 2411,
      estimateTps: 2451,
      interval: { low: 2411, high: 2566, confidence: 0.95 },
      limitedBy: { resource: 'network-out', node: 'broker-a:0' },
    },
  });
  for (const language of names) {
    expect(renderMarkdown(writeReport(made, language))).toContain(' | \\< −100% | ');
  }
  expect(renderMarkdown(writeReport(report, 'en'))).toContain(' | -68% | ');
});

test('losses of current clusters are separate from those of planned clusters, each with the peak', () => {
  const text = renderMarkdown(writeReport(report, 'en'));
  expect(text).toMatch(
    /current clusters:\n\n\| Domain .*\n.*\n\| orders \| broker broker-a:0 \| 12,000 \| 42,000 \(36,000 to 50,000\) \|/,
  );
  expect(text).toMatch(
    /not built or tested:\n\n\| Cluster .*\n.*\n\| orders \| a whole broker group lost \| 60,000 \(48,000 to 72,000\) \| 40,000 \(28,000 to 56,000\) \|/,
  );
  const unmeasured = makeReport({ ...inputs, analyses: [] });
  expect(renderMarkdown(writeReport(unmeasured, 'en'))).toContain(
    'Measured or computed for the current clusters: No data.',
  );
});

test('an unknown recovery rate refers to the loss if the loss itself is unknown', () => {
  const missing = [{ what: 'steps closer to the limit', node: 'broker-b:0' }];
  const unknown = measuredAs({ withoutOne: [], withoutOneUnknown: [{ lost: 'broker', id: 'broker-a:0', missing }] });
  const rowOf = (made: CapacityReport, language: ReportLanguage) =>
    renderMarkdown(writeReport(made, language))
      .split('\n')
      .find((line) => line.startsWith(`| orders | ${languages[language].conditions['catch-up']} |`));
  expect(rowOf(unknown, 'en')).toMatch(
    /\| UNKNOWN \| {2}\| 50,000 \| {2}\| missing: the same as for the loss itself \|$/,
  );
  expect(rowOf(unknown, 'zh')).toMatch(/\| 未知 \|.*\| 同上：故障本身未知 \|$/);
  // The loss of this broker is known, but not its return.
  expect(rowOf(report, 'en')).toMatch(/\| UNKNOWN \|.*\| broker-a:0 \|$/);
});

test('the cost has a total if every cluster has a price', () => {
  const totalIn = (made: CapacityReport) =>
    renderMarkdown(writeReport(made, 'en'))
      .split('\n')
      .find((line) => line.startsWith('| Total |'));
  expect(totalIn(report)).toBe('| Total |  |  | 12 |  |  | 38,400 |');
  const [first, ...others] = report.clusters;
  const { cost: _, ...unpriced } = first!;
  expect(totalIn({ ...report, clusters: [unpriced, ...others] })).toBeUndefined();
});

test('a sensitivity has the number of brokers of all clusters that a domain is split over', () => {
  const split = domainOf({ placement: { clusters: { least: 2, most: 2 } } });
  const sized = sizeCluster(requestOf(split), surroundingsOf(), 'CNY');
  if (sized.kind !== 'planned') throw new Error('refused');
  const { clusters } = sized;
  expect(clusters).toHaveLength(2);
  const planned = clusters.reduce((sum, { brokers }) => sum + brokers.length, 0);
  const made = makeReport({ ...inputs, plan: { plans: { ...plans, clusters }, source: report.sources[0]! } });
  const text = renderMarkdown(writeReport(made, 'en'));
  for (const { name } of clusters) {
    expect(text).toContain(
      `Sensitivity of ${name} (planned brokers: ${planned}): one input at an end of its interval, all others in the middle, without the reserve for uncertainty:`,
    );
  }
});

test('a risk of several planned clusters is listed once with their names', () => {
  const cause = { kind: 'cpu-limit-unknown', resource: 'network-out' } as const;
  const note = findingOf('slaves-serve-no-tail', { seconds: 2240, residentShare: 0.4 });
  const clusters = plans.clusters.map((each) => ({
    ...each,
    assumptions: [...each.assumptions, { what: assumptionText(cause, 'en'), cause }],
    findings: [note],
  }));
  const made = makeReport({ ...inputs, plan: { plans: { ...plans, clusters }, source: report.sources[0]! } });
  const items = (language: ReportLanguage) =>
    renderMarkdown(writeReport(made, language))
      .split('\n')
      .filter((line) => /^- .*(?:no interval|没有区间|saturated before|先于|Slaves|从节点)/.test(line));
  expect(items('en')).toEqual([
    '- orders: messageBytes has no interval: ±20% is assumed',
    expect.stringMatching(/^- orders, finance: network-out was saturated before the CPU/),
    expect.stringMatching(/^- orders, finance: note: Slaves are planned/),
  ]);
  expect(items('zh')).toEqual([
    expect.stringMatching(/^- orders：messageBytes 没有区间/),
    expect.stringMatching(/^- orders、finance：.*先于 CPU 用满/),
    expect.stringMatching(/^- orders、finance：提示：规划中从节点/),
  ]);
});

test('the lines of a finding are separate lines', () => {
  const findings = [...findingExamples('trials-excluded'), ...findingExamples('figures-disagree')];
  const evidence = report.evidence.map((each) => ({ ...each, findings }));
  const written = writeReport({ ...report, evidence }, 'en');
  const text = renderMarkdown(written);
  expect(text).toMatch(/^- orders: Warning: Trials excluded [^\n]*1 of 9:\n {2}- 8,000 msg\/s \(bisect\): /m);
  expect(text).toMatch(/\n {2}- No interpretation of 5 tested [^\n]*\n {2}- [^-]/);
  expect(renderHtml(written, 'en')).toContain('1 of 9:<br />8,000 msg/s (bisect): ');
});

test('print styles keep table titles with their tables, and only screens scroll wide tables', () => {
  const page = renderHtml(writeReport(report, 'zh'), 'zh');
  expect(page).toMatch(/caption,\s+thead \{\s+break-after: avoid;/);
  expect(page).toMatch(/tbody > tr:first-child \{\s+break-before: avoid;/);
  expect(page).toMatch(/@media screen \{\s+\.wide \{\s+background:/);
  expect(page).toMatch(/@media \(max-width: 40rem\) \{[^@]*word-break: normal;/);
});

test('the computation of a safe maximum is in the language of the report', () => {
  const analyses = inputs.analyses.map((each) => ({ ...each, analysis: explainedOrders }));
  const explained = makeReport({ ...inputs, analyses });
  const rowOf = (language: ReportLanguage, name: string) =>
    renderMarkdown(writeReport(explained, language))
      .split('\n')
      .find((line) => line.startsWith(`| ${name} |`));
  const [english, chinese] = [rowOf('en', 'safe maximum'), rowOf('zh', '安全上限')];
  expect(english).toMatch(/msg\/s/);
  expect(chinese).toBe(english?.replace('safe maximum', '安全上限').replace('msg/s', '条/秒'));
});

test('a Chinese NO-GO names zones, brokers and causes in Chinese', () => {
  const { plan: _, ...unplanned } = inputs;
  const shown = (losses: Partial<Analysis>) => {
    const analyses = inputs.analyses.map((each) => ({ ...each, analysis: { ...each.analysis, ...losses } }));
    return renderMarkdown(writeReport(makeReport({ ...unplanned, analyses, survives: { orders: 'zone' } }), 'zh'));
  };
  const limitedBy = { resource: 'network-out', node: '2' } as const;
  const below = shown({
    withoutOne: [
      { lost: 'broker', id: '1', tps: 60_000, limitedBy },
      { lost: 'zone', id: 'cn-hangzhou-h', tps: 12_000, limitedBy },
    ],
  });
  expect(below).toContain('失去可用区 cn-hangzhou-h 后安全上限为 12,000 条/秒');
  expect(below).toContain('（区间下端） | 可用区 cn-hangzhou-h |');
  const missing = [{ what: 'steps closer to the limit', node: '2' }];
  const unknown = shown({ withoutOne: [], withoutOneUnknown: [{ lost: 'broker', id: '1', missing }] });
  expect(unknown).toContain('Broker 1：更接近上限的台阶（Broker 2）');
});

test('the runbook announces a page only for a safe maximum that an alert compares with', () => {
  const runbookOf = (safeMaxTps: Analysis['safeMaxTps']) => {
    const analyses = inputs.analyses.map((each) => ({ ...each, analysis: { ...each.analysis, safeMaxTps } }));
    const text = renderMarkdown(writeReport(makeReport({ ...inputs, analyses }), 'en'));
    return /\| orders \| [^\n]*/.exec(text.slice(text.indexOf('Runbook for the day')))?.[0];
  };
  expect(runbookOf(measuredOrders.safeMaxTps)).toBe('| orders | 20,000 | 25,000 |');
  expect(runbookOf({ kind: 'at-least', tps: 25_000, reason: 'no-limit-reached' })).toBe(
    '| orders | 25,000 | no page, because the safe maximum is unknown |',
  );
  const ceiling = { tps: 28_000, suspects: [], decidedBy: 'host metrics of broker 1' };
  expect(runbookOf({ kind: 'at-least', tps: 25_000, reason: 'limit-cause-unknown', ceiling })).toBe(
    '| orders | 20,000 | 25,000 |',
  );
});

test('commands in findings are formatted as code', () => {
  const findings = [
    { severity: 'warning' as const, code: 'not-tuned', message: 'run `plimsoll cluster check`', evidence: [] },
  ];
  const evidence = report.evidence.map((each) => ({ ...each, findings }));
  expect(renderHtml(writeReport({ ...report, evidence }, 'en'), 'en')).toContain(
    'run <code>plimsoll cluster check</code>',
  );
});

test('a report without a plan or without a measurement states that there is no data', () => {
  const { plan: _, ...measured } = inputs;
  for (const poor of [measured, { ...inputs, analyses: [], forecasts: [] }]) {
    expect(renderMarkdown(writeReport(makeReport(poor), 'en'))).toContain('No data.');
  }
});

test('durations have two units', () => {
  const clusters = report.clusters.map(({ demand = [], ...each }) => ({
    ...each,
    demand: demand.map((one) => ({ ...one, retentionSeconds: 36 * 3600 })),
  }));
  const { blastRadius } = withRadius;
  const written = (language: ReportLanguage) =>
    renderMarkdown(
      writeReport({ ...report, clusters, blastRadius: { ...blastRadius!, lastsSeconds: 5400 } }, language),
    );
  expect(written('en')).toContain('| orders | orders | 10,000 | 500 B | 3 | 1 day 12 h |');
  expect(written('en')).toContain('Each failure lasts 1 h 30 min');
  expect(written('zh')).toContain('每种故障持续 1 小时 30 分钟');
});

test('with three steps or more, p99 latency is drawn by load, with crosses for unsustained steps', () => {
  const page = (rates: readonly number[]) => {
    const steps = rates.map((rate) => ({
      ...measuredOrders.steps[0]!,
      achievedTps: rate,
      ...(rate > 26_000 && { verdict: { kind: 'invalid', reason: 'unstable' } as const }),
      latencySeconds: { p50: 0.001, p99: rate / 1e6, p999: 0.1, max: 0.2 },
    }));
    const analyses = inputs.analyses.map((each) => ({ ...each, analysis: { ...each.analysis, steps } }));
    return renderHtml(writeReport(makeReport({ ...inputs, analyses }), 'en'), 'en');
  };
  const drawn = page([30_000, 10_000, 20_000]);
  expect(drawn).toMatch(/aria-label="p99 latency of orders by load[^"]*: 10,000: 10 ms; 20,000: 20 ms; 30,000: 30 ms"/);
  expect([drawn.match(/<circle cx=/g)?.length, drawn.match(/<path class="bad"/g)?.length]).toEqual([2, 1]);
  // The axis is logarithmic: without a title and figures it would be read as linear.
  expect(drawn).toContain('>Latency p99, logarithmic scale</text>');
  const figures = [...drawn.matchAll(/class="grid"[^>]*>\s*<text[^>]*>([^<]+)/g)].map(([, figure]) => figure);
  expect(figures).toEqual(['5 ms', '10 ms', '20 ms', '50 ms']);
  expect(page([10_000, 20_000])).not.toContain('class="curve"');
});

test('a plan without prices has no cost, and inputs are named in the language of the report', () => {
  const planned = report.clusters.map((cluster) => {
    const copy = { ...cluster, sensitivity: cluster.sensitivity.map((each) => ({ ...each, input: 'peakTps' })) };
    delete copy.cost;
    return copy;
  });
  const unpriced: CapacityReport = { ...report, costUnit: 'hosts', clusters: planned };
  expect(renderMarkdown(writeReport(report, 'en'))).toContain('Cost per month, CNY');
  expect(renderMarkdown(writeReport(unpriced, 'en'))).not.toContain('Cost per month');
  expect(renderMarkdown(writeReport(unpriced, 'en'))).toContain('| peak rate |');
  expect(renderMarkdown(writeReport(unpriced, 'zh'))).toContain('| 峰值速率 |');
  expect([languages.en.cost('hosts'), languages.zh.cost('hosts')]).toEqual(['Cost per month', '月成本']);
});

test('a bar has a line at the lowest safe maximum, a dot at the median peak, and figures beside it', () => {
  const barOf = (made: CapacityReport) => {
    const all = renderHtml(writeReport(made, 'en'), 'en').match(/<div class="bar">.*?<\/div>/gs) ?? [];
    return all.find((each) => each.includes('>orders<')) ?? '';
  };
  const bar = barOf(report);
  expect(bar).toContain('<circle class="mid"');
  // The N-1 rate of 12,000 on a scale to 52,500.
  expect(bar.match(/<line [^>]*x1="([^"]*)"/)?.[1]).toBe('22.86%');
  expect(bar.match(/<line /g)).toHaveLength(1);
  expect(bar).toContain('42,000 (36,000 to 50,000); 12,000</span>');
  const limitedBy = { resource: 'network-out', node: 'broker-b:0' } as const;
  const returning = { tps: 9000, limitedBy, catchUpShare: 1 / 3 };
  const withoutOne = [{ lost: 'broker' as const, id: 'broker-a:0', tps: 12_000, limitedBy, returning }];
  expect(barOf(measuredAs({ withoutOne }))).toContain('; 9,000</span>');
  expect(barOf(measuredAs({ withoutOne: [] }))).toContain('; 25,000 (estimate 26,000)</span>');
  // On a shared cluster, the peak is that of all its domains.
  const shared = { with: ['pay'], peakTps: { low: 60_000, mid: 70_000, high: 80_000 } };
  const verdicts = report.verdicts.map((verdict) => ({ ...verdict, shared }));
  expect(barOf({ ...report, verdicts })).toContain('70,000 (60,000 to 80,000); 12,000</span>');
});

test.each(names)(
  'the chart in %s has a legend that states its contents and the different scales of the rows',
  (language) => {
    const written = writeReport(report, language);
    const { peakBars, barsLegend } = languages[language];
    expect(barsLegend).toMatch(/own scale|各行比例不同/);
    expect(renderHtml(written, language)).toContain(`<figcaption>${peakBars}<br />${barsLegend}</figcaption>`);
    // Markdown has no chart.
    expect(renderMarkdown(written)).not.toContain(barsLegend);
  },
);

test('a review adds the actual figures', () => {
  const written = renderMarkdown(writeReport(makeReport({ ...inputs, review: reviewPromotion(happened) }), 'en'));
  expect(written).toContain('| Safe maximum, msg/s | Prediction correct? |');
  expect(written).toContain(
    '| orders | 42,000 (36,000 to 50,000) | 40,000 | 25,000 (estimate 26,000) | correct | peak off by -4.8% |',
  );
});
