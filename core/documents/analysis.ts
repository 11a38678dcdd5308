// Defines the contract of `plimsoll analyze --json`; docs/schema/analysis.schema.json is generated from it.

import { z } from 'zod';
import { brokerKinds } from '../cluster.ts';
import { DeliveryAccount } from './delivery-account.ts';
import { DegradedStart } from './degraded-start.ts';
import { fileDoubtFindings } from './findings/file-doubt-findings.ts';
import { LossGrade } from './loss-grade.ts';
import { GroupGap } from './reasons/group-gaps.ts';
import { RedlineBasis } from './redline-basis.ts';
import { constraintNames, symptomNames } from '../resource.ts';
import { severities } from '../severity.ts';
import { SearchCertificate, SearchTrial } from './search-certificate.ts';
import { ExplainedFigure } from './explained-figure.ts';
import { amount, count, ofKind, positive, positiveCount, share, time } from './values.ts';

export const analysisSchemaVersion = 1;

const tps = amount.describe('produced messages per second of the cluster');
const Constraint = z.enum(constraintNames);
const Symptom = z.enum(symptomNames);

export const Interval = z.strictObject({ low: tps, high: tps.optional(), confidence: share });
export type Interval = z.infer<typeof Interval>;

/** The limit reached first: a resource, broker queue or configured limit of a node, or an SLO of a node or group. */
export const Limit = z.union([
  z.strictObject({ resource: Constraint, node: z.string() }),
  z.strictObject({ slo: Symptom, node: z.string() }),
  z.strictObject({ slo: Symptom, group: z.string() }),
]);
export type Limit = z.infer<typeof Limit>;

const Predicted = {
  tps,
  estimateTps: tps,
  interval: Interval.describe('two-sided interval; tps is its lower end'),
  limitedBy: Limit,
};

const Unresolved = [
  ofKind('at-least', {
    tps,
    reason: z
      .enum([
        'no-limit-reached',
        'limit-cause-unknown',
        'generator-limited',
        'aborted',
        'held-too-briefly',
        'figures-in-doubt',
        'garbage-collection',
      ])
      .describe(
        'limit-cause-unknown: throughput stopped growing above this rate, and no measured limit explains it; held-too-briefly: a search found a limit above, and held this rate for less than the confirmation time; figures-in-doubt: a consistency check failed for higher rates, or a soak did not confirm them; garbage-collection: a broker already spends so much time in pauses at this rate that no higher rate is predicted',
      ),
    ceiling: z
      .strictObject({
        tps: tps.describe('rate at which throughput stopped growing while target rates rose'),
        suspects: z.array(Limit).describe('likeliest first'),
        decidedBy: z.string().describe('the measurement that would decide between the suspects'),
      })
      .optional()
      .describe('of limit-cause-unknown'),
  }),
  ofKind('unknown', {
    missing: z.array(z.strictObject({ what: z.string(), node: z.string() })),
    below: z
      .strictObject({ tps, limitedBy: Limit })
      .optional()
      .describe('lowest tested rate, which already violated this SLO'),
  }),
] as const;

const Observed = ofKind('observed', {
  tps: tps.describe('the measured value, not scaled to the policy limit'),
  basis: z.array(
    z.strictObject({
      reading: z.string(),
      readingZh: z.string().optional().describe('reading in Chinese; absent in documents of older versions'),
      capacity: z.string(),
      capacityZh: z.string().optional().describe('capacity in Chinese'),
      policyLimit: z.number(),
      tps: z.strictObject({ low: tps, high: tps }),
    }),
  ),
  limitedBy: Limit,
});

export const SafeMaxTps = z.discriminatedUnion('kind', [
  ofKind('confirmed', Predicted),
  ofKind('predicted', Predicted),
  Observed,
  ...Unresolved,
]);
export type SafeMaxTps = z.infer<typeof SafeMaxTps>;

