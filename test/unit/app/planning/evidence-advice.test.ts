import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { analyzeProduction } from '../../../../analyzer/production/analyze-production.ts';
import { knownEvidenceAdvice } from '../../../../app/planning/evidence-advice.ts';
import { analyzeWritten } from '../../../../analyzer/verdict/analyze-written.ts';
import { RunDocument } from '../../../../core/documents/run-bundle.ts';
import { evidenceText } from '../../../../cli/commands/advise.ts';
import { Freeze } from '../../../../ops/change/config.ts';
import { examplePolicy } from '../../../support/example-policy.ts';
import {
  adviceFor,
  afterLoss,
  forecastWithin,
  highestOf,
  saleOn,
  threeBrokers,
  withUnknownLoss,
  withoutCatchUp,
} from '../../../support/known-evidence.ts';
import { drawProduction } from '../../../truth/production/production-world.ts';

const policy = examplePolicy();
const { tps: safeTps, interval } = afterLoss;
const high = interval?.high ?? expect.fail('no upper end');
const middle = ((interval?.low ?? 0) + high) / 2;

test('a peak far below the interval needs no measurement', () => {
  const advice = adviceFor(0.9 * safeTps);
  expect(advice).toMatchObject({ state: 'enough', options: [] });
  expect(advice.probability).toBeLessThan(0.05);
  expect(evidenceText(advice, 'UTC')).toMatch(/^No measurement is needed\./);
});

test.each([0, 3, 6])(
  'before an unknown promotion in %i days, no evidence is enough and no measurement helps',
  (daysAhead) => {
    const document = forecastWithin(threeBrokers, 2, [saleOn(daysAhead)]);
    const advice = adviceFor(1, { forecast: { document } });
    expect(advice).toMatchObject({ state: 'undecided', gap: 'no-forecast', options: [] });
    expect(advice.probability).toBeLessThan(0.05);
    expect(evidenceText(advice, 'UTC')).toMatch(/^Undecided\. The forecast has no values for some of its horizon/);
    const known = { ...document, horizonEndsAt: document.points[23]!.at, points: document.points.slice(0, 23) };
    if (daysAhead > 0) expect(adviceFor(1, { forecast: { document: known } }).state).toBe('enough');
  },
);

const hour = 3_600_000;
const begin = Date.UTC(2026, 10, 10);
const at = (hours: number) => new Date(begin + hours * hour).toISOString();

/** Hours of 500 msg/s (450 to 550) except the given ones, and a safe maximum without an interval. */
function adviceOn(
  safeMaxTps: number,
  hours: Record<number, { tps: number; low: number; high: number }>,
  peak: { tps: number; low: number; high: number; at: string },
) {
  const length = 10 * 24;
  const points = Array.from({ length }, (_, index) => ({
    at: at(index),
    ...(hours[index] ?? { tps: 500, low: 450, high: 550 }),
  }));
  const document = { horizonEndsAt: at(length), peak: { ...peak, confidence: 0.8 }, points, chosen: 'holt-winters' };
  const analysis = {
    ...threeBrokers,
    safeMaxTps: { kind: 'at-least', tps: safeMaxTps, reason: 'no-limit-reached' } as const,
  };
  return adviceFor(1, { forecast: { document }, analysis, survives: 'nothing', nowMs: begin + 5 * 60_000 });
}

test('judges the peak of the whole forecast, which exceeds that of the highest hour', () => {
  const highest = { tps: 1000, low: 900, high: 1128 };
  const advice = adviceOn(1180, { 20: highest }, { tps: 1150, low: 1050, high: 1300, at: at(20) });
  expect(advice).toMatchObject({ state: 'undecided', peak: { at: at(20), tps: 1150, high: 1300 } });
  expect(advice.probability).toBeCloseTo(0.4, 2);
  expect(advice.neededTps).toBeCloseTo(1150 + (1.645 / 1.2816) * 150, 0);
});

test('a load test sends what production at its start leaves up to each step, and not while a broker is down', () => {
  const advice = adviceOn(
    1180,
    { 20: { tps: 1000, low: 900, high: 1128 } },
    { tps: 1150, low: 1050, high: 1300, at: at(20) },
  );
  const option = advice.options.find(({ kind }) => kind === 'load-test');
  const rates =
    /--rate-steps ([\d,]+)/
      .exec(option?.command ?? '')?.[1]
      ?.split(',')
      .map(Number) ?? [];
  expect(option?.reachesTps).toBeCloseTo(advice.neededTps, 6);
  // The forecast at the start is 500 msg/s.
  for (const [step, share] of [0.5, 0.7, 0.85, 1].entries())
    expect((rates[step] ?? 0) + 500).toBeCloseTo(share * advice.neededTps, -0.5);
  const shown = evidenceText(advice, 'UTC').replaceAll(/\s+/g, ' ');
  expect(shown).toContain('Measure only while all brokers answer (`plimsoll get brokers`)');
  expect(shown).toContain('in addition to the production load.');
});

