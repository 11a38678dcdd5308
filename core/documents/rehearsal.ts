// Defines the contract of `plimsoll rehearse --json`, the rehearsal data in a run bundle, and a recorded promotion.

import { z } from 'zod';
import { Limit, Percentiles, StepVerdict } from './analysis.ts';
import { amount, count, ofKind, positive, positiveCount, time } from './values.ts';

export const rehearsalSchemaVersion = 1;

const tps = amount.describe('messages per second');
const name = z.string().min(1).max(300);

/** Promotion data from Prometheus: rates of topics over equal intervals, and the reader. */
export const PromotionHistory = z
  .strictObject({
    schemaVersion: z.literal(rehearsalSchemaVersion),
    kind: z.literal('promotion-history'),
    promotion: name,
    cluster: name,
    source: z.string().describe('where it was read'),
    from: time,
    intervalSeconds: positive.max(86_400),
    topics: z
      .array(
        z.strictObject({
          name,
          rates: z
            .array(amount.max(1e9))
            .min(2)
            .max(11_000)
            .describe('produced messages per second, one for each interval'),
          groups: z.array(name).max(1000).describe('consumer groups that read it'),
        }),
      )
      .min(1)
      .max(100),
    leftOut: z
      .strictObject({ topics: z.number().int(), share: z.number() })
      .optional()
      .describe('topics with little traffic'),
    notes: z.array(z.string()),
  })
  .refine(
    ({ topics }) => new Set(topics.map(({ rates }) => rates.length)).size === 1,
    'topics have unequal numbers of rates',
  )
  .refine(({ topics }) => topics.some(({ rates }) => rates.some((rate) => rate > 0)), 'every rate is 0');
export type PromotionHistory = z.infer<typeof PromotionHistory>;

/** A moment of the rehearsal, and the corresponding moment of the promotion. */
const moment = {
  step: count.describe('counted from 0'),
  rehearsalSeconds: amount.describe('since the first step began'),
  promotionMinutes: amount.describe('since the promotion began'),
};

const FailureCause = z.enum(['resource', 'consumer-lag', 'broker-stopped', 'slo', 'unexplained']);

const Failure = {
  kind: z.literal('failure'),
  ...moment,
  cause: FailureCause,
  limit: Limit.optional().describe('absent: no measured limit explains it'),
  targetTps: tps,
  evidence: z.array(z.strictObject({ name: z.string(), value: z.number(), unit: z.string(), source: z.string() })),
};

export const PredictedFailure = z.discriminatedUnion('kind', [
  z.strictObject({
    ...Failure,
    alike: z.array(Limit).describe('limits that are reached at the same time (within 5%), including this one'),
    minutesOutside: amount.describe('minutes of the promotion that would fail'),
  }),
  ofKind('none', {}),
  ofKind('unknown', { missing: z.array(z.string()) }),
]);
export type PredictedFailure = z.infer<typeof PredictedFailure>;

const SeenFailure = z.discriminatedUnion('kind', [
  z.strictObject({ ...Failure, achievedTps: tps }),
  ofKind('none', {}),
  ofKind('unknown', { reason: z.string() }),
]);
export type SeenFailure = z.infer<typeof SeenFailure>;

const BrokerStop = z.strictObject({
  broker: z.string(),
  ...moment,
  lastsSeconds: positive,
});
export type BrokerStop = z.infer<typeof BrokerStop>;

/** In run.json: marks the run as a rehearsal, and names the promotion. */
export const RehearsalStamp = z.strictObject({
  promotion: name,
  history: z.strictObject({ promotion: name, from: time, to: time, source: z.string() }),
  scale: positive,
  compress: positive,
  stepSeconds: positive,
  topics: z.array(z.strictObject({ name, shadow: z.string() })).optional(),
  stop: BrokerStop.optional(),
  predicted: PredictedFailure,
});
export type RehearsalStamp = z.infer<typeof RehearsalStamp>;

const RehearsedStep = z.strictObject({
  promotionMinutes: amount,
  targetTps: tps,
  achievedTps: tps,
  verdict: StepVerdict,
  violated: z.array(Limit).describe('violated SLOs'),
  isOutside: z.boolean().describe('whether the step failed'),
  latencySeconds: Percentiles.optional(),
});

export const RehearsalDocument = z
  .strictObject({
    schemaVersion: z.literal(rehearsalSchemaVersion),
    kind: z.literal('rehearsal'),
    status: z.enum(['planned', 'done']),
    cluster: z.string(),
    promotion: name,
    history: RehearsalStamp.shape.history.extend({
      intervalSeconds: positive,
      peakTps: tps,
      notes: z.array(z.string()),
    }),
    scale: z.strictObject({
      factor: positive,
      basis: z.enum(['forecast', 'peak', 'given', 'as-it-was']),
    }),
    compress: positive.describe('speed compared with the promotion'),
    durationSeconds: positive,
    stepSeconds: positive,
    peak: z.strictObject({ ...moment, tps }),
    topics: z.array(
      z.strictObject({
        name,
        shadow: positiveCount.describe('suffix of the name of the shadow topic'),
        peakTps: tps,
        messageBytes: positive,
        groups: z.array(z.string()),
      }),
    ),
    groups: z.array(
      z.strictObject({
        name,
        processingSeconds: positive.optional().describe('time per message; absent: as fast as possible'),
      }),
    ),
    stop: BrokerStop.optional(),
    predicted: PredictedFailure,
    approximations: z.array(z.string()),
    notShown: z.array(z.string()).describe('limitations of this rehearsal'),
    problems: z.array(z.string()).optional().describe('why --execute would be refused now'),
    result: z
      .strictObject({
        bundle: z.string(),
        seen: SeenFailure,
        agrees: z
          .strictObject({
            limit: z.boolean().describe('whether the predicted and the observed limit are the same'),
            stepsApart: z.number().int().optional(),
          })
          .optional()
          .describe('absent if one of them is unknown'),
        minutesOutside: amount.describe('minutes of the promotion that failed'),
        stoppedAtSeconds: amount.optional().describe('when the broker was stopped, since the first step began'),
        steps: z.array(RehearsedStep),
        topics: z.array(z.strictObject({ name, targetMessages: z.number(), acknowledgedMessages: z.number() })),
        proof: z
          .discriminatedUnion('kind', [
            ofKind('proof', { tps, seconds: z.number() }),
            ofKind('none', { reason: z.string() }),
          ])
          .describe('whether `plimsoll report` accepts the run as evidence for GO'),
      })
      .optional(),
  })
  .describe('Plan or result of `plimsoll rehearse`.');
export type RehearsalDocument = z.infer<typeof RehearsalDocument>;
