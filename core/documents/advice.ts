// Defines the contract of `plimsoll advise --json`; docs/schema/advise.schema.json is generated from it.

import { z } from 'zod';
import { SafeMaxTps } from './analysis.ts';

export const AdviceDocument = z.strictObject({
  schemaVersion: z.literal(2),
  run: z.string(),
  safeMaxTps: SafeMaxTps,
  advice: z.array(
    z.strictObject({
      kind: z.enum([
        'settle-doubt',
        'read-host',
        'drive-past',
        'more-generator',
        'confirm',
        'step',
        'repeat',
        'longer',
        'another-size',
      ]),
      text: z.string(),
      command: z.string().optional().describe('complete command, ready to run'),
      expected: z
        .strictObject({ before: z.number(), after: z.number() })
        .optional()
        .describe('width of the interval of the safe maximum, divided by the estimate'),
    }),
  ),
});
export type AdviceDocument = z.infer<typeof AdviceDocument>;
