// Defines one line of an explained verdict.

import { z } from 'zod';

/** One link of the chain from samples to verdict: what was computed, how, and from which lines. */
export const ExplainedFigure = z.strictObject({
  id: z.string(),
  name: z.string(),
  value: z.union([z.number(), z.string()]),
  unit: z.string(),
  formula: z.string().optional(),
  from: z.array(z.string()).describe('ids of the values it was computed from; empty for a sample'),
  source: z.string().describe('source of the sample, or publication of the formula or limit'),
});
export type ExplainedFigure = z.infer<typeof ExplainedFigure>;
