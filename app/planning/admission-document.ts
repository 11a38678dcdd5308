// Defines the document of `plimsoll admit --json`: the answer, and each check per cluster.

import { z } from 'zod';
import type { Admission } from '../../analyzer/planning/admission/admit-topic.ts';
import type { TopicRequest } from '../../analyzer/planning/admission/topic-request.ts';
import { planLimits } from '../../core/documents/cluster-plan.ts';

const schemaVersion = 1;

export const AdmissionDocument = z.strictObject({
  schemaVersion: z.literal(schemaVersion),
  kind: z.enum(['admitted', 'refused']),
  topic: z.string(),
  domain: z.string(),
  cluster: z.string().optional().describe('that can take it, with the most room left'),
  reason: z.string().optional().describe('why none can'),
  plannedPeakTps: z.number().describe('of the topic, grown and promoted as its domain is'),
  clusters: z.array(
    z.strictObject({
      cluster: z.string(),
      admits: z.boolean(),
      checks: z.array(
        z.strictObject({
          name: z.enum([...planLimits, 'daily-share']),
          unit: z.string(),
          now: z.number().describe('of one broker, at the planned peak, after the worst loss that the plan stands'),
          after: z.number().describe('with the topic'),
          limit: z.number(),
          passed: z.boolean(),
          source: z.string(),
        }),
      ),
    }),
  ),
});

export function admissionDocument(topic: TopicRequest, admission: Admission): z.infer<typeof AdmissionDocument> {
  const { kind, cluster, reason, factor, clusters } = admission;
  return {
    schemaVersion,
    kind,
    topic: topic.topic,
    domain: topic.domain,
    ...(cluster !== undefined && { cluster }),
    ...(reason !== undefined && { reason }),
    plannedPeakTps: topic.peakTps * factor,
    clusters: clusters.map(({ cluster: name, isAdmitted, checks }) => ({
      cluster: name,
      admits: isAdmitted,
      checks: checks.map((check) => ({ ...check, passed: check.after <= check.limit })),
    })),
  };
}
