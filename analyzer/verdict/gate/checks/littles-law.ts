// Checks that the number of messages in flight matches rate × latency (Little's law) in an open loop.

import { findingOf } from '../../../../core/documents/findings/findings.ts';
import { mean } from '../../../../core/statistics/statistics.ts';
import type { JudgedStep } from '../../steps/step-verdict.ts';
import { warned, type Check, type GateContext } from '../check.ts';

/** Smaller differences in latency are ignored, because reports cover whole seconds and are slightly late. */
const leastSeconds = 0.05;
const tolerance = 0.25;

export const littlesLaw: Check = (context) => {
  // Other tools rarely report when sends were due, so no messages appear to be in flight.
  if (context.run.document.sources !== undefined) return [];
  const off = context.steps.flatMap((judged) => {
    const { latencyMeanSeconds, lanes } = judged.step.recorded;
    const counted = lanes === undefined ? countedUnderWay(judged, context) : undefined;
    if (judged.verdict.kind !== 'sustained' || latencyMeanSeconds === undefined || counted === undefined) return [];
    const expected = judged.step.tps * latencyMeanSeconds;
    const gap = Math.abs(counted - expected);
    const isOff = gap > tolerance * Math.max(counted, expected) && gap > leastSeconds * judged.step.tps;
    return isOff ? [{ tps: judged.step.tps, latencySeconds: latencyMeanSeconds, expected, counted }] : [];
  });
  return off.length === 0 ? [] : [warned(findingOf('littles-law', { steps: off }))];
};

/** Mean over the window of messages that were due since the run began and are neither acknowledged nor failed. */
function countedUnderWay({ step: { window } }: JudgedStep, { run }: GateContext): number | undefined {
  if (run.events.resumed.length > 0 || run.events.lostWorkers.length > 0 || run.events.droppedMessages > 0)
    return undefined;
  const seconds = new Map<number, number>();
  for (const { to, intended, acknowledged, failed } of run.produced) {
    const second = Math.round(to);
    seconds.set(second, (seconds.get(second) ?? 0) + intended - acknowledged - failed);
  }
  let open = 0;
  const inWindow: number[] = [];
  for (const [second, left] of [...seconds].toSorted(([a], [b]) => a - b)) {
    open += left;
    if (second > window.from && second <= window.to) inWindow.push(open);
  }
  return inWindow.length < 5 ? undefined : Math.max(0, mean(inWindow));
}
