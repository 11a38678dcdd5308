// Scores the reasons behind a decision against the actual promotion.

import type { DomainVerdict } from '../../core/documents/capacity-report.ts';
import { reasonTable, type ReasonCode } from '../../core/documents/reasons/go-reasons.ts';
import type { ReasonScore } from '../../core/documents/promotion-review.ts';
import { tellingShare } from '../production/grading/grade-verdict.ts';
import type { DomainRecord } from './domain-record.ts';

/** Reasons that the load of the present cluster cannot confirm, because another cluster had it, or none. */
const ofOtherClusters: ReadonlySet<ReasonCode> = new Set([
  'plan-closes-gap',
  'plan-not-sure',
  'refused-by-plan',
  'plan-not-measured',
  'plan-without-build',
]);

/**
 * A reason was tested if something went wrong, or if the load came close to the required rate. GO was right if
 * nothing went wrong, and a reason against it if something did.
 */
export function scoreReasons({ reasons, peakTps }: DomainVerdict, { readings, troubles }: DomainRecord): ReasonScore[] {
  const highest = readings.reduce((most, { value }) => Math.max(most, value), 0);
  const isTested = peakTps !== undefined && readings.length > 0 && highest >= tellingShare * peakTps.high;
  const wasTrouble = troubles.length > 0;
  return reasons.map(({ code }): ReasonScore => {
    if (ofOtherClusters.has(code) || (!wasTrouble && !isTested)) return { code, outcome: 'cannot-be-judged' };
    const isRight = (reasonTable[code].decision === 'go') !== wasTrouble;
    return { code, outcome: isRight ? 'right' : 'wrong' };
  });
}
