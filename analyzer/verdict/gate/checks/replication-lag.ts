// Checks that followers kept up during the load: a rate that is not copied is not a replicated rate.

import { findingOf } from '../../../../core/documents/findings/findings.ts';
import type { ReplicationLag } from '../../../../core/documents/findings/step-check-findings.ts';
import { largest } from '../../../../core/statistics/statistics.ts';
import { showsCopies, underReplicatedIn } from '../../steps/copy-lag.ts';
import type { JudgedStep } from '../../steps/step-verdict.ts';
import { warned, weakened, type Check, type GateContext, type Inconsistency } from '../check.ts';

/** A follower that fetches slightly late is out of sync for one sample; one with lag stays out of sync. */
const laggingShare = 0.5;

export const replicationLagCheck: Check = (context) => {
  const judged = context.steps.filter(({ verdict, copyLag }) => verdict.kind === 'sustained' || copyLag !== undefined);
  const shown = judged.map((each) => ({ judged: each, shown: copiesShown(each, context) }));
  const highestCopied = Math.max(0, ...shown.flatMap((one) => (one.shown === 'copied' ? one.judged.step.tps : [])));
  const lagging = shown.filter((one): one is LaggingStep => one.shown !== undefined && one.shown !== 'copied');
  // If a higher rate was copied, this rate did not limit the copies: a follower was catching up.
  const isPassing = ({ judged }: LaggingStep) => judged.step.tps < highestCopied;
  const lasting = lagging.filter((one) => !isPassing(one));
  return [...caughtUp(lagging.filter(isPassing), highestCopied), ...laggingCopies(lasting)];
};

interface LaggingStep {
  judged: JudgedStep;
  shown: ReplicationLag;
}

function laggingCopies(lagging: readonly LaggingStep[]): Inconsistency[] {
  const first = lowest(lagging);
  if (first === undefined) return [];
  const { tps } = first.judged.step;
  // A step with growing lag counts as saturated, so its copied rate sets the maximum.
  const doubted = lagging.flatMap(({ judged }) => (judged.copyLag === undefined ? [judged] : []));
  const finding = findingOf('copies-behind', { tps, shown: first.shown });
  return [doubted.length > 0 ? weakened(doubted, finding) : warned(finding)];
}

function caughtUp(lagging: readonly LaggingStep[], highestCopied: number): Inconsistency[] {
  const first = lowest(lagging);
  if (first === undefined) return [];
  const { tps } = first.judged.step;
  return [warned(findingOf('copies-caught-up', { tps, copiedTps: highestCopied, shown: first.shown }))];
}

const lowest = (lagging: readonly LaggingStep[]) =>
  lagging.toSorted((a, b) => a.judged.step.tps - b.judged.step.tps)[0];

/** @returns undefined if no sample shows it */
function copiesShown(
  { step: { window }, copyLag }: JudgedStep,
  { run }: GateContext,
): ReplicationLag | 'copied' | undefined {
  const counts = underReplicatedIn(run, window);
  const lagging = counts.filter((values) => values.filter((value) => value > 0).length > laggingShare * values.length);
  const partitions = largest(lagging.flat());
  if (partitions !== undefined) return { partitions };
  if (copyLag) return { node: copyLag.node, lagBytes: copyLag.lagBytes };
  return showsCopies(run, window) ? 'copied' : undefined;
}
