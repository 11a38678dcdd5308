import { expect, test } from 'vitest';
import { explainedOrders, inputs } from '../../../../support/capacity-report-inputs.ts';
import type { Analysis } from '../../../../../core/documents/analysis.ts';
import { CapacityReport } from '../../../../../core/documents/capacity-report.ts';
import { makeReport } from '../../../../../analyzer/review/capacity-report/make-report.ts';
import { renderHtml } from '../../../../../dashboards/reports/capacity/render-html.ts';
import { renderMarkdown } from '../../../../../dashboards/reports/capacity/render-markdown.ts';
import { languages, type ReportLanguage } from '../../../../../dashboards/reports/capacity/texts.ts';
import { writeReport } from '../../../../../dashboards/reports/capacity/write-parts.ts';

const report = makeReport(inputs);

test('every figure of the report links to its source, and every link has a target', () => {
  const analyses = inputs.analyses.map((each) => ({ ...each, domain: '订单 "1"', analysis: explainedOrders }));
  const written = writeReport(makeReport({ ...inputs, analyses }), 'en');
  const page = renderHtml(written, 'en');
  const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, to]) => to);
  expect(links.filter((to) => !ids.has(to))).toEqual([]);
  for (const { id, blocks } of written.parts) {
    if (id === 'changes' || id === 'runbook' || id === 'afterwards' || id === 'risks') continue;
    for (const block of blocks) {
      if (block.kind !== 'table') continue;
      const plain = block.rows.flatMap((cells) =>
        cells.filter((cell, index) => block.columns[index]?.isNumber && typeof cell === 'string' && /\d/.test(cell)),
      );
      expect([id, plain]).toEqual([id, []]);
    }
  }
  expect(page).toContain('sum(rate(node_network_transmit_bytes_total[1m]))');
});

test('the safe maximum links to its measurement out of several, and a condition links to its sources', () => {
  const [analysed] = inputs.analyses;
  if (analysed === undefined) throw new Error('no analysis');
  const startedAt = '2026-10-02T02:00:00Z';
  const newer = { ...explainedOrders, run: { ...explainedOrders.run, startedAt } };
  const held = { tps: 15_000, seconds: 600, confirmationSeconds: 600, unmonitored: [] };
  const analyses = [
    { ...analysed, analysis: { ...explainedOrders, held } },
    { ...analysed, analysis: newer, source: { ...analysed.source, id: 'analysis orders 2' } },
  ];
  const several = makeReport({ ...inputs, analyses });
  const written = writeReport(several, 'en');
  const ids = [...renderHtml(written, 'en').matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) < index)).toEqual([]);
  const [verdicts, , , , conditions] = written.parts[0]?.blocks ?? [];
  if (verdicts?.kind !== 'table' || conditions?.kind !== 'table') throw new Error('no tables');
  const rowOf = ({ rows }: typeof verdicts, second?: string) =>
    rows.find(([domain, what]) => domain === 'orders' && (second === undefined || what === second));
  expect(several.verdicts.find(({ domain }) => domain === 'orders')?.safeMaxSource).toBe('analysis orders 2');
  expect(rowOf(verdicts)?.[3]).toMatchObject({ to: 'chain-analysis_20_orders_20_2' });
  const needed = { text: '50,000', to: 'source-forecast_20_orders' };
  const { conditions: names } = languages.en;
  expect(rowOf(conditions, names.proof)?.slice(3, 5)).toEqual([
    { text: '15,000', to: 'source-analysis_20_orders' },
    needed,
  ]);
  expect(rowOf(conditions, names['after-loss'])?.slice(3, 5)).toEqual(['12,000', needed]);
});