test('a load test has all four steps where production is above the lowest of them', () => {
  const usual = { tps: 900, low: 850, high: 950 };
  const always = Object.fromEntries(Array.from({ length: 240 }, (_, index) => [index, usual]));
  const hours = { ...always, 20: { tps: 1000, low: 900, high: 1128 } };
  const advice = adviceOn(1180, hours, { tps: 1150, low: 1050, high: 1300, at: at(20) });
  const command = advice.options.find(({ kind }) => kind === 'load-test')?.command ?? '';
  const left = advice.neededTps - 900;
  expect(/--rate-steps (\S+)/.exec(command)?.[1]).toBe(
    [0.5, 0.7, 0.85, 1].map((share) => Math.round(share * left)).join(','),
  );
});

test('offers no load test above the rate at which throughput stopped growing, and names how to find the cause', () => {
  const ceiling = { tps: 0.9 * safeTps, suspects: [], decidedBy: 'read the GC log' };
  const safeMaxTps = { kind: 'at-least', tps: 0.8 * safeTps, reason: 'limit-cause-unknown', ceiling } as const;
  const analysis = { ...threeBrokers, safeMaxTps };
  const advice = adviceFor(safeTps, { analysis, survives: 'nothing' });
  expect(advice).toMatchObject({ state: 'undecided', ceiling: { tps: 0.9 * safeTps, decidedBy: 'read the GC log' } });
  expect(advice.options.map(({ kind }) => kind)).not.toContain('load-test');
  expect(evidenceText(advice, 'UTC').replaceAll(/\s+/g, ' ')).toContain('To find it, read the GC log.');
  expect(adviceFor(0.85 * safeTps, { analysis, survives: 'nothing' })).not.toHaveProperty('ceiling');
});

test('a lower hour with a wider band may be decisive, and a past peak is not', () => {
  const hours = { 24: { tps: 1000, low: 960, high: 1040 }, 192: { tps: 999, low: 800, high: 1200 } };
  const advice = adviceOn(1080, hours, { tps: 2000, low: 1900, high: 2100, at: at(-2) });
  expect(advice).toMatchObject({ state: 'undecided', peak: { at: at(24), tps: 1000 } });
  expect(advice.probability).toBeCloseTo(0.3, 2);
  expect(advice.neededTps).toBeCloseTo(999 + (1.645 / 1.2816) * 201, 0);
});

test('a promotion peak that was measured once is not enough by its most likely value', () => {
  const document = forecastWithin(threeBrokers, 2, [saleOn(-35), saleOn(3)]);
  // The past sale was a usual day, so the peak falls into the sale only with a higher load there.
  const { on } = saleOn(3);
  const points = document.points.map((each) => (each.at.startsWith(on) ? { ...each, tps: 1.3 * each.tps } : each));
  const { low: _, high: _1, ...peak } = document.peak;
  const advice = adviceFor(1, { forecast: { document: { ...document, points, peak } } });
  expect(advice).toMatchObject({ state: 'undecided', gap: 'no-interval' });
});

test('a peak between the capacity without a broker and that during its catch-up is too high', () => {
  const down = threeBrokers.withoutOne?.find(({ id }) => id === afterLoss.id)?.tps ?? 0;
  const advice = adviceFor(0.9 * down);
  expect(advice).toMatchObject({ state: 'not-enough', safe: { tps: afterLoss.tps, duringCatchUp: true } });
  expect(evidenceText(advice, 'UTC').replaceAll(/\s+/g, ' ')).toContain(
    `Safe maximum while broker ${afterLoss.id} catches up: 837 msg/s`,
  );
});

test('an unknown capacity during catch-up is not enough for any peak', () => {
  const advice = adviceFor(1, { analysis: withoutCatchUp(threeBrokers) });
  expect(advice).toMatchObject({ state: 'undecided', gap: 'no-catch-up', options: [] });
  expect(evidenceText(advice, 'UTC')).toMatch(
    /^Undecided\. The safe maximum while a lost broker catches up is unknown\./,
  );
});

test('names a loss without a safe maximum instead of using another loss', () => {
  expect(() => adviceFor(0.9 * safeTps, { analysis: withUnknownLoss })).toThrow(
    `the verdict has no safe maximum after losing broker ${afterLoss.id}`,
  );
  expect(adviceFor(0.9 * safeTps, { analysis: withUnknownLoss, survives: 'nothing' }).safe).not.toHaveProperty('lost');
});

test('compares the policy limit of an observed load, not the load itself', () => {
  const path = new URL('../../../../examples/founding-70k/run.json', import.meta.url);
  const run = RunDocument.parse(JSON.parse(readFileSync(path, 'utf8')));
  if (run.origin !== 'readings') throw new Error('the founding case is made of readings');
  const analysis = analyzeWritten(run, policy);
  expect(analysis.safeMaxTps).toMatchObject({ kind: 'observed', tps: 70_000 });
  expect(adviceFor(1, { analysis, survives: 'nothing' }).safe.tps).toBe(56_000);
});

