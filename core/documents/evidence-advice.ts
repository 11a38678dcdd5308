// Defines the contract of `plimsoll advise --forecast` and `--cluster`; docs/schema/advise-evidence.schema.json is generated from it.

import { z } from 'zod';
import { Limit } from './analysis.ts';
import { HeadroomPrice } from './headroom-price.ts';

const time = z.iso.datetime();
const tps = z.number().nonnegative();
const span = z.strictObject({ low: tps, high: tps });
const entry = z.number().int().positive().optional().describe('of the history; absent where it was given');

export const EvidenceOption = z.strictObject({
  kind: z.enum(['natural-peak', 'redline', 'load-test']),
  minutes: z.number().nonnegative().describe('for which the load of the cluster is changed; 0: nothing is done'),
  reachesTps: tps.describe('highest rate of the cluster that it gives evidence of'),
  from: time
    .optional()
    .describe('of the peak, or of the first safe window that is long enough; absent: there is none in the forecast'),
  broker: z.string().optional().describe('of a redline'),
  command: z.string().optional().describe('to run as it stands; absent where nothing is done'),
  expected: span.optional().describe('the safe maximum, if the estimate stays; absent where there is no estimate yet'),
  decides: z.boolean().optional().describe('whether that interval is on one side of what is needed'),
});
export type EvidenceOption = z.infer<typeof EvidenceOption>;

export const EvidenceAdvice = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.literal('evidence-advice'),
  cluster: z.string().optional(),
  state: z
    .enum(['enough', 'not-enough', 'undecided'])
    .describe('not-enough: the whole interval lies below what is needed, so no measurement helps'),
  peak: z.strictObject({ at: time, tps, high: tps.describe('90% quantile'), entry }).describe('highest forecast'),
  safe: z
    .strictObject({
      tps: tps.describe('as the verdict states it'),
      interval: span.partial({ high: true }).optional(),
      lost: z
        .strictObject({ kind: z.enum(['broker', 'zone']), id: z.string() })
        .optional()
        .describe('what may be down'),
      limitedBy: Limit.optional(),
      entry,
    })
    .describe('messages per second'),
  neededTps: tps.describe('safe maximum, known exactly, that the forecast exceeds with the accepted risk'),
  probability: z.number().min(0).max(1).describe('that the forecast peak exceeds the safe maximum'),
  risk: z.number().min(0).max(1).describe('highest accepted'),
  options: z.array(EvidenceOption).describe('of an undecided cluster: those that decide first, the cheapest first'),
  headroomPrice: HeadroomPrice.optional().describe('with --cluster: what the reserves cost'),
});
export type EvidenceAdvice = z.infer<typeof EvidenceAdvice>;
