// Defines how a predicted safe maximum after a loss compares with a load test without those brokers.

import { z } from 'zod';
import { amount, ofKind, share } from './values.ts';

const Estimate = z.strictObject({
  estimateTps: amount,
  interval: z.strictObject({
    low: amount,
    high: amount.optional(),
    confidence: share,
  }),
});

export const LossGrade = z.discriminatedUnion('kind', [
  ofKind('graded', {
    lost: z.string(),
    predicted: Estimate,
    measured: Estimate,
    error: z.number().describe('predicted / measured - 1'),
    isCovered: z.boolean().describe('whether the measured estimate lies in the predicted interval'),
  }),
  ofKind('not-graded', { lost: z.string(), reason: z.string() }),
]);
export type LossGrade = z.infer<typeof LossGrade>;
