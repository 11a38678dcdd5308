// Grades a verdict when something happened by itself: the observed throughput against what was predicted.

import { defined } from '../../../core/defined.ts';
import type { Analysis } from '../../../core/documents/analysis.ts';
import type { Grade } from '../../../core/documents/history-entry.ts';
import { safeTpsOf } from '../../../core/documents/safe-tps.ts';
import type { Occurrence } from './course.ts';

/** A quiet minute far below the safe maximum is no evidence about it. */
export const tellingShare = 0.8;

type Promise = Grade['predicted'];

/** @returns undefined when the occurrence is no evidence about the verdict */
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
    // Far below the lower end: the prediction was too high. Above the upper end: it was too low.
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
 * One figure has no upper end: a higher throughput does not contradict it. A prediction that leaders reject sends is 0, which every
 * throughput reaches, and which that of sends without acks=all does not contradict: it is not graded.
 */
function afterLoss({ withoutOne = [] }: Pick<Analysis, 'withoutOne'>, lost: string | undefined): Promise | undefined {
  const found = withoutOne.find((each) => each.lost === 'broker' && each.id === lost);
  return found && found.tps > 0 ? { value: found.tps, low: found.tps, unit } : undefined;
}
