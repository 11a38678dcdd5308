// Defines the contract of `plimsoll report --format json`, which holds no translated text;
// docs/schema/capacity-report.schema.json is generated from it.

import { z } from 'zod';
import { Analysis, Finding, GroupCapacity, Limit, RunSource, SafeMaxTps } from './analysis.ts';
import { Reason } from './reasons/go-reasons.ts';
import { Missing } from './reasons/missing.ts';
import { PlanAssumption } from './reasons/plan-assumptions.ts';
import { decisions } from './reasons/reason-entry.ts';
import { BlastRadiusDocument, FailureCell } from './blast-radius.ts';
import { LoadDocument } from './forecast.ts';
import { ReviewedDomain } from './promotion-review.ts';
import { ClusterPlan, Estimate, JudgedProposal, Rejection, ReserveTable } from './cluster-plan.ts';
import { TimeZone } from '../local-moment.ts';
import { amount, positive, positiveCount, share, time } from './values.ts';

export const capacityReportSchemaVersion = 2;

/** Conditions of GO, in display order. */
const conditionNames = [
  'proof',
  'latency',
  'after-loss',
  'catch-up',
  'disk-space',
  'groups',
  'message-size',
  'replication',
  'order',
  'one-cluster',
  'findings',
  'monitoring',
  'drift',
  'lifetime',
] as const;
export type ConditionName = (typeof conditionNames)[number];

const conditionStates = ['holds', 'fails', 'unknown', 'not-required', 'not-checked'] as const;

export const Condition = z.strictObject({
  condition: z.enum(conditionNames),
  state: z.enum(conditionStates).describe('not-checked: only in reports of older versions'),
  basis: z
    .enum(['measured', 'computed', 'estimated'])
    .optional()
    .describe(
      'computed with the model of the load test, at the lower end of its interval; estimated: bytes on disk from the message size',
    ),
  tps: amount.optional().describe('rate that is known to be safe'),
  neededTps: amount.optional().describe('rate that it has to reach'),
  subject: z.string().optional().describe('run, broker, zone, group or setting that decides the condition'),
  missing: z.array(Missing).optional().describe('what would decide a condition that is unknown'),
});
export type Condition = z.infer<typeof Condition>;

export const losses = ['none', 'broker', 'zone'] as const;
export type SurvivedLoss = (typeof losses)[number];

/** A sustained rate, and the cluster that sustained it. */
export const Proof = z.strictObject({
  origin: z.enum(['load-test', 'natural-peak', 'redline']),
  tps: amount,
  seconds: positive,
  endedAt: time.optional(),
  source: z.string().describe('id of the source in this report'),
});
export type Proof = z.infer<typeof Proof>;

export const DomainVerdict = z.strictObject({
  domain: z.string(),
  owners: z.array(z.string()),
  decision: z.enum(decisions),
  reasons: z.array(Reason).describe('most severe first; empty in GO reports before schema version 2'),
  conditions: z.array(Condition).describe('conditions of GO; empty if nothing was measured'),
  survives: z.enum(losses).describe('loss at the peak that the domain has to survive'),
  lostBrokers: z
    .number()
    .int()
    .min(2)
    .optional()
    .describe('brokers that it has to survive losing at the same time, by its plan; absent for one'),
  proof: Proof.optional().describe('highest rate held for the confirmation time'),
  peakTps: Estimate.describe('of the whole domain at the promotion, including growth; 80% interval').optional(),
  shared: z
    .strictObject({
      with: z.array(z.string()).describe('other domains on the same cluster'),
      peakTps: Estimate.describe('sum of their peaks, which the cluster has to carry'),
    })
    .optional(),
  safeMaxTps: SafeMaxTps.optional().describe('of the current cluster of the domain'),
  safeMaxSource: z.string().optional().describe('id of the source of safeMaxTps; absent in reports of older versions'),
  safeTps: amount
    .optional()
    .describe('rate that the peak is compared with: the lower end, or a measured value scaled to the policy limit'),
  headroom: z.number().optional().describe('1 - peak / safe maximum; negative if the safe maximum is too low'),
  limitedBy: Limit.optional(),
  messageBytes: positive.optional().describe('mean size of the messages of the domain, stated or planned'),
  brokersNow: positiveCount.optional(),
  brokersNeeded: positiveCount.optional(),
  probabilityEnough: share
    .optional()
    .describe(
      'probability that the plan carries the peak after the worst loss; absent if it was made for a lower peak, a smaller loss or smaller messages',
    ),
  clusters: z.array(z.string()).describe('of the plan'),
});
export type DomainVerdict = z.infer<typeof DomainVerdict>;

/** A source file of the report. */
export const ReportSource = z.strictObject({
  id: z.string().describe('id that numbers of the report refer to'),
  kind: z.enum(['plan', 'analysis', 'forecast', 'settings', 'blast-radius']),
  name: z.string(),
  domain: z.string().optional(),
  sha256: z.string(),
});
export type ReportSource = z.infer<typeof ReportSource>;

