// Defines the contract of `plimsoll review --json`, the review of predictions after a promotion;
// docs/schema/promotion-review.schema.json is generated from it.

import { z } from 'zod';
import { reasonCodes } from './reasons/go-reasons.ts';
import { actionKinds } from '../prepared-action.ts';
import { count, positive, time } from './values.ts';

export const promotionReviewSchemaVersion = 1;

const Moment = z.iso.datetime({ offset: true });
const Span = { from: Moment, to: Moment };

/** Events that no metric shows, recorded by people: the file of `plimsoll review --events FILE`. */
export const PromotionLog = z.strictObject({
  troubles: z
    .array(z.strictObject({ domain: z.string().optional(), ...Span, what: z.string().min(1) }))
    .max(1000)
    .default([])
    .describe('effect on users or consumers; without a domain it concerns all'),
  alerts: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        severity: z.enum(['critical', 'warning', 'info']),
        domain: z.string().optional(),
        ...Span,
      }),
    )
    .max(10_000)
    .default([]),
  levers: z
    .array(
      z.strictObject({
        domain: z.string(),
        lever: z.enum(actionKinds),
        at: Moment,
        predictedTps: positive.optional().describe('predicted gain, as shown on the event page'),
      }),
    )
    .max(1000)
    .default([]),
});
export type PromotionLog = z.output<typeof PromotionLog>;

const tps = z.number().nonnegative();
const Predicted = z.strictObject({ low: tps, mid: tps.optional(), high: tps.optional() });

const ForecastScore = z.strictObject({
  predicted: Predicted,
  actualTps: tps,
  at: time,
  error: z.number().describe('actual / median of the prediction - 1; positive if higher than predicted'),
  held: z
    .boolean()
    .optional()
    .describe('whether the peak is within the interval; absent for a prediction without an interval'),
});

export const safeMaxOutcomes = ['held', 'promised-too-much', 'promised-too-little', 'not-tested'] as const;
const SafeMaxScore = z.strictObject({
  predicted: Predicted,
  outcome: z.enum(safeMaxOutcomes).describe('not-tested: no incident, and the load never reached 80% of the lower end'),
  calmTps: tps.optional().describe('highest rate without an incident'),
  strainedTps: tps.optional().describe('highest rate during an incident; of several incidents the lowest'),
});

export const reasonOutcomes = ['right', 'wrong', 'unproven', 'cannot-be-judged'] as const;
export const ReasonScore = z.strictObject({
  code: z.enum(reasonCodes),
  outcome: z
    .enum(reasonOutcomes)
    .describe(
      'right: after a reason against GO there was an incident; after GO there was none although the load came near the peak; wrong: the opposite, for GO and for limits; unproven: a proof was missing, and there was no incident',
    ),
});
export type ReasonScore = z.infer<typeof ReasonScore>;

export const ReviewedDomain = z.strictObject({
  domain: z.string(),
  decision: z.enum(['go', 'conditions', 'no-go']),
  decisionHeld: z
    .boolean()
    .optional()
    .describe(
      'go: no incident; no-go: an incident; without one absent if the peak was lower than expected, or if NO-GO states no limit below it; always absent if incidents are unknown',
    ),
  reasons: z
    .array(ReasonScore)
    .optional()
    .describe('score of the decision; absent in older reviews, and if incidents are unknown'),
  readings: count,
  forecast: ForecastScore.optional().describe('absent without a prediction or without readings'),
  safeMax: SafeMaxScore.optional(),
});
export type ReviewedDomain = z.infer<typeof ReviewedDomain>;

export const AlertScore = z.strictObject({
  episodes: z
    .array(
      z.strictObject({
        domain: z.string(),
        ...Span,
        what: z.string(),
        pagedBy: z.string().optional(),
        leadSeconds: z
          .number()
          .optional()
          .describe('from the page to the start of the episode; negative if the page came later'),
      }),
    )
    .describe('load above the safe maximum, and recorded incidents'),
  pages: count,
  caught: count.describe('episodes with a page before or during them'),
  missed: count,
  falsePages: z.array(z.string()).describe('critical alerts without an incident'),
  withoutLimit: z
    .array(z.string())
    .optional()
    .describe('domains whose load is not evaluated, because no limit is known'),
});
export type AlertScore = z.infer<typeof AlertScore>;

export const actionOutcomes = ['gained', 'less-than-said', 'not-needed', 'unknown'] as const;
export const ActionScore = z.strictObject({
  domain: z.string(),
  lever: z.enum(actionKinds),
  at: Moment,
  predictedTps: positive.optional(),
  loadChangeTps: z.number().optional().describe('mean of the 15 minutes after minus that of the 15 minutes before'),
  outcome: z
    .enum(actionOutcomes)
    .describe(
      'gained: the incident ended within 15 minutes, or, for a quota, the load fell by at least half of the prediction',
    ),
});
export type ActionScore = z.infer<typeof ActionScore>;

export const PromotionReview = z.strictObject({
  schemaVersion: z.literal(promotionReviewSchemaVersion),
  promotion: z.strictObject({ name: z.string(), from: time, to: time }),
  report: z.strictObject({ asOf: z.string(), sha256: z.string() }),
  domains: z.array(ReviewedDomain),
  alerts: AlertScore.optional().describe('absent if incidents and alerts are unknown'),
  levers: z.array(ActionScore),
  grades: z
    .strictObject({ graded: count, held: count })
    .optional()
    .describe('predictions in the history that the service compared with measurements in this period'),
  held: z.strictObject({ graded: count, held: count }).describe('forecasts and safe maxima that were put to the test'),
});
export type PromotionReview = z.infer<typeof PromotionReview>;
