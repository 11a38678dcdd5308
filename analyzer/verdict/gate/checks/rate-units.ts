// Checks that brokers and load generator count in the same units: a factor of 60 or 1000 is a unit, not a load.

import { findingOf } from '../../../../core/documents/findings/findings.ts';
import { leastSquares } from '../../../../core/statistics/regression.ts';
import { figuresPerStep } from '../broker-bytes.ts';
import { refused, warned, type Check, type GateContext, type Inconsistency } from '../check.ts';

/** Broker figures cover the brokers' windows, which extend slightly into the neighbouring steps. */
const tolerance = 0.1;

const mistakes = [
  [60, 'brokers-per-minute'],
  [1 / 60, 'load-per-minute'],
  [1000, 'load-thousand'],
  [1 / 1000, 'brokers-thousand'],
  [8, 'brokers-bits'],
  [1 / 8, 'load-bits'],
] as const;
/** 2^20 over 10^6, for comparisons of bytes. */
const mebi = 2 ** 20 / 1e6;

type Quantity = 'messages' | 'bytes';

export const rateUnits: Check = (context) => [...judge('messages', context), ...judge('bytes', context)];

function judge(quantity: Quantity, context: GateContext): Inconsistency[] {
  const slope = slopeOfBrokers(quantity, context);
  if (slope === undefined) return [];
  const mistake = mistakes.find(([factor]) => Math.abs(slope / factor - 1) < tolerance);
  const isMebi = quantity === 'bytes' && Math.abs(slope * mebi - 1) < 0.005;
  if (mistake === undefined && !isMebi) return [];
  const finding = findingOf('units-differ', { quantity, ratio: slope, mistake: mistake?.[1] ?? 'mebi' });
  return [mistake ? refused('the unit of the rates that brokers reported', 'cluster', finding) : warned(finding)];
}

/** Uses the growth with the load: traffic of other clients remains in the intercept. */
function slopeOfBrokers(quantity: Quantity, { run, steps }: GateContext): number | undefined {
  const figure = quantity === 'messages' ? 'messagesInPerSecond' : 'bytesInPerSecond';
  const perMessage = quantity === 'messages' ? 1 : run.document.workload.messageBytes;
  if (perMessage === undefined) return undefined;
  const points = figuresPerStep(run, steps, [figure]);
  const fit = leastSquares(
    points.map((point) => point[figure]),
    [points.map(({ step }) => step.tps * perMessage)],
  );
  return fit && fit.r2 > 0.9 ? fit.coefficients[1] : undefined;
}
