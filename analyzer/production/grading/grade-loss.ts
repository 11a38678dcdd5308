// Grades the predicted safe maximum after a loss by a load test without the lost brokers.

import type { Analysis } from '../../../core/documents/analysis.ts';
import type { LossGrade } from '../../../core/documents/loss-grade.ts';
import { rateText } from '../../../core/text/quantity-text.ts';

/** @param lost brokers that were down during `measured` */
export function gradeLoss(
  prediction: Pick<Analysis, 'withoutOne' | 'withoutOneUnknown'>,
  measured: Pick<Analysis, 'safeMaxTps'>,
  lost: readonly string[],
): LossGrade {
  const id = lost.join(', ');
  const refused = (reason: string): LossGrade => ({ kind: 'not-graded', lost: id, reason });
  const isIt = (each: { id: string }) => sorted(each.id.split(', ')) === sorted(lost);
  const found = prediction.withoutOne?.find(isIt);
  if (found === undefined) {
    const unknown = prediction.withoutOneUnknown?.find(isIt);
    return refused(
      unknown === undefined
        ? `the earlier run predicts no loss of ${id}`
        : `the earlier run has no prediction for the loss of ${id}: no ${unknown.missing.map(({ what }) => what).join(', ')}`,
    );
  }
  const { safeMaxTps: safe } = measured;
  if (safe.kind !== 'predicted' && safe.kind !== 'confirmed') {
    return refused(
      safe.kind === 'at-least' || safe.kind === 'observed'
        ? `no limit was reached up to ${rateText(safe.tps)}; test higher rates`
        : 'the safe maximum of the degraded cluster is unknown',
    );
  }
  const { tps, estimateTps = tps, interval = { low: tps, confidence: safe.interval.confidence } } = found;
  const { low, high = Number.POSITIVE_INFINITY } = interval;
  return {
    kind: 'graded',
    lost: id,
    predicted: { estimateTps, interval },
    measured: { estimateTps: safe.estimateTps, interval: safe.interval },
    error: estimateTps / safe.estimateTps - 1,
    isCovered: low <= safe.estimateTps && safe.estimateTps <= high,
  };
}

const sorted = (ids: readonly string[]) => ids.toSorted().join();