test('a loss that leaves no capacity is decisive and needs brokers', () => {
  const nothing = {
    ...afterLoss,
    tps: 0,
    interval: { low: 0, high: 0.1 * high, confidence: 0.9 },
    estimateTps: 0.05 * high,
  };
  const others = (threeBrokers.withoutOne ?? []).filter(({ id }) => id !== afterLoss.id);
  const advice = adviceFor(0.9 * safeTps, { analysis: { ...threeBrokers, withoutOne: [...others, nothing] } });
  expect(advice).toMatchObject({ state: 'not-enough', safe: { tps: 0, lost: { kind: 'broker', id: afterLoss.id } } });
});

test('a peak above the whole interval needs brokers, not measurements', () => {
  const advice = adviceFor(1.1 * high);
  expect(advice).toMatchObject({ state: 'not-enough', options: [] });
  expect(evidenceText(advice, 'UTC')).toMatch(/no measurement\s+changes that\./);
});

test('within the interval, lists each kind of evidence with its minutes, decisive ones first, then the cheapest', () => {
  const advice = adviceFor(1.003 * middle);
  expect(advice.state).toBe('undecided');
  expect(advice.options.map(({ kind }) => kind).toSorted()).toEqual(expect.arrayContaining(['load-test', 'redline']));
  const order = advice.options.map(({ decides, minutes }) => [decides === true ? 0 : 1, minutes] as const);
  expect(order).toEqual(order.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]));
  const shown = evidenceText(advice, 'Asia/Shanghai');
  expect(shown).toMatch(/plimsoll redline --cluster orders --broker [123] --hold 2m/);
  expect(shown).toMatch(/plimsoll run --cluster orders --rate-steps [\d,]+ --step-duration 3m/);
});

test('a measurement nearer to the limit narrows the interval more', () => {
  const { options } = adviceFor(1.003 * middle);
  const widths = options
    .flatMap(({ reachesTps, expected }) => (expected ? [{ reachesTps, width: expected.high - expected.low }] : []))
    .toSorted((a, b) => a.reachesTps - b.reachesTps);
  expect(widths.length).toBe(options.length);
  expect(widths).toEqual(widths.toSorted((a, b) => b.width - a.width));
  for (const { width } of widths) expect(width).toBeLessThanOrEqual(high - (interval?.low ?? 0) + 1e-9);
});

test('a peak of the next day above the observed production load decides without measurement', () => {
  const { telemetry } = drawProduction(36, 'none');
  const ofProduction = analyzeProduction(telemetry, { cluster: 'orders', broker: 'kafka' }, policy);
  const { safeMaxTps: safe } = ofProduction;
  if (safe.kind !== 'predicted' || safe.interval.high === undefined) return expect.fail(safe.kind);
  const needed = 0.25 * safe.estimateTps + 0.75 * safe.interval.high;
  const { state, options } = adviceFor(needed, { analysis: ofProduction, survives: 'nothing' });
  expect(state).toBe('undecided');
  // A single broker has no other from which leaders could move, so no redline is offered.
  expect(options).toMatchObject([
    { kind: 'natural-peak', minutes: 0, decides: true },
    { kind: 'load-test', minutes: 22, decides: true },
  ]);
});

test('a measurement does not start in a change freeze', () => {
  const beginOf = (advice: ReturnType<typeof adviceFor>) =>
    advice.options.find(({ kind }) => kind === 'load-test')?.from ?? expect.fail('no window');
  const free = beginOf(adviceFor(1.003 * middle));
  const from = new Date(Date.parse(free) - 3_600_000).toISOString().slice(0, 16);
  const to = new Date(Date.parse(free) + 7_200_000).toISOString().slice(0, 16);
  const freezes = [Freeze.parse({ reason: 'settlement', from, to, timeZone: 'UTC' })];
  expect(beginOf(adviceFor(1.003 * middle, { freezes })).slice(0, 16)).toBe(to);
});

test('the current hour counts, even as the last one of the forecast', () => {
  const document = forecastWithin(threeBrokers, 1 / 1.1);
  const top = highestOf(document);
  const nowMs = Date.parse(top.at) + 20 * 60_000;
  const known = { forecast: { document }, nowMs };
  const { peak } = adviceFor(1, known);
  expect([Date.parse(peak.at), peak.tps]).toEqual([Date.parse(top.at), document.peak.tps]);
  const last = document.points.at(-1) ?? expect.fail('no points');
  const atTheEnd = { cluster: 'orders', analysis: threeBrokers, risk: 0.05, policy, forecast: { document } };
  const inLastHour = knownEvidenceAdvice({ ...atTheEnd, nowMs: Date.parse(last.at) + 20 * 60_000 });
  expect(inLastHour?.peak.tps).toBe(last.tps);
  expect(knownEvidenceAdvice({ ...atTheEnd, nowMs: Date.parse(document.horizonEndsAt) })).toBeUndefined();
});

test('a smaller accepted risk needs a higher safe maximum', () => {
  const needed = (risk: number) => adviceFor(1.003 * middle, { risk }).neededTps;
  expect(needed(0.01)).toBeGreaterThan(needed(0.2));
});

test('the loss of a zone that the verdict does not include is an error with a remedy', () => {
  expect(() => adviceFor(safeTps, { survives: 'zone' })).toThrow('no safe maximum after the loss of a zone');
});
