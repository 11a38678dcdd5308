// Did the JVM of a broker stand still for too long in a step? By what the broker itself told of its pauses.

import type { Finding } from '../../core/analysis.ts';
import { muchCollecting } from '../gc-findings.ts';
import type { Cited } from '../../core/policy/policy.ts';
import { durationText, nodeText, percentText, quantityText } from '../quantity-text.ts';
import type { NodeSeries, ObservedStep, SymptomModel } from './model.ts';
import { mostOfBroker, useOfBroker } from './use.ts';

/** A pause of half of what answers may take leaves the other half to the queue that builds up behind it. */
const largePart = 0.5;

export const gc = {
  symptom: 'gc-pause',
  requires: 'GC pauses of the broker, by JMX or its GC log',

  judge: (steps, series, { slo }) => [
    ...shareFinding(steps, series),
    ...longestFinding(steps, series, slo?.publishLatencyP99),
  ],
} satisfies SymptomModel;

/** What jstat counted is told for the run as a whole: twice would be once too often. */
function shareFinding(steps: readonly ObservedStep[], series: NodeSeries): Finding[] {
  if (series.jvm !== undefined) return [];
  const shares = steps.flatMap((observed) => {
    const use = useOfBroker(observed, series, ({ gcPauseShare }) => gcPauseShare);
    return use === undefined ? [] : [{ tps: observed.step.tps, share: use.mean }];
  });
  const worst = shares.toSorted((a, b) => b.share - a.share)[0];
  if (worst === undefined || worst.share <= muchCollecting.ratio) return [];
  return [
    {
      severity: 'warning',
      code: 'gc-share',
      message: `At ${quantityText(worst.tps)} msg/s ${nodeText(series.node)} stood still for ${percentText(worst.share)} of the time to collect garbage. A larger heap or another collector may carry more: see its GC log with \`plimsoll gc\`.`,
      evidence: [
        { name: 'time in pauses', value: worst.share, unit: 'ratio', source: `pauses of ${nodeText(series.node)}` },
        { name: 'limit', value: muchCollecting.ratio, unit: 'ratio', source: muchCollecting.source },
      ],
    },
  ];
}

/** Against what was promised, or, where nothing was, against what the answers of the step took. */
function longestFinding(steps: readonly ObservedStep[], series: NodeSeries, promised: Cited | undefined): Finding[] {
  const large = steps.flatMap((observed) => {
    const { tps, recorded } = observed.step;
    const pause = mostOfBroker(observed, series, ({ longestPauseSeconds }) => longestPauseSeconds);
    const p99 = promised?.value ?? recorded.latencySeconds?.p99;
    return pause !== undefined && p99 !== undefined && pause > largePart * p99 ? [{ pause, p99, tps }] : [];
  });
  const worst = large.toSorted((a, b) => b.pause - a.pause)[0];
  if (worst === undefined) return [];
  const against = promised === undefined ? 'a p99 of' : 'a promised p99 of';
  const consequence =
    promised === undefined
      ? 'the slowest answers may have waited for the garbage collector, and not for the load'
      : 'more than half of it is gone before the load counts';
  return [
    {
      severity: promised === undefined ? 'info' : 'warning',
      code: 'gc-pause',
      message: `The longest pause of ${nodeText(series.node)} at ${quantityText(worst.tps)} msg/s took ${durationText(worst.pause)}, against ${against} ${durationText(worst.p99)}: ${consequence}.`,
      evidence: [
        {
          name: 'longest pause',
          value: worst.pause,
          unit: 's',
          source: `longest pause of ${nodeText(series.node)} in the step`,
        },
        { name: 'p99', value: worst.p99, unit: 's', source: promised?.source ?? 'intended to acknowledged' },
      ],
    },
  ];
}