export const SaturationTps = z.discriminatedUnion('kind', [
  ofKind('confirmed', Predicted).describe('tested up to the limit'),
  ofKind('predicted', {
    ...Predicted,
    extrapolationFactor: z
      .number()
      .describe(
        'estimate divided by the rate of the highest sustained step; of production, by its highest traffic within the limits',
      ),
  }),
  Observed,
  ...Unresolved,
]);
export type SaturationTps = z.infer<typeof SaturationTps>;

export const StepVerdict = z.discriminatedUnion('kind', [
  ofKind('sustained', {}),
  ofKind('saturated', {
    bottleneck: Limit.optional().describe('absent: throughput stopped growing, and no measured limit explains it'),
  }),
  ofKind('invalid', {
    reason: z.enum([
      'generator-limited',
      'too-short',
      'unstable',
      'errors',
      'worker-lost',
      'broker-lost',
      'guard-stopped',
    ]),
  }),
  ofKind('not-judged', {
    reason: z.enum(['closed-loop', 'rate-unknown', 'changing-rate', 'nothing-sent', 'backlog', 'lag-unknown']),
  }).describe('without a constant target rate or a known consumer lag: shown, but not used for fits or the verdict'),
]);
export type StepVerdict = z.infer<typeof StepVerdict>;

export const Percentiles = z.strictObject({ p50: z.number(), p99: z.number(), p999: z.number(), max: z.number() });
export type Percentiles = z.infer<typeof Percentiles>;

export const AnalysedStep = z.strictObject({
  targetTps: tps.optional().describe('absent for a closed loop'),
  lanes: positiveCount.optional().describe('closed loop: senders that wait for responses'),
  achievedTps: tps,
  verdict: StepVerdict,
  latencySeconds: Percentiles.optional().describe('from the intended send time to the acknowledgement'),
  sendDelaySeconds: Percentiles.optional().describe(
    'from the planned to the actual send: to wait for `linger` is planned',
  ),
  endToEndSeconds: Percentiles.optional().describe('from the intended send time until consumed, of the slowest group'),
  failedSends: count.optional(),
  backgroundTps: amount.optional().describe('rate of other producers during the step'),
  endedSeconds: amount.optional().describe('end in seconds of the run'),
});
export type AnalysedStep = z.infer<typeof AnalysedStep>;

const Estimate = z.strictObject({ value: tps, low: tps, high: tps.optional() });

export const AnalysedResource = z.strictObject({
  resource: Constraint,
  node: z.string(),
  capacity: z
    .strictObject({
      value: positive,
      unit: z.enum(['bytes/s', 'bytes', 'ops/s', 'cores', 'threads', 'requests', 'ratio', 's']),
      source: z.string(),
    })
    .optional(),
  policyLimit: positive.describe('ratio of capacity'),
  fit: z
    .strictObject({
      intercept: z.number(),
      slopePerMessage: z.number(),
      r2: z.number(),
      points: z.number().int(),
      model: z.string().optional().describe('law that predicts left-out steps best'),
      holdOutError: amount.optional().describe('leave-one-out error: ratio, root mean square'),
      idleSurcharge: z
        .number()
        .optional()
        .describe('cores: extra cost of a message on idle cores compared with full ones, as a ratio'),
    })
    .optional(),
  /** One value per analysed step, in the order of `steps`: steady mean over capacity. For charts. */
  utilisationPerStep: z.array(amount).optional(),
  utilisationAtHighestStep: amount.optional(),
  /** For readings with a rounded figure or only one bound: `high` alone means `at most`. */
  utilisationBounds: z.strictObject({ low: amount.optional(), high: amount.optional() }).optional(),
  safeTps: Estimate.optional(),
  saturationTps: Estimate.optional(),
});
export type AnalysedResource = z.infer<typeof AnalysedResource>;

export const Evidence = z.strictObject({
  name: z.string(),
  value: z.union([z.number(), z.string()]),
  unit: z.string(),
  source: z.string(),
});
export type Evidence = z.infer<typeof Evidence>;

export const Finding = z.strictObject({
  severity: z.enum(severities),
  code: z.string(),
  message: z.string(),
  messageZh: z.string().optional().describe('the message in Chinese; absent in documents of older versions'),
  evidence: z.array(Evidence),
});
export type Finding = z.infer<typeof Finding>;

