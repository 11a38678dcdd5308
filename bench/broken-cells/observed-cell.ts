// Computes the figures of a cell from per-second figures of its clients and network interfaces.

import { z } from 'zod';
import { lagSeconds, type CellFigures } from './cell-figures.ts';

/** A line of test/fixtures/steady-load; counts are totals since its start. */
export const LoadSecond = z.strictObject({
  atMs: z.number(),
  topics: z.array(
    z.strictObject({
      name: z.string(),
      /** Messages due but held back by a client with a full buffer. */
      waiting: z.number(),
      sent: z.number(),
      acknowledged: z.number(),
      failed: z.number(),
      failure: z.string(),
      quietMs: z.number(),
      groups: z.array(z.strictObject({ name: z.string(), lag: z.number(), oldestMs: z.number() })),
    }),
  ),
});

export interface CellSecond extends z.infer<typeof LoadSecond> {
  /** Utilization of each direction of each interface during this second. */
  cards: readonly number[];
}

/** Window of mean utilization in seconds: within one second, a queued burst exceeds the speed of the interface. */
const meanSeconds = 5;

/**
 * @param seconds some seconds before the kill, and all until the cluster was complete again
 * @param safeShare utilization of an interface that policy allows
 */
export function observedCell(
  seconds: readonly CellSecond[],
  { killedAtMs, safeShare }: { killedAtMs: number; safeShare: number },
): CellFigures {
  const before = seconds.filter(({ atMs }) => atMs <= killedAtMs);
  const after = seconds.filter(({ atMs }) => atMs > killedAtMs);
  const [first, last] = [before.at(-1), after.at(-1)];
  if (first === undefined || last === undefined) throw new RangeError('no second before or after the failure');
  const outside = fullestCards(seconds).map((share) => share > safeShare);
  const calmOutside = before.filter((_, at) => outside[at] === true).length / before.length;
  const outsideAfter = after.map((_, at) => outside[before.length + at] === true);
  const domains = first.topics.map(({ name, failed, groups }, topic) => {
    const usualLag = Math.max(...groups.map(({ lag }) => lag));
    const most = Math.max(0, ...after.flatMap((each) => each.topics[topic]?.groups.map(({ lag }) => lag) ?? []));
    return {
      domain: name,
      failedMessages: (last.topics[topic]?.failed ?? 0) - failed,
      mostLagMessages: Math.max(0, most - usualLag),
    };
  });
  const usualHeld = Math.max(...before.map(heldIn));
  const rates = ratesOf(before);
  const isUsual = (second: CellSecond, at: number) =>
    (outsideAfter[at] === false || calmOutside > 0.5) &&
    heldIn(second) - usualHeld <= totalOf(rates) &&
    second.topics.every(({ groups }, topic) => groups.every(({ lag }) => lag <= lagSeconds * (rates[topic] ?? 0)));
  const lastUnusual = after.findLastIndex((second, at) => !isUsual(second, at));
  const isOver = lastUnusual < after.length - 1;
  return {
    domains,
    mostLagMessages: Math.max(...domains.map(({ mostLagMessages }) => mostLagMessages)),
    outsideSafeSeconds: Math.max(0, outsideAfter.filter(Boolean).length - calmOutside * after.length),
    ...(isOver && { normalAfterSeconds: ((after[lastUnusual]?.atMs ?? killedAtMs) - killedAtMs) / 1000 }),
    quietSeconds: Math.max(...after.flatMap(({ topics }) => topics.map(({ quietMs }) => quietMs))) / 1000,
    mostHeldMessages: Math.max(0, ...after.map((second) => heldIn(second) - usualHeld)),
  };
}

/** @returns for each second, the highest mean utilization of an interface over the last five seconds */
export function fullestCards(seconds: readonly CellSecond[]): number[] {
  return seconds.map((_, at) => {
    const taken = seconds.slice(Math.max(0, at - meanSeconds + 1), at + 1);
    const means = taken[0]?.cards.map(
      (_card, index) => taken.reduce((sum, { cards }) => sum + (cards[index] ?? 0), 0) / taken.length,
    );
    return Math.max(...(means ?? []));
  });
}

/** Messages held by producers: due, and neither stored nor failed. */
export const heldIn = ({ topics }: CellSecond): number =>
  topics.reduce((sum, { waiting, sent, acknowledged, failed }) => sum + waiting + sent - acknowledged - failed, 0);

/** Messages per second sent to each topic. */
function ratesOf(seconds: readonly CellSecond[]): number[] {
  const [first, last] = [seconds[0], seconds.at(-1)];
  if (first === undefined || last === undefined || last.atMs === first.atMs) throw new RangeError('too short');
  const span = (last.atMs - first.atMs) / 1000;
  return last.topics.map(({ acknowledged }, topic) => (acknowledged - (first.topics[topic]?.acknowledged ?? 0)) / span);
}

const totalOf = (rates: readonly number[]): number => rates.reduce((sum, rate) => sum + rate, 0);
