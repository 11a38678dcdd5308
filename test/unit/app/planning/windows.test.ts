// Lists windows from a forecast of the scheduled job and the analysis of a load test of three brokers.

import { expect, test } from 'vitest';
import {
  limitOfLosses,
  refuseUnknownLosses,
  windowBlockers,
  windowsOf,
  type LossLimit,
} from '../../../../app/planning/windows.ts';
import { windowsText } from '../../../../cli/commands/windows.ts';
import { WindowsDocument } from '../../../../core/documents/windows.ts';
import { Freeze } from '../../../../ops/change/config.ts';
import { forecastOfLoad } from '../../../../service/calculation/calculation.ts';
import { threeBrokers as analysis } from '../../../support/known-evidence.ts';
import { madeLoad, madeStart } from '../../../support/made-history.ts';

const hour = 3_600_000;
const days = 70;
const nowMs = madeStart + days * 24 * hour;

const answer = forecastOfLoad({
  kind: 'forecast',
  readings: madeLoad('windows', { days }).map((value, index) => ({ timeMs: madeStart + index * hour, value })),
  timezone: 'UTC',
  horizonSeconds: 7 * 86_400,
  promotions: [],
});
const document = answer.kind === 'forecast' ? answer.forecast : expect.fail(answer.reason);

/** A load that rises from 3,000 to 17,000 msg/s every weekday. */
const windows = (limit: LossLimit, over: Partial<Parameters<typeof windowsOf>[0]> = {}) =>
  WindowsDocument.parse(
    windowsOf({
      cluster: 'orders',
      forecast: { document },
      limit,
      freezes: [],
      nowMs,
      lastsSeconds: 3600,
      risk: 0.05,
      ...over,
    }),
  );
const given = (tps: number): LossLimit => ({ stated: { tps } });
const statesOf = ({ spans }: WindowsDocument) => new Set(spans.map(({ state }) => state));

test('spans cover the time from now to the end of the forecast without gaps', () => {
  const { spans } = windows(given(12_000));
  expect(spans[0]?.from).toBe(new Date(nowMs).toISOString());
  expect(spans.at(-1)?.to).toBe(document.horizonEndsAt);
  for (const [index, { to }] of spans.slice(0, -1).entries()) expect(spans[index + 1]?.from).toBe(to);
  expect(statesOf({ ...windows(given(12_000)) })).toEqual(new Set(['safe', 'above-limit']));
});

test('nights are safe, weekday evenings are not, and weekends with less load are safe all day', () => {
  const { spans } = windows(given(14_000));
  const stateAt = (day: number, hourOfDay: number) => {
    const at = nowMs + (24 * day + hourOfDay) * hour;
    return spans.find(({ from, to }) => Date.parse(from) <= at && at < Date.parse(to))?.state;
  };
  // madeStart is a Monday, and 70 days are ten weeks.
  expect([0, 1, 2, 3, 4].map((day) => [stateAt(day, 4), stateAt(day, 21)])).toEqual(
    Array.from({ length: 5 }, () => ['safe', 'above-limit']),
  );
  expect([stateAt(5, 21), stateAt(6, 21)]).toEqual(['safe', 'safe']);
});

test('a smaller accepted risk leaves less safe time', () => {
  const safeMs = (risk: number) =>
    windows(given(14_000), { risk })
      .spans.filter(({ state }) => state === 'safe')
      .reduce((sum, { from, to }) => sum + Date.parse(to) - Date.parse(from), 0);
  expect(safeMs(0.001)).toBeLessThan(safeMs(0.3));
  expect(safeMs(0.3)).toBeLessThan(7 * 24 * hour);
});

test('a window shorter than requested is too short, and one of exactly that length is not', () => {
  const first = windows(given(12_000)).spans.find(({ state }) => state === 'safe') ?? expect.fail('no span');
  const lasts = (Date.parse(first.to) - Date.parse(first.from)) / 1000;
  const stateOf = (lastsSeconds: number) =>
    windows(given(12_000), { lastsSeconds }).spans.find(({ from }) => from === first.from)?.state;
  expect([stateOf(lasts), stateOf(lasts + 1)]).toEqual(['safe', 'too-short']);
});