test('a peak links to its file: to the plan if the plan is higher than a forecast without an interval', () => {
  const cellsOf = (made: CapacityReport) => {
    const [verdicts, , , , conditions] = writeReport(made, 'en').parts[0]?.blocks ?? [];
    if (verdicts?.kind !== 'table' || conditions?.kind !== 'table') throw new Error('no tables');
    const { proof } = languages.en.conditions;
    return [
      verdicts.rows.find(([domain]) => domain === 'orders')?.[2],
      conditions.rows.find(([domain, what]) => domain === 'orders' && what === proof)?.[4],
    ];
  };
  const peak = { value: 42_000, highestPointAt: '2026-11-11T00:00:00Z' };
  const forecasts = inputs.forecasts.map((each) => ({ ...each, forecast: { ...each.forecast, peak } }));
  const ofPlan = { to: 'source-plan' };
  expect(cellsOf(makeReport({ ...inputs, forecasts }))).toMatchObject([ofPlan, { text: '56,000', ...ofPlan }]);
  const ofForecast = { to: 'source-forecast_20_orders' };
  expect(cellsOf(report)).toMatchObject([ofForecast, { text: '50,000', ...ofForecast }]);
  const analyses = inputs.analyses.flatMap((each) => [
    each,
    { ...each, domain: 'finance', source: { ...each.source, id: 'analysis finance', domain: 'finance' } },
  ]);
  // The sum of the peaks of both domains is in no file.
  expect(cellsOf(makeReport({ ...inputs, analyses }))).toEqual([
    expect.objectContaining(ofForecast),
    expect.stringMatching(/^51,/),
  ]);
});

test('figures of one broker, and of a cluster with brokers down, have that scope in their titles', () => {
  const [analysed] = inputs.analyses;
  if (analysed === undefined) throw new Error('no analysis');
  const { safeMaxTps, saturationTps, steps } = explainedOrders;
  const basis = { broker: '1', clusterTps: 9, ledTps: { '1': 3 }, stepShare: 0.1, holdSeconds: 60, maxMoves: 3 };
  const curve = [1, 2, 3].map((times) => ({ ...steps[0]!, achievedTps: 5000 * times }));
  const scoped = (change: Partial<Analysis>, id: string) => ({
    ...analysed,
    analysis: { ...explainedOrders, steps: curve, ...change },
    source: { ...analysed.source, id },
  });
  const analyses = [
    analysed,
    scoped({ redline: { ...basis, safeMaxTps, saturationTps } }, 'redline'),
    scoped({ degraded: { lost: ['2', '3'], waitedSeconds: 3, copies: 1 } }, 'degraded'),
  ];
  const made = makeReport({ ...inputs, analyses });
  expect(CapacityReport.parse(made)).toEqual(made);
  const titles = (language: ReportLanguage) =>
    writeReport(made, language).parts.flatMap(({ blocks }) =>
      blocks.flatMap((block) => ('title' in block && block.title?.includes('orders') ? [block.title] : [])),
    );
  expect(titles('en')).toEqual(
    expect.arrayContaining([
      'Resources of orders',
      'Resources of orders (only broker 1)',
      'Steps of orders (only broker 1)',
      'Computation of the safe maximum of orders (only broker 1)',
      'Resources of orders (without broker 2, broker 3)',
      'Steps of orders (without broker 2, broker 3)',
    ]),
  );
  expect(titles('zh')).toEqual(
    expect.arrayContaining(['仅 Broker 1：orders 的资源', 'Broker 2、Broker 3 停机：orders 的台阶']),
  );
  const rows = renderMarkdown(writeReport(made, 'en')).split('\n');
  expect(rows.filter((line) => line.startsWith('| orders (only broker 1) | '))).toHaveLength(1);
  expect(rows.filter((line) => line.startsWith('| orders (without broker 2, broker 3) | '))).toHaveLength(1);
  const marks = writeReport(made, 'en').parts.flatMap(({ blocks }) =>
    blocks.flatMap((block) => (block.kind === 'curve' ? [block.mark] : [])),
  );
  // The safe maximum of the domain is not a rate of one broker.
  expect(marks).toEqual([undefined, undefined]);
});

test('in Chinese, sources have Chinese names wherever they are named, and links still have targets', () => {
  const analyses = inputs.analyses.map((each) => ({ ...each, analysis: explainedOrders }));
  const made = makeReport({ ...inputs, analyses });
  const page = renderHtml(writeReport(made, 'zh'), 'zh');
  const english = made.sources.flatMap(({ id, domain }) => (domain !== undefined && page.includes(id) ? [id] : []));
  expect(english).toEqual([]);
  expect(page).toContain('结论 orders');
  const files = made.sources.map((each) => ({ ...each, name: `${each.id}.json` }));
  expect(renderHtml(writeReport({ ...made, sources: files }, 'zh'), 'zh')).toContain('>analysis orders.json<');
  const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  expect([...page.matchAll(/href="#([^"]+)"/g)].filter(([, to = '']) => !ids.has(to))).toEqual([]);
});
