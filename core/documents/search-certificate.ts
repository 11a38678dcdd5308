// Defines the evidence of a rate search: the certificate in result.json and its trials.

import { z } from 'zod';
import { constraintNames, symptomNames, type Symptom } from '../resource.ts';
import type { Pair } from '../text/bilingual.ts';
import { amount, count, ofKind, positive, share } from './values.ts';

const tps = positive.describe('produced messages per second of the cluster');
const achievedTps = amount.describe('acknowledged messages per second');

/** Subject of a criterion. */
export const Violation = z.discriminatedUnion('kind', [
  ofKind('slo', { slo: z.enum(symptomNames) }),
  ofKind('group-lag', { group: z.string() }),
  ofKind('host', { resource: z.enum([...constraintNames, 'iowait']), host: z.string() }),
  ofKind('limit', {}).describe('the limit in limitedBy'),
  ofKind('guard', {}).describe('the guard ended the trial'),
]);
export type Violation = z.infer<typeof Violation>;

const breach = {
  criterion: z.string().describe('violated criterion, such as `p99` or `network-out of broker-1`'),
  violated: Violation.describe('facts of the criterion'),
  measured: z.number(),
  limit: z.number(),
  unit: z.enum(['s', 'ratio']).optional().describe('of measured and limit'),
  limitedBy: z
    .strictObject({ resource: z.enum(constraintNames), node: z.string() })
    .optional()
    .describe('limit that explains it, if metrics of brokers, hosts or clients show one'),
  detail: z.string().optional().describe('measured value of that limit, such as `throttled 34% of the time`'),
};

const full = z
  .array(
    z.strictObject({
      resource: z.string(),
      host: z.string(),
      utilisation: amount.describe('mean over the trial, of its capacity'),
    }),
  )
  .optional()
  .describe('resources with at least 90% utilization in the trial, highest first: possible causes');

export const trialPurposes = {
  rise: ['rise', '上升'],
  gallop: ['gallop', '倍增'],
  bisect: ['bisect', '二分'],
  verify: ['verify', '复核'],
  confirm: ['confirm', '确认'],
  soak: ['soak', '长压'],
} as const satisfies Record<string, Pair>;

export const SearchTrial = z.strictObject({
  targetTps: tps,
  durationSeconds: positive,
  purpose: z.enum(Object.keys(trialPurposes) as (keyof typeof trialPurposes)[]),
  outcome: z.discriminatedUnion('kind', [
    ofKind('passed', { achievedTps }),
    ofKind('failed', {
      ...breach,
      achievedTps,
      also: z.array(z.string()).optional().describe('further violated criteria'),
      full,
    }),
    ofKind('excluded', { reason: z.string() }).describe(
      'limit of the generator: the trial is repeated and not evaluated',
    ),
  ]),
});
export type SearchTrial = z.infer<typeof SearchTrial>;

const searchEndings = [
  'bounds-met',
  'highest-rate-held',
  'generator-limited',
  'nothing-passed',
  'most-trials',
] as const;
export type SearchEnding = (typeof searchEndings)[number];

export const SearchCertificate = z.strictObject({
  search: z.enum(['find-safe', 'find-max']),
  endedBecause: z.enum(searchEndings),
  lowerBound: z
    .strictObject({
      tps,
      conditionalTps: achievedTps.describe(
        'rate achieved in at least half of the deciding trials at this rate (conditional throughput, RFC draft MLRsearch)',
      ),
      passed: count.describe('deciding trials at this rate that passed'),
      failed: count.describe('deciding trials at this rate that failed'),
      durationSeconds: positive.describe('of a deciding trial'),
    })
    .optional()
    .describe('highest rate that was sustained for long enough'),
  upperBounds: z
    .array(
      z.strictObject({
        tps,
        ...breach,
        failed: count.describe('trials at this rate that failed'),
        passed: count.describe('trials at this rate that passed'),
        full,
      }),
    )
    .describe('rejected rates, lowest first; absent without any: then the lower bound is an at-least'),
  confidence: z
    .strictObject({
      lowerBound: share.optional(),
      upperBound: share.optional(),
      spuriousFailureRatio: share.describe('share of failed trials at rates not above the lower bound'),
    })
    .optional()
    .describe('probability that a bound is true, if trials are independent'),
  trials: z.array(SearchTrial),
  driveSeconds: amount.describe('of all trials, without the time between them'),
});
export type SearchCertificate = z.infer<typeof SearchCertificate>;

/** Criteria of latencies, errors and throughput, by the symptom that each shows. */
export const sloCriteria = {
  p99: 'publish-latency',
  'p99.9': 'publish-latency',
  achieved: 'publish-latency',
  'backlog growth': 'publish-latency',
  errors: 'send-errors',
  drain: 'consumer-lag',
  'end-to-end p99': 'consumer-lag',
} as const satisfies Record<string, Symptom>;
export type SloCriterion = keyof typeof sloCriteria;
