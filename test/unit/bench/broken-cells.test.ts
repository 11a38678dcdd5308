// Tests measurements of a broken cell from per-second figures of clients and network interfaces, and the grade of its prediction.

import { describe, expect, test } from 'vitest';
import { gradeCell, type CellFigures } from '../../../bench/broken-cells/cell-figures.ts';
import { lastGraded, readCellLines } from '../../../bench/broken-cells/cell-lines.ts';
import { cells, labs, tpsOfDomains } from '../../../bench/broken-cells/cells.ts';
import { LoadSecond, observedCell, type CellSecond } from '../../../bench/broken-cells/observed-cell.ts';
import { rightOf } from '../../../bench/broken-cells/page.ts';
import { gradedCells } from '../../../core/documents/blast-radius.ts';

/** As the Java program prints it, of one topic with 100 messages a second. */
const second = (at: number, { lag = 0, held = 0, failed = 0, quietMs = 20, card = 0.3 } = {}): CellSecond => ({
  ...LoadSecond.parse(
    JSON.parse(
      `{"atMs":${1000 * at},"topics":[{"name":"orders","waiting":0,"sent":${100 * at},"acknowledged":${100 * at - held - failed},"failed":${failed},"failure":"","quietMs":${quietMs},"groups":[{"name":"orders-readers-1","lag":${lag},"oldestMs":0}]}]}`,
    ),
  ),
  cards: [card, card / 2],
});

const calm = Array.from({ length: 10 }, (_, at) => second(at));
const killed = { killedAtMs: 9500, safeShare: 0.8 };
const after = (from: number, to: number, over: Parameters<typeof second>[1] = {}) =>
  Array.from({ length: to - from }, (_, at) => second(from + at, over));

describe('a broken cell', () => {
  test('in which nothing happens has no lag, nothing outside, and is normal at once', () => {
    expect(observedCell([...calm, ...after(10, 30)], killed)).toEqual({
      domains: [{ domain: 'orders', failedMessages: 0, mostLagMessages: 0 }],
      mostLagMessages: 0,
      outsideSafeSeconds: 0,
      normalAfterSeconds: 0,
      quietSeconds: 0.02,
      mostHeldMessages: 0,
    });
  });

  test('whose sends wait for a leader is normal again when they were sent', () => {
    const seconds = [...calm, ...after(10, 20, { held: 300, quietMs: 9000 }), ...after(20, 40)];
    expect(observedCell(seconds, killed)).toMatchObject({
      mostHeldMessages: 300,
      quietSeconds: 9,
      normalAfterSeconds: 9.5,
    });
  });

  test('has the highest lag and the failures since the kill', () => {
    const seconds = [...calm, ...after(10, 15, { lag: 900, failed: 7 }), ...after(15, 30, { failed: 7 })];
    const { domains, normalAfterSeconds } = observedCell(seconds, killed);
    expect(domains).toEqual([{ domain: 'orders', failedMessages: 7, mostLagMessages: 900 }]);
    expect(normalAfterSeconds).toBe(4.5);
  });

  test('is outside by the mean of five seconds, so that one second of a full card is none', () => {
    const burst = [...calm, ...after(10, 11, { card: 1 }), ...after(11, 30)];
    expect(observedCell(burst, killed).outsideSafeSeconds).toBe(0);
    const full = [...calm, ...after(10, 20, { card: 1 }), ...after(20, 40)];
    expect(observedCell(full, killed).outsideSafeSeconds).toBe(8);
  });

  test('that was outside before the kill counts only what came in addition', () => {
    const busy = Array.from({ length: 10 }, (_, at) => second(at, { card: 0.9 }));
    expect(observedCell([...busy, ...after(10, 30, { card: 0.9 })], killed).outsideSafeSeconds).toBe(0);
  });

  test('that never recovers has no time of recovery', () => {
    expect(observedCell([...calm, ...after(10, 30, { lag: 5000 })], killed)).not.toHaveProperty('normalAfterSeconds');
  });
});

const figures = (over: Partial<CellFigures> = {}): CellFigures => ({
  domains: [],
  mostLagMessages: 0,
  outsideSafeSeconds: 0,
  normalAfterSeconds: 0,
  quietSeconds: 0,
  mostHeldMessages: 0,
  ...over,
});
const behind = (domain: string, mostLagMessages: number) => ({ domain, failedMessages: 0, mostLagMessages });

describe('a prediction', () => {
  const tps = { orders: 75, waybills: 25 };

  test('that is what was measured is right', () => {
    expect(gradeCell(figures(), figures(), tps)).toEqual({
      affected: true,
      outsideSafe: true,
      lag: true,
      recovery: true,
    });
  });

  test('is wrong about the domains where it names one too many or too few', () => {
    const one = figures({ domains: [behind('orders', 5000)] });
    const both = figures({ domains: [behind('orders', 5000), behind('waybills', 900)] });
    expect(gradeCell(one, both, tps).affected).toBe(false);
    expect(gradeCell(both, one, tps).affected).toBe(false);
    // A lag below two seconds of its traffic does not count.
    expect(gradeCell(figures(), figures({ domains: [behind('orders', 140)] }), tps).affected).toBe(true);
  });

  test('of lag and recovery is right within a factor of two', () => {
    const predicted = figures({ mostLagMessages: 1000, normalAfterSeconds: 60 });
    const within = figures({ mostLagMessages: 1900, normalAfterSeconds: 31 });
    const beyond = figures({ mostLagMessages: 2100, normalAfterSeconds: 29 });
    expect(gradeCell(predicted, within, tps)).toMatchObject({ lag: true, recovery: true });
    expect(gradeCell(predicted, beyond, tps)).toMatchObject({ lag: false, recovery: false });
  });

  test('of a recovery is wrong where the cluster did not recover', () => {
    const { normalAfterSeconds: _, ...never } = figures();
    expect(gradeCell(figures({ normalAfterSeconds: 60 }), never, tps).recovery).toBe(false);
  });
});

test('each cell is at a level of its lab, and its number is its own', () => {
  expect(cells.map(({ number }) => number)).toEqual(cells.map((_, index) => index + 1));
  for (const { lab, tps } of cells) expect(labs[lab].levels).toContain(tps);
  expect(tpsOfDomains(100)).toEqual({ orders: 75, waybills: 25 });
});

test('the report states the accuracy that the evidence shows', async () => {
  const graded = lastGraded(await readCellLines());
  const right = Object.fromEntries(rightOf(graded).map(({ question, right: count }) => [question, count]));
  const { day, cells: all, ...stated } = gradedCells;
  expect({ all, ...stated }).toEqual({ all: graded.length, ...right });
  expect(
    graded
      .map(({ broken }) => broken.at.slice(0, 10))
      .toSorted()
      .at(-1),
  ).toBe(day);
});
