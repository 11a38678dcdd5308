// Grades a verdict by an unplanned event: the observed throughput against the prediction.

import { defined } from '../../../core/defined.ts';
import type { Analysis } from '../../../core/documents/analysis.ts';
import type { Grade } from '../../../core/documents/history-entry.ts';
import { safeTpsOf } from '../../../core/documents/safe-tps.ts';
import type { Occurrence } from './course.ts';

/** Share of the safe maximum below which traffic is no evidence about it. */
export const tellingShare = 0.8;

type Promise = Grade['predicted'];

/** @returns undefined if the event is no evidence about the verdict */
export function gradeVerdict(
  { id, document }: { id: number; document: Pick<Analysis, 'safeMaxTps' | 'withoutOne'> },
  occurrence: Occurrence,
): Grade | undefined {
  const promise = occurrence.event === 'broker-restart' ? afterLoss(document, occurrence.lost) : promised(document);
  if (promise === undefined) return undefined;
  const { tps, strains } = occurrence;
  const { low = promise.value, high } = promise;
  const isStrained = strains.length > 0;
  if (!isStrained && tps < tellingShare * low) return undefined;
  return {
    of: id,
    what: 'safe-max',
    event: occurrence.event,
    startedAt: new Date(occurrence.startedAtMs).toISOString(),
    endedAt: new Date(occurrence.endedAtMs).toISOString(),
    predicted: promise,
    actual: tps,
    // Strain far below the lower bound: the prediction was too high. Throughput above the upper bound: it was too low.
    held: isStrained ? tps >= low : high === undefined || tps <= high,
  };
}

const unit = 'messages/s';

function promised({ safeMaxTps }: Pick<Analysis, 'safeMaxTps'>): Promise | undefined {
  if ('interval' in safeMaxTps) {
    const { low, high } = safeMaxTps.interval;
    return { value: safeMaxTps.estimateTps, low, ...defined({ high }), unit };
  }
  const tps = safeTpsOf(safeMaxTps);
  return tps === undefined ? undefined : { value: tps, low: tps, unit };
}

/**
 * A single figure has no upper bound, so a higher throughput does not contradict it. The prediction that leaders reject sends is 0, which
 * any throughput exceeds, and which throughput of sends without acks=all does not contradict, so it is not graded.
 */
function afterLoss({ withoutOne = [] }: Pick<Analysis, 'withoutOne'>, lost: string | undefined): Promise | undefined {
  const found = withoutOne.find((each) => each.lost === 'broker' && each.id === lost);
  return found && found.tps > 0 ? { value: found.tps, low: found.tps, unit } : undefined;
}
