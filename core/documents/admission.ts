// Defines the contract of `plimsoll admit --json`: the answer, and each check per cluster; docs/schema/admission.schema.json is generated from it.

import { z } from 'zod';
import { planLimits } from './cluster-plan.ts';

export const admissionSchemaVersion = 1;

export const AdmissionDocument = z.strictObject({
  schemaVersion: z.literal(admissionSchemaVersion),
  kind: z.enum(['admitted', 'refused']),
  topic: z.string(),
  domain: z.string(),
  cluster: z.string().optional().describe('cluster that can take it, with the most headroom left'),
  reason: z.string().optional().describe('why no cluster can take it'),
  plannedPeakTps: z.number().describe('peak of the topic, with the growth and promotion factors of its domain'),
  clusters: z.array(
    z.strictObject({
      cluster: z.string(),
      admits: z.boolean(),
      checks: z.array(
        z.strictObject({
          name: z.enum([...planLimits, 'daily-share', 'brokers']),
          unit: z.string(),
          now: z
            .number()
            .describe(
              'of one broker, at the planned peak, after the worst loss that the plan covers; `brokers`: number that `size` plans; ' +
                'absent if the domains file lacks a measurement of the setup, or a domain of the plan',
            ),
          after: z.number().describe('with the topic'),
          limit: z.number(),
          passed: z.boolean(),
          source: z.string(),
          beyondQueue: z
            .literal(true)
            .optional()
            .describe('no number of brokers is enough: one broker accepts all messages of a global order'),
        }),
      ),
    }),
  ),
});
export type AdmissionDocument = z.infer<typeof AdmissionDocument>;
