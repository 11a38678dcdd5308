// Defines the limits that a rate must meet to pass: `criteria` of a workload file, completed from the policy.

import { z } from 'zod';
import { hostCriteria } from '../../../core/limit-judge.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import { Duration, Share } from '../../../core/text/quantity.ts';
import { ratio } from '../../../core/units.ts';
import { seconds } from '../../../core/clock.ts';
import type { SearchKind } from '../search-options.ts';
import { NoneOrShare, TimeLimit } from './limit-quantities.ts';
import { defined } from '../../../core/defined.ts';

export const CriteriaOptions = z
  .strictObject({
    p99: TimeLimit.optional().describe(
      '99th percentile of the time from when a message is due to its acknowledgement, such as 50ms',
    ),
    p999: TimeLimit.optional().describe('99.9th percentile of the same time'),
    endToEndP99: TimeLimit.optional().describe(
      '99th percentile of the time from when a message is due to its consumption',
    ),
    errors: NoneOrShare.optional().describe('share of messages that may fail (default 0.1%)'),
    achieved: Share.optional().describe('share of the intended rate that must be acknowledged (default 99%)'),
    growth: NoneOrShare.optional().describe('highest growth of backlog or lag, as a share of the rate (default 0.5%)'),
    drain: Duration.optional().describe('how long consumers may take to catch up after a trial (default 10s)'),
    hosts: z
      .partialRecord(z.enum(hostCriteria), Share)
      .optional()
      .describe(
        "share of each host's resource that may be in use, as p99 of one-second samples (find-safe by default: the limits of `analyzer.policy`; find-max: only what is given)",
      ),
    generatorLag: TimeLimit.optional().describe(
      'p99 send delay of the load generator above which a failure counts as its own (default 20ms)',
    ),
  })
  .describe('criteria that a rate must meet to pass');
export type CriteriaOptions = z.output<typeof CriteriaOptions>;

/** Every judged limit, as stored in run.json; absent limits are not judged. */
export const Criteria = CriteriaOptions.extend({
  errors: NoneOrShare,
  achieved: Share,
  growth: NoneOrShare,
  drain: Duration,
  hosts: z.partialRecord(z.enum(hostCriteria), Share),
  generatorLag: TimeLimit,
  /** Utilization of the generator's CPU or link at which the generator counts as the limit. */
  generatorHosts: z.partialRecord(z.enum(hostCriteria), Share),
  /** Maximum wait of a message for its transaction to commit; absent without transactions. */
  transaction: Duration.optional(),
  /** Whether a limit inside brokers or their configuration fails a trial, or only explains a failure. */
  reachedLimit: z.enum(['fails', 'explains']),
});
export type Criteria = z.output<typeof Criteria>;

/** Part of the policy that applies to a search. */
export type SearchPolicy = Pick<Policy, 'limits' | 'step' | 'generator' | 'saturation'>;

const drain = seconds(10);

/** The policy has no limit for iowait, and its limit for memory depends on write-back, which a short trial does not show. */
const limited = ['cpu', 'disk-io', 'network-in', 'network-out'] as const;

/**
 * `find-max` looks for the first limit, so a host may be saturated; `find-safe` stops at the policy.
 *
 * @param policy with values of the config file
 */
export function completeCriteria(
  options: CriteriaOptions,
  search: SearchKind,
  { limits, step, generator, saturation }: SearchPolicy,
): Criteria {
  const safe = Object.fromEntries(limited.map((resource) => [resource, ratio(limits[resource].value)]));
  const fullCard = ratio(generator.network.value);
  return {
    errors: ratio(step.failedShare.value),
    achieved: ratio(step.achievedShare.value),
    growth: ratio(step.leastGrowthShare.value),
    drain,
    generatorLag: seconds(generator.sendDelaySeconds.value),
    generatorHosts: {
      cpu: ratio(saturation.cpu.value),
      'disk-io': ratio(saturation.disk.value),
      'network-in': fullCard,
      'network-out': fullCard,
    },
    reachedLimit: search === 'find-safe' ? 'fails' : 'explains',
    ...defined(options),
    hosts: { ...(search === 'find-safe' && safe), ...options.hosts },
  };
}