test('a window that continues after the horizon is cut there, and one that ends earlier is too short', () => {
  const rise = windows(given(12_000)).spans.find(({ state }) => state === 'safe')?.to ?? expect.fail('no span');
  const cutAt = (horizonSeconds: number, lastsSeconds: number) =>
    windows(given(12_000), { nowMs: Date.parse(rise) - 6 * hour, horizonSeconds, lastsSeconds });
  const cut = cutAt(3600, 4 * 3600);
  const to = new Date(Date.parse(rise) - 5 * hour).toISOString();
  expect(cut.spans).toMatchObject([{ state: 'cut-by-horizon', to }]);
  expect(windowBlockers(cut)).toEqual([]);
  const text = windowsText(cut, { timezone: 'UTC', isPlain: true });
  expect(text).toMatch(/^No safe window of .+ or longer before .+; one from .+ continues after it\.\n/);
  expect(text).toContain('> safe, continues after --horizon');
  expect(cutAt(3600, 7 * 3600).spans).toMatchObject([{ state: 'too-short', to }]);
  expect(cutAt(4 * 3600, 3600).spans).toMatchObject([{ state: 'safe' }]);
  // A freeze after the horizon ends the window as well.
  const freezes = [Freeze.parse({ reason: 'batch', from: to.slice(0, 16), to: rise.slice(0, 16), timeZone: 'UTC' })];
  const frozen = { nowMs: Date.parse(to) - hour, horizonSeconds: 1800, lastsSeconds: 4 * 3600, freezes };
  expect(windows(given(12_000), frozen).spans).toMatchObject([{ state: 'too-short' }]);
});

test('freezes of the cluster are not windows, on every day of a daily freeze', () => {
  const nightly = Freeze.parse({ reason: 'batch', daily: { from: '01:00', to: '02:30' }, timeZone: 'UTC' });
  const once = Freeze.parse({
    reason: 'promotion',
    from: '2025-03-18T12:00',
    to: '2025-03-19T12:00',
    timeZone: 'UTC',
    clusters: ['payments'],
  });
  const { spans } = windows(given(1e6), { freezes: [nightly, once] });
  const frozen = spans.filter(({ state }) => state === 'frozen');
  expect(frozen.map(({ from, to }) => [from.slice(11, 16), to.slice(11, 16)])).toEqual(
    Array.from({ length: 7 }, () => ['01:00', '02:30']),
  );
});

test('the limit is the lowest rate while a broker is down, or back and catching up', () => {
  const limit = limitOfLosses(analysis, 'broker') ?? expect.fail('no loss');
  const all = (analysis.withoutOne ?? []).filter(({ lost }) => lost === 'broker');
  expect(all.length).toBe(3);
  expect(limit.stated.tps).toBe(Math.min(...all.map(({ returning }) => returning?.tps ?? 0)));
  expect(limit.stated.tps).toBeLessThan(0.6 * Math.min(...all.map(({ tps }) => tps)));
  const { id = '' } = limit.stated;
  expect(windowsText(windows(limit), { timezone: 'UTC', isPlain: true })).toContain(
    `Limit: 837 msg/s while broker ${id} catches up after its return, limited by network-out`,
  );
  expect(windowBlockers(windows(limit))[0]?.what).toContain(`837 msg/s while broker ${id} catches up`);
  expect(limitOfLosses(analysis, 'zone')).toBeUndefined();
  // 3,000 msg/s at night are far above the remaining capacity.
  expect(statesOf(windows(limit))).toEqual(new Set(['above-limit']));
});

test('a loss without a known rate during catch-up limits with its uncertainty, and the text states the unknown', () => {
  const withoutOne = (analysis.withoutOne ?? []).map((loss) => {
    const { returning: _, ...kept } = loss;
    return kept;
  });
  const limit = limitOfLosses({ ...analysis, withoutOne }, 'broker') ?? expect.fail('no loss');
  expect(limit.stated).toMatchObject({ tps: withoutOne[0]?.tps, catchUpUnknown: withoutOne.map(({ id }) => id) });
  expect(limit.loss?.interval).toBeDefined();
  expect(windowsText(windows(limit), { timezone: 'UTC', isPlain: true })).toContain(
    'Unknown: the safe maximum while broker 3 catches up after its return.',
  );
  // One that is known, and limits, hides no other.
  const oneKnown = [...(analysis.withoutOne ?? []).slice(0, 1), ...withoutOne.slice(1)];
  expect(limitOfLosses({ ...analysis, withoutOne: oneKnown }, 'broker')?.stated).toMatchObject({
    duringCatchUp: true,
    catchUpUnknown: withoutOne.slice(1).map(({ id }) => id),
  });
});

test('a loss that leaves no capacity is the worst, and no window is safe', () => {
  const [first, ...others] = analysis.withoutOne ?? [];
  if (first === undefined) return expect.fail('no loss');
  const nothing = { ...first, tps: 0, interval: { low: 0, high: 900, confidence: 0.9 }, estimateTps: 400 };
  const limit = limitOfLosses({ ...analysis, withoutOne: [...others, nothing] }, 'broker') ?? expect.fail('no loss');
  expect(limit.stated).toMatchObject({ tps: 0, id: first.id });
  const document_ = windows(limit);
  expect(statesOf(document_)).toEqual(new Set(['above-limit']));
  expect(windowsText(document_, { timezone: 'UTC', isPlain: true })).toContain('Limit: 0 msg/s after losing');
  const [blocker] = windowBlockers(document_);
  expect(blocker?.what).toContain('the safe maximum of 0 msg/s without broker');
  expect(blocker?.zh).toContain('安全上限（失去 Broker');
});

