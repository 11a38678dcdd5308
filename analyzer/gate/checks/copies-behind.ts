// Were all copies made while the load ran? A rate that followers do not keep is no replicated rate.

import { wholeWithin } from '../../models/use.ts';
import { capacityText, quantityText } from '../../quantity-text.ts';
import { isGrowing } from '../../steady-state.ts';
import type { JudgedStep } from '../../step-verdict.ts';
import type { Check, GateContext } from '../check.ts';

/** A follower that fetches a moment late is out of the set for a sample; one that is behind stays out. */
const behindShare = 0.5;

export const copiesBehind = {
  asks: 'did followers keep up: in-sync sets whole, and bytes not copied no more than before?',

  check(context) {
    const behind = context.steps.flatMap((judged) => {
      const words = judged.verdict.kind === 'sustained' ? wordsOf(judged, context) : undefined;
      return words === undefined ? [] : [{ judged, words }];
    });
    const [first] = behind.toSorted((a, b) => a.judged.step.tps - b.judged.step.tps);
    if (first === undefined) return [];
    const { tps } = first.judged.step;
    return [
      {
        consequence: { kind: 'weakened', steps: behind.map(({ judged }) => judged) },
        finding: {
          severity: 'warning',
          code: 'copies-behind',
          message: `From ${quantityText(tps)} msg/s on copies were not kept: ${first.words}. What was produced there is no rate that is replicated, so no maximum is made of it.`,
          evidence: [{ name: 'from', value: tps, unit: 'messages/s', source: 'what brokers told' }],
        },
      },
    ];
  },
} satisfies Check;

function wordsOf({ step: { window, tps } }: JudgedStep, { run, policy }: GateContext): string | undefined {
  const counts = [
    run.underReplicated
      .filter(({ elapsedSeconds }) => elapsedSeconds >= window.from && elapsedSeconds < window.to)
      .map(({ partitions }) => partitions),
    ...[...(run.brokers?.values() ?? [])].map((intervals) =>
      wholeWithin(intervals, window).flatMap(({ underReplicatedPartitions }) => underReplicatedPartitions ?? []),
    ),
  ];
  const worst = counts
    .filter((values) => values.filter((value) => value > 0).length > behindShare * values.length)
    .map((values) => Math.max(...values));
  if (worst.length > 0) return `${Math.max(...worst)} partitions had fewer in-sync replicas than replicas`;
  const bytes = run.document.workload.messageBytes ?? 1;
  for (const [broker, intervals] of run.brokers ?? []) {
    const own = wholeWithin(intervals, window).filter(({ replicationLagBytes }) => replicationLagBytes !== undefined);
    const lag = own.map(({ replicationLagBytes }) => replicationLagBytes ?? 0);
    const seconds = own.reduce((sum, { from, to }) => sum + to - from, 0) / own.length;
    if (isGrowing(lag, policy.step.growthShare.value * tps * bytes * seconds))
      return `what followers had not copied of ${broker} grew to ${capacityText(lag.at(-1) ?? 0, 'bytes')}`;
  }
  return undefined;
}
