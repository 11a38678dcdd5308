// Tests measurements of a broken cell from per-second figures of clients and network interfaces, and the grade of its prediction.

import { describe, expect, test } from 'vitest';
import { gradeCell, type CellFigures } from '../../../bench/broken-cells/cell-figures.ts';
import { lastGraded, readCellLines } from '../../../bench/broken-cells/cell-lines.ts';
import { cells, labs, tpsOfDomains } from '../../../bench/broken-cells/cells.ts';
import { LoadSecond, observedCell, type CellSecond } from '../../../bench/broken-cells/observed-cell.ts';
import { rightOf } from '../../../bench/broken-cells/page.ts';
import { gradedCells } from '../../../core/documents/blast-radius.ts';

/** One second as the Java program prints it, for one topic with 100 msg/s. */
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

describe('a cell with a killed broker', () => {
  test('without any effect has no lag, no seconds outside the safe limit, and a recovery time of 0', () => {
    expect(observedCell([...calm, ...after(10, 30)], killed)).toEqual({
      domains: [{ domain: 'orders', failedMessages: 0, mostLagMessages: 0 }],
      mostLagMessages: 0,
      outsideSafeSeconds: 0,
      normalAfterSeconds: 0,
      quietSeconds: 0.02,
      mostHeldMessages: 0,
    });
  });

  test('recovers when its sends that waited for a leader are acknowledged', () => {
    const seconds = [...calm, ...after(10, 20, { held: 300, quietMs: 9000 }), ...after(20, 40)];
    expect(observedCell(seconds, killed)).toMatchObject({
      mostHeldMessages: 300,
      quietSeconds: 9,
      normalAfterSeconds: 9.5,
    });
  });

  test('has the maximum lag and the failures since the kill', () => {
    const seconds = [...calm, ...after(10, 15, { lag: 900, failed: 7 }), ...after(15, 30, { failed: 7 })];
    const { domains, normalAfterSeconds } = observedCell(seconds, killed);
    expect(domains).toEqual([{ domain: 'orders', failedMessages: 7, mostLagMessages: 900 }]);
    expect(normalAfterSeconds).toBe(4.5);
  });

  test('is outside the safe limit by the mean of five seconds, so a single saturated second does not count', () => {
    const burst = [...calm, ...after(10, 11, { card: 1 }), ...after(11, 30)];
    expect(observedCell(burst, killed).outsideSafeSeconds).toBe(0);
    const full = [...calm, ...after(10, 20, { card: 1 }), ...after(20, 40)];
    expect(observedCell(full, killed).outsideSafeSeconds).toBe(8);
  });

  test('that was outside the safe limit before the kill counts only additional seconds', () => {
    const busy = Array.from({ length: 10 }, (_, at) => second(at, { card: 0.9 }));
    expect(observedCell([...busy, ...after(10, 30, { card: 0.9 })], killed).outsideSafeSeconds).toBe(0);
  });

  test('that never recovers has no recovery time', () => {
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

  test('equal to the measurement is correct', () => {
    expect(gradeCell(figures(), figures(), tps)).toEqual({
      affected: true,
      outsideSafe: true,
      lag: true,
      recovery: true,
    });
  });

  test('is wrong about the affected domains if it names too many or too few', () => {
    const one = figures({ domains: [behind('orders', 5000)] });
    const both = figures({ domains: [behind('orders', 5000), behind('waybills', 900)] });
    expect(gradeCell(one, both, tps).affected).toBe(false);
    expect(gradeCell(both, one, tps).affected).toBe(false);
    // Lag of less than two seconds of traffic does not count.
    expect(gradeCell(figures(), figures({ domains: [behind('orders', 140)] }), tps).affected).toBe(true);
  });

  test('of lag and recovery time is correct within a factor of two', () => {
    const predicted = figures({ mostLagMessages: 1000, normalAfterSeconds: 60 });
    const within = figures({ mostLagMessages: 1900, normalAfterSeconds: 31 });
    const beyond = figures({ mostLagMessages: 2100, normalAfterSeconds: 29 });
    expect(gradeCell(predicted, within, tps)).toMatchObject({ lag: true, recovery: true });
    expect(gradeCell(predicted, beyond, tps)).toMatchObject({ lag: false, recovery: false });
  });

  test('of a recovery time is wrong if the cluster did not recover', () => {
    const { normalAfterSeconds: _, ...never } = figures();
    expect(gradeCell(figures({ normalAfterSeconds: 60 }), never, tps).recovery).toBe(false);
  });
});

test('each cell has a level of its lab and a sequential number', () => {
  expect(cells.map(({ number }) => number)).toEqual(cells.map((_, index) => index + 1));
  for (const { lab, tps } of cells) expect(labs[lab].levels).toContain(tps);
  expect(tpsOfDomains(100)).toEqual({ orders: 75, waybills: 25 });
});

test('the stated accuracy matches the evidence file', async () => {
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
