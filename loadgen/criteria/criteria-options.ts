// Which limits must a rate keep to pass? The `criteria` of a workload file, and what they are where it says nothing.

import { z } from 'zod';
import { Duration, Share } from '../../core/quantity.ts';
import { ratio, seconds, type Ratio, type Seconds } from '../../core/units.ts';
import type { SearchKind } from '../search/search-options.ts';
import { NoneOrShare, TimeLimit } from './limit-quantities.ts';

/** Keys of `hosts`: what can be too busy on the machine of a broker. */
export const hostCriteria = ['cpu', 'iowait', 'disk-io', 'network-in', 'network-out', 'memory'] as const;
export type HostCriterion = (typeof hostCriteria)[number];

export const CriteriaOptions = z
  .strictObject({
    p99: TimeLimit.optional().describe('of the time from the intended moment to the acknowledgement, such as 50ms'),
    p999: TimeLimit.optional().describe('of the same time, 99.9th percentile'),
    endToEndP99: TimeLimit.optional().describe('of the time from the intended moment to the consumer'),
    errors: NoneOrShare.optional().describe('share of messages that may fail (default 0.1%)'),
    achieved: Share.optional().describe('share of the intended rate that must be acknowledged (default 99%)'),
    growth: NoneOrShare.optional().describe(
      'share of the rate by which a backlog or a lag may surely grow (default 0.5%)',
    ),
    drain: Duration.optional().describe('how long consumers may take to catch up after a trial (default 10s)'),
    hosts: z
      .partialRecord(z.enum(hostCriteria), Share)
      .optional()
      .describe(
        "share of each machine's resource that may be in use (find-safe by default: cpu 70%, network 80%, disk 80%; find-max: only what is given)",
      ),
    generatorLag: TimeLimit.optional().describe(
      'p99 of how late the generator itself may send before a failure is put down to it (default 20ms)',
    ),
  })
  .describe('what a rate must keep to pass');
export type CriteriaOptions = z.output<typeof CriteriaOptions>;

/** Every limit that is judged; one that is absent is not. */
export interface Criteria {
  p99?: Seconds;
  p999?: Seconds;
  endToEndP99?: Seconds;
  errors: Ratio;
  achieved: Ratio;
  growth: Ratio;
  drain: Seconds;
  hosts: Readonly<Partial<Record<HostCriterion, Ratio>>>;
  generatorLag: Seconds;
}

const defaults = {
  // As for a step of a load test (core/policy/default.yaml): more is not the noise of one retried connection.
  errors: ratio(0.001),
  // The same policy: the AWS MSK framework ends a list below 0.995 sent/requested; what is in flight at the edges is more.
  achieved: ratio(0.99),
  // A tenth of the width of a search: a rate that grows a backlog by more lies above what is carried for ever.
  growth: ratio(0.005),
  drain: seconds(10),
  // A send leaves one timer tick and one batch late (docs/adr/0005); past 20 ms the pacer itself is behind.
  generatorLag: seconds(0.02),
};

/** Limits of Cruise Control's defaults, as in the policy of the analysis; iowait and memory have none. */
const comfortable: Criteria['hosts'] = {
  cpu: ratio(0.7),
  'disk-io': ratio(0.8),
  'network-in': ratio(0.8),
  'network-out': ratio(0.8),
};

/** `find-max` looks for what breaks first, so a host may be full; `find-safe` stops at the policy. */
export function completeCriteria(options: CriteriaOptions, search: SearchKind): Criteria {
  const said = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return {
    ...defaults,
    ...said,
    hosts: { ...(search === 'find-safe' && comfortable), ...options.hosts },
  };
}