const Evidence = z.strictObject({
  domain: z.string(),
  source: z.string(),
  run: z.string(),
  origin: z.string().optional(),
  broker: z.string().optional().describe('redline: the broker that the steps and resources are of'),
  without: z
    .array(z.string())
    .optional()
    .describe('brokers that were down: the figures are of the cluster without them'),
  ...Analysis.shape.run.pick({ startedAt: true, durationSeconds: true }).shape,
  sources: z.array(RunSource),
  ...Analysis.pick({ testedTps: true, steps: true, resources: true }).shape,
  withoutOne: z.array(z.strictObject({ lost: z.enum(['broker', 'zone']), id: z.string(), tps: z.number() })),
  consumerGroups: z.array(GroupCapacity),
  ...Analysis.pick({ fingerprint: true, explanation: true, findings: true }).shape,
});

const PlannedCluster = z.strictObject({
  ...ClusterPlan.pick({ name: true, broker: true, mode: true, masters: true, replicas: true }).shape,
  domains: z.array(z.string()),
  demand: z
    .array(
      ClusterPlan.shape.domains.element
        .pick({ averageTps: true, messageBytes: true, consumerGroups: true, retentionSeconds: true })
        .extend({ domain: z.string() }),
    )
    .optional()
    .describe('of the shares of its domains'),
  shape: z.string(),
  brokers: positiveCount,
  ...ClusterPlan.shape.promise.omit({ saturationTps: true }).shape,
  ...ClusterPlan.pick({ cost: true, resources: true }).shape,
  margin: ReserveTable.shape.entries,
  marginProduct: z.number(),
  sensitivity: z.array(
    ClusterPlan.shape.sensitivity.element.pick({ input: true, brokersAtLow: true, brokersAtHigh: true }),
  ),
  alternatives: z.array(Rejection),
  assumptions: z.array(z.string()),
  assumptionCauses: z.array(PlanAssumption).describe('facts of the assumptions, in their order'),
  findings: z.array(Finding),
});
export type PlannedCluster = z.infer<typeof PlannedCluster>;

const Failures = BlastRadiusDocument.shape.clusters.element;

/** The worst hour of each failure; the blast-radius file has all hours. */
const WorstFailures = z.strictObject({
  source: z.string(),
  ...BlastRadiusDocument.pick({ world: true, lastsSeconds: true }).shape,
  clusters: z.array(
    Failures.extend({
      failures: z
        .array(
          Failures.shape.failures.element
            .omit({ hours: true })
            .extend({ worst: FailureCell.describe('hour of the worst effect') }),
        )
        .describe('most severe first'),
    }),
  ),
});

const Forecast = z.strictObject({
  domain: z.string(),
  source: z.string(),
  peak: LoadDocument.shape.peak.optional().describe('on the days of the promotion; absent if unknown'),
  backtest: z.strictObject({ coverage: z.number().optional() }).optional(),
  longReadingSeconds: positive
    .optional()
    .describe('time between the readings of its history, where that is longer than the confirmation time'),
});

export const CapacityReport = z.strictObject({
  schemaVersion: z.literal(capacityReportSchemaVersion),
  promotion: z.strictObject({ name: z.string(), from: z.iso.date().optional(), to: z.iso.date().optional() }),
  timezone: TimeZone.optional().describe('zone of its dates; absent: UTC'),
  asOf: z.iso.date().describe('date of the report'),
  expires: z.iso.date().describe('last day to sign it: after it the evidence is too old, or the promotion is over'),
  verdicts: z.array(DomainVerdict).describe('most severe first'),
  changes: z
    .array(
      z.strictObject({
        domain: z.string(),
        what: z.enum(['decision', 'safe-max', 'peak', 'brokers-needed', 'setting']),
        setting: z.string().optional().describe('of OS, JVM, broker or client'),
        before: z.union([z.string(), z.number()]).optional(),
        now: z.union([z.string(), z.number()]).optional(),
      }),
    )
    .optional()
    .describe('changes since an earlier report; absent without one'),
  evidence: z.array(Evidence),
  forecasts: z.array(Forecast),
  clusters: z.array(PlannedCluster),
  judged: z.array(JudgedProposal),
  blastRadius: WorstFailures.optional().describe('effect of each single failure; absent without a simulation'),
  costUnit: z.string().optional(),
  afterwards: z.array(ReviewedDomain).optional().describe('review after the promotion'),
  findings: z.array(Finding),
  sources: z.array(ReportSource),
});
export type CapacityReport = z.infer<typeof CapacityReport>;

/** Also reads reports of schema version 1, which have one reason without figures, and no conditions. */
export const StoredCapacityReport = z.preprocess(upgraded, CapacityReport);

/** GO of version 1 required no proof, so it matches no current reason. */
const withoutSuccessor = 'safe-above-peak';

function upgraded(document: unknown): unknown {
  const { success, data } = FirstVersion.safeParse(document);
  if (!success) return document;
  const verdicts = data.verdicts.map(({ reason, ...verdict }) => ({
    ...verdict,
    reasons: reason === withoutSuccessor ? [] : [{ code: reason }],
    conditions: [],
    survives: 'none',
  }));
  return { ...data, schemaVersion: capacityReportSchemaVersion, verdicts };
}

const FirstVersion = z.looseObject({
  schemaVersion: z.literal(1),
  verdicts: z.array(z.looseObject({ reason: z.string() })),
});
