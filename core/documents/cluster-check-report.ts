// Defines the output of `plimsoll cluster check --json`, which a load test also stores as preflight.json.

import { z } from 'zod';
import { brokerKinds } from '../cluster.ts';
import { count, time } from './values.ts';

export const clusterCheckSchemaVersion = 1;

export const ClusterCheckFinding = z.strictObject({
  rule: z.string(),
  area: z.string().describe('os, jvm, kafka, rocketmq, topics or clients'),
  severity: z.enum(['critical', 'warning', 'info']),
  on: z.enum(['host', 'broker', 'topic', 'group', 'cluster']),
  subject: z.string().describe('name of the host, id of the broker, name of the topic, group or cluster'),
  fact: z.string(),
  found: z.union([z.string(), z.number(), z.boolean()]),
  where: z.string().describe('value and its source'),
  wanted: z.string(),
  reason: z.string(),
  sources: z.array(z.strictObject({ document: z.string(), says: z.string() })),
  conflict: z.string().optional().describe('conflicting sources, and the accepted value'),
  fix: z.string(),
  cost: z.string().optional().describe('measured effect on the safe maximum, if known'),
  waiver: z
    .strictObject({ reason: z.string(), until: z.iso.date().optional() })
    .optional()
    .describe('waiver of the finding'),
});
export type ClusterCheckFinding = z.infer<typeof ClusterCheckFinding>;

const Unjudged = z.strictObject({
  rule: z.string(),
  on: z.enum(['host', 'broker', 'topic', 'group', 'cluster']),
  subjects: z.array(z.string()),
  reason: z.string(),
});

export const ClusterCheckReport = z.strictObject({
  schemaVersion: z.literal(clusterCheckSchemaVersion),
  cluster: z.string(),
  broker: z.enum(brokerKinds),
  at: time,
  read: z.strictObject({ hosts: z.array(z.string()), brokers: z.array(z.string()), topics: count, groups: count }),
  counts: z.strictObject({
    rules: count,
    kept: count,
    critical: count.describe('not waived; the next two as well'),
    warning: count,
    info: count,
    waived: count,
    notApplicable: count,
    unread: count,
  }),
  findings: z.array(ClusterCheckFinding).describe('most severe first'),
  notApplicable: z.array(Unjudged),
  unread: z.array(Unjudged).describe('rules that could not be checked, with the reason'),
  waivers: z.strictObject({
    expired: z.array(z.strictObject({ rule: z.string(), until: z.iso.date(), reason: z.string() })),
    unused: z.array(z.string()).describe('rules of waivers without a finding'),
  }),
  notices: z.array(z.string()),
});
export type ClusterCheckReport = z.infer<typeof ClusterCheckReport>;
