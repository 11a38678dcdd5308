// Defines how well a predicted safe maximum after a loss matched a load test of the cluster that lost those brokers.

import { z } from 'zod';

const Estimate = z.strictObject({
  estimateTps: z.number().nonnegative(),
  interval: z.strictObject({
    low: z.number().nonnegative(),
    high: z.number().nonnegative().optional(),
    confidence: z.number().min(0).max(1),
  }),
});

export const LossGrade = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('graded'),
    lost: z.string(),
    predicted: Estimate,
    measured: Estimate,
    error: z.number().describe('predicted / measured - 1'),
    isCovered: z.boolean().describe('whether the measured estimate lies in the predicted interval'),
  }),
  z.strictObject({ kind: z.literal('not-graded'), lost: z.string(), reason: z.string() }),
]);
export type LossGrade = z.infer<typeof LossGrade>;
