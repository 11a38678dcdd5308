// Formats the safe maximum after a loss, and the accuracy of its prediction.

import type { Analysis, Interval, Loss, SafeMaxTps } from '../../../core/documents/analysis.ts';
import type { LossGrade } from '../../../core/documents/loss-grade.ts';
import { limitText } from '../../../core/text/limit-text.ts';
import {
  lossName,
  nodeText,
  percentText,
  rateNumberText,
  rateRangeText,
  rateText,
} from '../../../core/text/quantity-text.ts';

/** Lines for the worst loss, and for losses without a figure. */
export function lossLines({ withoutOne = [], withoutOneUnknown = [], lossGrade }: Analysis): string[] {
  const [worst] = withoutOne;
  const unknown = Map.groupBy(withoutOneUnknown, ({ missing }) => missing.map(missingText).join(', '));
  return [
    ...(worst ? [lossText(worst)] : []),
    ...[...unknown].map(
      ([missing, losses]) =>
        `Without ${losses.map((loss) => lossName(loss)).join(', ')}`.padEnd(13) + ` safe maximum unknown: ${missing}`,
    ),
    ...(lossGrade ? [`Prediction    ${lossGradeText(lossGrade)}`] : []),
  ];
}

/** As wide as the labels of the other lines. */
const lossLabel = (loss: { lost: Loss['lost']; id: string }) => `Without ${lossName(loss)}`.padEnd(13);

const missingText = ({ what, node }: { what: string; node: string }) => `no ${what} (${nodeText(node)})`;

function lossText(loss: Loss): string {
  const { tps, limitedBy, estimateTps, interval, minInSyncReplicas, basis } = loss;
  if (minInSyncReplicas !== undefined)
    return `${lossLabel(loss)} no sends with acks=all: fewer in-sync replicas are left than min.insync.replicas (${minInSyncReplicas})`;
  const range =
    interval === undefined || estimateTps === undefined ? '' : ` (${intervalText({ estimateTps, interval })})`;
  const assumed = basis?.placement === 'assumed' ? `; assumed: ${basis.assumptions.join('; ')}` : '';
  return `${lossLabel(loss)} safe maximum ${rateText(tps)}${range}, limited by ${limitText(limitedBy)}${assumed}`;
}

export const intervalText = ({
  estimateTps,
  interval,
}: Pick<Extract<SafeMaxTps, { kind: 'predicted' }>, 'estimateTps' | 'interval'>): string =>
  `estimate ${rateNumberText(estimateTps)}, ${boundsText(interval)}`;

export const boundsText = (interval: Interval): string =>
  `${percentText(interval.confidence)} interval ${rateRangeText(interval)}`;

export function lossGradeText(grade: LossGrade): string {
  if (grade.kind === 'not-graded') return `without ${nodeText(grade.lost)} not tested: ${grade.reason}`;
  const { lost, predicted, measured, error, isCovered } = grade;
  const sign = error > 0 ? '+' : '';
  return `without ${nodeText(lost)} ${rateText(predicted.estimateTps)} (${rateRangeText(predicted.interval)}) predicted, ${rateText(measured.estimateTps)} measured: error ${sign}${percentText(error)}, ${isCovered ? 'inside' : 'outside'} the interval`;
}
