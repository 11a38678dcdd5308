// Checks that brokers and load generator count in the same units: a factor of 60 or 1000 is a unit, not a load.

import { findingOf } from '../../../../core/documents/findings/findings.ts';
import { mean } from '../../../../core/statistics/statistics.ts';
import { leastSquares } from '../../../../core/statistics/regression.ts';
import { wholeWithin } from '../../limits/resources/use.ts';
import type { Check, GateContext, Inconsistency } from '../check.ts';

/** Broker figures are over the brokers' own windows, which reach a little into the neighbouring steps. */
const tolerance = 0.1;

const mistakes = [
  [60, 'brokers-per-minute'],
  [1 / 60, 'load-per-minute'],
  [1000, 'brokers-thousand'],
  [1 / 1000, 'load-thousand'],
  [8, 'brokers-bits'],
  [1 / 8, 'load-bits'],
] as const;
/** 2^20 over 10^6, where bytes are compared. */
const mebi = 2 ** 20 / 1e6;

type Quantity = 'messages' | 'bytes';

export const rateUnits = {
  asks: 'do brokers report the same rates as the load generator, or 60, 8, 1000 or 1.05 times as much?',

  check(context) {
    return [...judge('messages', context), ...judge('bytes', context)];
  },
} satisfies Check;

function judge(quantity: Quantity, context: GateContext): Inconsistency[] {
  const slope = slopeOfBrokers(quantity, context);
  if (slope === undefined) return [];
  const mistake = mistakes.find(([factor]) => Math.abs(slope / factor - 1) < tolerance);
  const isMebi = quantity === 'bytes' && Math.abs(slope * mebi - 1) < 0.005;
  if (mistake === undefined && !isMebi) return [];
  return [
    {
      consequence: mistake
        ? { kind: 'refused', missing: { what: 'the unit of the rates that brokers reported', node: 'cluster' } }
        : { kind: 'warned' },
      finding: findingOf('units-differ', { quantity, ratio: slope, mistake: mistake?.[1] ?? 'mebi' }),
    },
  ];
}

/** What grows with the load: what others send meanwhile stays in the intercept. */
function slopeOfBrokers(quantity: Quantity, { run, steps }: GateContext): number | undefined {
  const { messageBytes } = run.document.workload;
  const all = [...(run.brokers?.values() ?? [])];
  if (all.length === 0 || (quantity === 'bytes' && messageBytes === undefined)) return undefined;
  const points = steps.flatMap(({ verdict, step: { window, tps } }) => {
    if (verdict.kind !== 'sustained') return [];
    const readings = all.map((intervals) =>
      wholeWithin(intervals, window).flatMap(
        ({ messagesInPerSecond, bytesInPerSecond }) =>
          (quantity === 'messages' ? messagesInPerSecond : bytesInPerSecond) ?? [],
      ),
    );
    if (readings.some((values) => values.length === 0)) return [];
    const x = quantity === 'messages' ? tps : tps * (messageBytes ?? 0);
    return [{ x, y: readings.reduce((sum, values) => sum + mean(values), 0) }];
  });
  const fit = leastSquares(
    points.map(({ y }) => y),
    [points.map(({ x }) => x)],
  );
  return fit && fit.r2 > 0.9 ? fit.coefficients[1] : undefined;
}