test('beyond the forecast there are no spans, and without a forecast point the state is unknown', () => {
  expect(windows(given(1e6), { nowMs: Date.parse(document.horizonEndsAt) + 1 }).spans).toEqual([]);
  const gap = { ...document, points: document.points.filter((_, index) => index < 24 || index >= 36) };
  const { spans } = windows(given(1e6), { forecast: { document: gap } });
  expect(spans.map(({ state }) => state)).toEqual(['safe', 'no-forecast', 'safe']);
  expect(spans[1]?.load).toBeUndefined();
});

test('a blocked change names the next window or the end of the forecast', () => {
  expect(windowBlockers(windows(given(1e6)))).toEqual([]);
  const evening = nowMs + 21 * hour;
  const [held = expect.fail('nothing holds')] = windowBlockers(windows(given(14_000), { nowMs: evening }));
  expect(held.what).toMatch(/^up to 1\d,\d{3} msg\/s are forecast, and may exceed the safe maximum of 14,000 msg\/s$/);
  expect(held.zh).toMatch(/^预测负载最高 1\d,\d{3} 条\/秒，可能超过安全上限 14,000 条\/秒$/);
  expect(held.until?.getTime()).toBeGreaterThan(evening);
  const [late = expect.fail('nothing holds')] = windowBlockers(windows(given(100)));
  expect(late.until).toBeUndefined();
  const [ended] = windowBlockers(windows(given(1e6), { nowMs: Date.parse(document.horizonEndsAt) + 1 }));
  expect(ended?.what).toContain('the forecast ended at');
});

test('a window that is too short names what ends it: load, freeze, gap or end of the forecast', () => {
  const reasonBefore = (end: string, limit: LossLimit, over: Partial<Parameters<typeof windowsOf>[0]> = {}) =>
    windowBlockers(windows(limit, { ...over, nowMs: Date.parse(end) - hour / 4 }))[0]?.what;
  const rise = windows(given(12_000)).spans.find(({ state }) => state === 'safe')?.to ?? expect.fail('no span');
  expect(reasonBefore(rise, given(12_000))).toBe(
    `the load stays below the safe maximum of 12,000 msg/s only until ${rise}`,
  );
  const evening = Freeze.parse({ reason: 'batch', daily: { from: '22:00', to: '23:00' }, timeZone: 'UTC' });
  expect(reasonBefore('2025-03-17T22:00:00.000Z', given(90_000), { freezes: [evening] })).toBe(
    'the load stays below the safe maximum of 90,000 msg/s, but a change freeze begins at 2025-03-17T22:00:00.000Z',
  );
  const gap = { ...document, points: document.points.filter((_, index) => index < 24 || index >= 36) };
  expect(reasonBefore('2025-03-18T00:00:00.000Z', given(90_000), { forecast: { document: gap } })).toMatch(
    /, but there is no forecast from 2025-03-18T00:00:00\.000Z$/,
  );
  const end = document.horizonEndsAt;
  expect(reasonBefore(end, given(90_000))).toMatch(new RegExp(`, but the forecast ends at ${end}$`));
});

test('names zones without a safe maximum, without doubling the word zone', () => {
  const withoutOneUnknown = ['1', 'zone-b'].map((id) => ({ lost: 'zone' as const, id, missing: [] }));
  const refuse = () => refuseUnknownLosses({ withoutOneUnknown }, 'zone', { of: 'entry 3', otherwise: 'or wait' });
  expect(refuse).toThrow('entry 3 has no safe maximum after losing zone 1, zone-b');
});

test('without a window, the text states the end of the searched time', () => {
  const text = windowsText(windows(given(100), { horizonSeconds: 2 * 86_400 }), { timezone: 'UTC', isPlain: true });
  expect(text).toMatch(/^No safe window of .+ or longer before 2025-03-19 00:00\.\n/);
});

test.each([
  ['Asia/Kolkata', '11:00'],
  ['Asia/Kathmandu', '10:20'],
])('the map shows a freeze in each hour of %s that it touches', (timezone, to) => {
  const morning = Freeze.parse({ reason: 'batch', daily: { from: '10:00', to }, timeZone: 'UTC' });
  const text = windowsText(windows(given(90_000), { freezes: [morning] }), { timezone, isPlain: true });
  // 10:00 UTC is 15:30 or 15:45 there.
  expect(text).toContain(`2025-03-18  ${'.'.repeat(15)}FF${'.'.repeat(7)}`);
});