export const AnalysedTrial = z.strictObject({
  ...SearchTrial.shape,
  startedSeconds: amount.optional().describe('of the run; absent if it was aborted before it started'),
});
export type AnalysedTrial = z.infer<typeof AnalysedTrial>;

/** Limits of the quality of figures from another tool; docs/reference/importers.md explains what each means for the verdict. */
const qualityFlags = Object.keys(fileDoubtFindings) as (keyof typeof fileDoubtFindings)[];

export const RunSource = z.strictObject({
  name: z.string().describe('file or service'),
  format: z.string().describe('name of the importer or source'),
  sha256: z.string().optional().describe('SHA-256 of the file as it was read'),
  flags: z.array(z.enum(qualityFlags)),
});
export type RunSource = z.infer<typeof RunSource>;

export const Binding = z
  .array(z.strictObject({ limitedBy: Limit, probability: share }))
  .describe('share of bootstrap samples in which each limit came first; most probable first');

const Ceiling = z.strictObject({ limitedBy: Limit, estimateTps: tps, interval: Interval });

/** Measured capacity of a group: commits per second while it had lag. */
export const GroupCapacity = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.enum(['measured', 'at-least']),
    group: z.string(),
    tps,
    interval: Interval,
    episodes: count.describe('times that it lagged and caught up'),
    share: amount.optional().describe('messages it reads per message produced to the cluster'),
    seconds: amount.optional().describe('at-least: time for which it kept up with this rate'),
  }),
  ofKind('unknown', {
    group: z.string(),
    missing: z.string(),
    gap: GroupGap.describe('code of missing'),
  }),
]);
export type GroupCapacity = z.infer<typeof GroupCapacity>;

const Missing = z.array(z.strictObject({ what: z.string(), node: z.string() }));

/** Safe maximum after losing a broker or a zone: `tps` is the lower end of the interval. */
export const Loss = z.strictObject({
  lost: z.enum(['broker', 'zone']),
  id: z.string(),
  tps,
  limitedBy: Limit,
  estimateTps: tps.optional(),
  interval: Interval.optional(),
  minInSyncReplicas: positiveCount
    .optional()
    .describe('partitions are left with fewer in-sync replicas than this: their leaders reject sends with acks=all'),
  basis: z
    .strictObject({
      placement: z.enum(['recorded', 'assumed']).describe('of leaders and replicas'),
      assumptions: z.array(z.string()).describe('values that were not recorded and are assumed'),
    })
    .optional(),
  returning: z
    .strictObject({
      tps,
      limitedBy: Limit,
      estimateTps: tps.optional(),
      interval: Interval.optional(),
      catchUpShare: positive.describe('copy rate of its replicas beyond the normal rate, divided by the normal rate'),
    })
    .optional()
    .describe('after it has returned, while it leads nothing yet and copies the missing messages'),
});
export type Loss = z.infer<typeof Loss>;

/** A rate sustained for the confirmation time, and the resources that were not monitored. */
export const HeldRate = z.strictObject({
  tps,
  seconds: positive.describe('time for which it was held without interruption'),
  confirmationSeconds: positive.describe('confirmation time in the policy'),
  endedAt: time.optional(),
  unmonitored: z
    .array(z.string())
    .describe('parts without metrics: CPU and network of brokers, and whether the replicas of messages kept up'),
});
export type HeldRate = z.infer<typeof HeldRate>;

/** Maximum of one broker under live traffic, from which the maximum of the cluster was predicted. */
const RedlineVerdict = z.strictObject({
  ...RedlineBasis.shape,
  safeMaxTps: SafeMaxTps.describe(
    'messages per second that the broker may take (Kafka: of the partitions that it leads)',
  ),
  saturationTps: SaturationTps.describe('messages per second of the partitions that it leads'),
  held: HeldRate.optional().describe('highest led rate that was held for the confirmation time'),
  heldClusterTps: tps
    .optional()
    .describe('cluster rate at which no broker leads, receives or sends more than this broker did at that rate'),
});

