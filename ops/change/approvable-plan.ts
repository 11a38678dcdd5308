// Defines the plan of a change that a second person approves, and its digest.

import { createHash } from 'node:crypto';
import { z } from 'zod';

/** Contains the changes and no measurements, so planning again in the same cluster produces the same plan. */
export const ApprovablePlan = z.strictObject({
  schemaVersion: z.literal(1),
  cluster: z.string().describe('name of the cluster in the config of the planner'),
  clusterId: z.string().describe('cluster id or name that its brokers report'),
  change: z.string(),
  subject: z.string(),
  steps: z.array(z.string()).min(1).describe('what is done, as text'),
  stepsZh: z.array(z.string()).optional().describe('the same in Chinese'),
  exact: z.json().describe('what is done, in the values that are sent'),
});
export type ApprovablePlan = z.infer<typeof ApprovablePlan>;

/** Returns one text per value: sorted keys, no whitespace, no undefined fields. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((each) => canonicalJson(each ?? null)).join(',')}]`;
  if (typeof value === 'bigint') return JSON.stringify(String(value));
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonicalJson(each)}`).join(',')}}`;
}

/** Excludes the cluster's name, because each operator may name it differently in the config. */
export function planDigest(plan: ApprovablePlan): string {
  const text = canonicalJson({ ...plan, cluster: undefined });
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
