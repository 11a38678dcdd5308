// Defines the contract of `plimsoll advise --forecast` and `--cluster`; docs/schema/advise-evidence.schema.json is generated from it.

import { z } from 'zod';
import { Limit } from './analysis.ts';
import { HeadroomPrice } from './headroom-price.ts';
import { amount, positiveCount, share, time } from './values.ts';

const tps = z.number().nonnegative();
const span = z.strictObject({ low: tps, high: tps });
const entry = positiveCount.optional().describe('of the history; absent where it was given');

export const EvidenceOption = z.strictObject({
  kind: z.enum(['natural-peak', 'redline', 'load-test']),
  minutes: amount.describe('time for which the load of the cluster changes; 0: nothing is done'),
  reachesTps: tps.describe('highest rate of the cluster that it would prove'),
  from: time
    .optional()
    .describe('start of the peak, or of the first safe window that is long enough; absent if the forecast has none'),
  broker: z.string().optional().describe('of a redline'),
  command: z.string().optional().describe('complete command, ready to run; absent if nothing is to be done'),
  expected: span
    .optional()
    .describe('interval of the safe maximum, if the estimate stays; absent if there is no estimate yet'),
  decides: z.boolean().optional().describe('whether that interval is entirely above or below the needed rate'),
});
export type EvidenceOption = z.infer<typeof EvidenceOption>;

export const EvidenceAdvice = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.literal('evidence-advice'),
  cluster: z.string().optional(),
  state: z
    .enum(['enough', 'not-enough', 'undecided'])
    .describe('not-enough: the whole interval is below the needed rate, so no measurement helps'),
  gap: z
    .enum(['no-forecast', 'no-interval', 'no-catch-up'])
    .optional()
    .describe(
      'why it is not shown that the capacity is enough: no-forecast: some of its horizon has none, as of a promotion that the history does not know; no-interval: the time of its peak was measured in one promotion only; no-catch-up: the safe maximum while a lost broker catches up is unknown',
    ),
  peak: z
    .strictObject({ at: time, tps, high: tps.describe('90% quantile'), entry })
    .describe('the highest load that is judged: of the whole forecast while its time lies ahead'),
  safe: z
    .strictObject({
      tps: tps.describe('as stated in the verdict'),
      interval: span.partial({ high: true }).optional(),
      lost: z
        .strictObject({ kind: z.enum(['broker', 'zone']), id: z.string() })
        .optional()
        .describe('loss to survive'),
      duringCatchUp: z
        .literal(true)
        .optional()
        .describe('the safe maximum is that after the return, while the missing messages are copied'),
      limitedBy: Limit.optional(),
      entry,
    })
    .describe('messages per second'),
  neededTps: tps.describe('safe maximum that the forecast would exceed with the accepted risk'),
  probability: share.describe('probability that the forecast peak exceeds the safe maximum'),
  risk: share.describe('highest accepted'),
  ceiling: z
    .strictObject({
      tps: tps.describe('rate at which throughput stopped growing'),
      decidedBy: z.string().describe('the measurement that shows why'),
    })
    .optional()
    .describe('below the needed rate, for an unknown reason'),
  options: z.array(EvidenceOption).describe('measurements for an undecided cluster: deciding ones first, then by cost'),
  headroomPrice: HeadroomPrice.optional().describe('with --cluster: cost of the reserves'),
});
export type EvidenceAdvice = z.infer<typeof EvidenceAdvice>;