export const Analysis = z.strictObject({
  schemaVersion: z.literal(analysisSchemaVersion),
  run: z.strictObject({
    id: z.string(),
    origin: z.enum(['load-test', 'readings', 'files', 'production', 'redline']).optional(),
    sources: z.array(RunSource).optional(),
    broker: z.enum(brokerKinds).optional(),
    cluster: z.string(),
    messageBytes: positiveCount.optional(),
    compressionRatio: z.number().min(1).optional().describe('of the messages: bytes before compression / after'),
    messagesPerRequest: z
      .number()
      .min(1)
      .optional()
      .describe('mean of a send request, in the step that was held, or else in the highest sustained one'),
    startedAt: time.optional(),
    durationSeconds: amount.optional(),
    judgedUntil: time
      .optional()
      .describe(
        'end of what was judged, where it is not the start and the duration later: of a resumed run, or of production',
      ),
  }),
  steps: z.array(AnalysedStep),
  resources: z.array(AnalysedResource),
  perBroker: z.array(
    z.strictObject({
      broker: z.string(),
      host: z.string().optional(),
      safeTps: tps
        .optional()
        .describe('rate of the cluster at which this broker reaches its first policy limit, lower end'),
      saturationTps: tps.optional().describe('rate of the cluster at which this broker is saturated, estimate'),
      limitedBy: Limit.optional(),
    }),
  ),
  safeMaxTps: SafeMaxTps,
  saturationTps: SaturationTps,
  held: HeldRate.optional().describe('highest rate held for the confirmation time within every known policy limit'),
  binding: Binding.optional(),
  nextCeiling: Ceiling.optional().describe('safe maximum without the first limit'),
  testedTps: z.strictObject({ low: tps, high: tps }).optional().describe('range of rates that were tested'),
  extrapolated: z
    .strictObject({ factor: positive })
    .optional()
    .describe('safe maximum divided by the highest rate tested'),
  retention: z
    .strictObject({
      tps,
      retentionSeconds: positive,
      limitedBy: Limit,
      basis: z
        .enum(['disk-writes', 'message-size'])
        .optional()
        .describe(
          'bytes of a message on the disk: as the disk wrote them, or estimated from the size and the copies of a message because the page cache hid the writes; absent in older verdicts, which have only the former',
        ),
      free: z
        .strictObject({ tps: amount, node: z.string(), usedRatio: amount })
        .optional()
        .describe(
          'average rate whose messages fit beside what the disks stored before the load test; broker with the least room for them, and used share of its disk; absent if unknown',
        ),
    })
    .optional()
    .describe('average rate whose messages fit on the disks for the retention time; safeMaxTps is for bursts'),
  withoutOne: z.array(Loss).optional().describe('safe maximum at N-1; lowest first'),
  withoutOneUnknown: z
    .array(z.strictObject({ lost: z.enum(['broker', 'zone']), id: z.string(), missing: Missing }))
    .optional()
    .describe('losses without a value, and what is missing'),
  degraded: DegradedStart.optional().describe('brokers that were down: the verdict is for the cluster without them'),
  lossGrade: LossGrade.optional().describe('comparison with the prediction of an earlier run'),
  redline: RedlineVerdict.optional().describe(
    'redline: safeMaxTps of the cluster is predicted from it by the load shares of the brokers; steps and resources are of this broker',
  ),
  consumerGroups: z.array(GroupCapacity).optional(),
  fingerprint: z
    .record(z.string(), z.string())
    .optional()
    .describe('settings of OS, JVM, broker and client that the verdict is valid for; it expires when one changes'),
  explanation: z.array(ExplainedFigure).optional(),
  trials: z.array(AnalysedTrial).optional().describe('trials of a search, in order'),
  certificate: SearchCertificate.optional().describe('result of a complete search'),
  ledger: DeliveryAccount.optional().describe('delivery check: messages lost, duplicated and reordered'),
  findings: z.array(Finding),
});
export type Analysis = z.infer<typeof Analysis>;
