// Defines the document of `plimsoll scale --json`.

import { z } from 'zod';
import { scalingModels } from '../../analyzer/verdict/fit/laws/fit-scaling.ts';
import { unnamedPeakReasons } from '../../analyzer/verdict/fit/laws/scaling-peak.ts';
import type { Scaling } from '../../analyzer/verdict/fit/laws/scaling.ts';
import type { Inverse } from '../../app/planning/inverse.ts';
import { defined } from '../../core/defined.ts';

const schemaVersion = 1;

const step = { concurrency: z.number(), throughput: z.number().describe('per second, in the unit of the file') };

const FittedScaling = z.strictObject({
  schemaVersion: z.literal(schemaVersion),
  model: z.enum(scalingModels),
  sigma: z.number().describe('share that waits for its turn'),
  kappa: z.number().optional().describe('cost of each pair; usl alone'),
  lambda: z.number().describe('throughput of one'),
  standardErrors: z
    .strictObject({ lambda: z.number(), sigma: z.number().optional(), kappa: z.number().optional() })
    .optional()
    .describe('absent if the parameters cannot be identified'),
  peak: z
    .strictObject({
      ...step,
      interval: z.strictObject({
        low: z.number(),
        high: z.number().optional().describe('absent where throughput may never fall'),
        confidence: z.number(),
        concurrency: z.strictObject({ low: z.number(), high: z.number().optional() }),
      }),
    })
    .optional()
    .describe('absent where no step lost efficiency, or `atLeast` is present'),
  atLeast: z
    .strictObject({ ...step, reason: z.enum(unnamedPeakReasons) })
    .optional()
    .describe(
      'the highest step, where the peak of the law lies beyond the steps or the law does not predict the last of them',
    ),
  knee: z.strictObject(step).optional(),
  r2: z.number(),
  inverse: z
    .strictObject({ concurrency: z.number(), extrapolated: z.literal(true).optional() })
    .optional()
    .describe('of --at-throughput or --at-latency; absent where the law never gets there'),
});

const RefusedScaling = z.strictObject({
  schemaVersion: z.literal(schemaVersion),
  refused: z.strictObject({ code: z.enum(['too-few-points', 'one-concurrency', 'no-law']), message: z.string() }),
});

export const ScalingDocument = z.union([FittedScaling, RefusedScaling]);

export function scalingDocument(scaling: Scaling, inverse: Inverse | undefined): object {
  if (scaling.kind === 'refused') {
    return { schemaVersion, refused: { code: scaling.code, message: scaling.message } };
  }
  const { model, law, standardErrors, peak, atLeast, knee, r2 } = scaling;
  return {
    schemaVersion,
    model,
    sigma: law.sigma,
    ...(model === 'usl' && { kappa: law.kappa }),
    lambda: law.lambda,
    ...defined({ standardErrors, peak, atLeast, knee }),
    r2,
    ...(inverse?.concurrency !== undefined && {
      inverse: { concurrency: inverse.concurrency, ...(inverse.isExtrapolated && { extrapolated: true }) },
    }),
  };
}
