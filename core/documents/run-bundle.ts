// Defines how a run is stored: the schemas of run.json and of the lines of journal.ndjson; telemetry.ndjson holds TelemetryRecord.

import { z } from 'zod';
import { brokerKinds } from '../cluster.ts';
import { ConfiguredLimits, ThrottledAnswers } from './evidence/configured-limits.ts';
import { RecordedSettings } from './evidence/recorded-settings.ts';
import { DegradedStart } from './degraded-start.ts';
import { Calibration } from './generator-calibration.ts';
import { redlineRun, redlineStep } from './redline-basis.ts';
import { RehearsalStamp } from './rehearsal.ts';
import { HostInventory } from './evidence/host-reading.ts';
import { LoadTestGrant } from '../policy/load-test-permission.ts';
import { ClusterCheckReport } from './cluster-check-report.ts';
import { SearchTrial } from './search-certificate.ts';
import { TelemetryEnvironment } from './evidence/telemetry.ts';
import { Citation, Reading } from './written-reading.ts';
import { amount, count, ofKind, positive, positiveCount, time } from './values.ts';

export const bundleSchemaVersion = 1;
/** Stands in for run.json while the run still creates its topics. */
export const preparedFile = 'prepared.json';

/** Stated workload and protocol facts; unknown ones are absent. */
export const Topology = z.strictObject({
  masters: positiveCount,
  followersPerMaster: count,
  replication: z.enum(['none', 'kafka', 'ha', 'dledger']),
  producers: positiveCount.optional(),
  threadsPerProducer: positiveCount.optional(),
  consumers: count.optional(),
  consumerGroups: count.optional(),
});
export type Topology = z.infer<typeof Topology>;

/** The measured machines, without addresses, which texts rarely contain. */
const ReadingsEnvironment = z.strictObject({
  hosts: z.array(HostInventory),
  brokers: z.array(z.strictObject({ id: z.string(), host: z.string(), role: z.enum(['master', 'follower']) })),
});

export const Workload = z.strictObject({
  messageBytes: positiveCount,
  topic: z.string().optional(),
  partitions: positiveCount.optional(),
  replicationFactor: positiveCount.optional(),
  acks: z.enum(['all', 'leader', 'none']).optional(),
  groups: count.optional(),
  /** Groups whose members process each message, sequentially per partition. */
  groupProcessing: z.array(z.strictObject({ group: z.string(), secondsPerMessage: positive })).optional(),
  workers: positiveCount.optional(),
  seed: count.optional(),
  lingerSeconds: amount.optional(),
});
export type Workload = z.infer<typeof Workload>;

/** A target rate, or a closed loop with this many unacknowledged sends over all workers, which determines the rate. */
export const PlannedStep = z.strictObject({
  /** 0 during a pause or drain. Absent for a closed loop. */
  targetTps: amount.optional(),
  lanes: positiveCount.optional(),
  durationSeconds: positive,
});
export type PlannedStep = z.infer<typeof PlannedStep>;

const runCommon = {
  schemaVersion: z.literal(bundleSchemaVersion),
  id: z.string(),
  broker: z.enum(brokerKinds),
  cluster: z.string(),
  workload: Workload,
};

export const RunDocument = z.discriminatedUnion('origin', [
  z.strictObject({
    ...runCommon,
    id: z.string().regex(/^\w[\w.-]{0,127}$/, 'the id of a run is a plain name, such as 20260618-010000-ab12'),
    origin: z.literal('load-test'),
    startedAt: time,
    profile: z.strictObject({ name: z.string(), description: z.string() }),
    warmUpSeconds: amount,
    /** Empty for a search, which chooses trials one by one; the journal has the step of each trial. */
    steps: z.array(PlannedStep),
    environment: TelemetryEnvironment,
    brokerVersion: z.string().optional(),
    proxy: z.string().optional().describe('RocketMQ: gRPC address of the proxy that the load went through'),
    signed: z.boolean().optional().describe('RocketMQ: requests were signed, because the brokers use ACLs'),
    tls: z.boolean().optional().describe('whether the clients connected with TLS; absent in runs of older versions'),
    versions: z.record(z.string(), z.string()),
    gitCommit: z.string().optional(),
    /** Performance of the load generator without a cluster, to judge its share of the figures. */
    calibration: Calibration.optional(),
    /** Permission in the cluster's config, and its owner. */
    loadTest: LoadTestGrant.optional(),
    /** Setup of the cluster before the first message, with its most severe findings. */
    preflight: ClusterCheckReport.optional(),
    /** Quotas and connection limits that apply to this run's clients; absent if none could be read. */
    configuredLimits: ConfiguredLimits.optional(),
    degraded: DegradedStart.optional(),
    rehearsal: RehearsalStamp.optional(),
    settings: RecordedSettings.optional(),
    /** Disk space of the messages of each broker before the first one of the run, by log directory. */
    stores: z.array(z.strictObject({ broker: z.string(), usableBytes: positive, usedBytes: amount })).optional(),
    /** Data to resume an interrupted run. */
    resume: z
      .strictObject({
        /** The workload with all defaults, in the format of the version that wrote it. */
        workload: z.record(z.string(), z.unknown()),
        keepTopic: z.boolean(),
        /** Whether it was started with `--accept-blind`. */
        acceptBlind: z.boolean().optional(),
        /** Topics that the run created and deletes at its end. */
        ownTopics: z.array(z.string()),
        /** SHA-256 of the cluster's entry in the config file, without `loadTest` and `clusterId`. */
        clusterDigest: z.string(),
        /** For a search: its options, including the initial rate. */
        search: z.record(z.string(), z.unknown()).optional(),
        /** Limits of its trials, completed from the policy at the start. */
        criteria: z.record(z.string(), z.unknown()).optional(),
      })
      .optional(),
  }),
  /** For live traffic: the partitions that one broker leads increase with each step. */
  z.strictObject({ ...runCommon, ...redlineRun, workload: Workload.partial() }),
  z.strictObject({
    ...runCommon,
    origin: z.literal('readings'),
    topology: Topology,
    environment: ReadingsEnvironment,
    readings: z.array(Reading).min(1),
    /** One citation for each figure of workload, topology and environment, keyed by its path. */
    sources: z.record(z.string(), Citation),
  }),
]);
export type RunDocument = z.infer<typeof RunDocument>;

/**
 * Monotonic seconds since the start of the run. For `produced` and `consumed`, the end of an interval of `intervalSeconds`; the
 * interval belongs to the step at its middle, since timers run late. A step's start and end are the planned moments.
 */
const line = <Kind extends string, Shape extends z.core.$ZodShape>(kind: Kind, shape: Shape) =>
  ofKind(kind, { elapsedSeconds: amount, ...shape });
/** HdrHistogram of microseconds, V2 compressed, base64. */
const histogram = z.string();
/** A set of message numbers or offsets in base64, in the format of docs/explanation/history.md. */
const numbers = z.string();
const attempt = z.number().int().positive();

/** Outcomes of the messages sent in an interval, each with its partition. */
export const SentInterval = z.strictObject({
  attempt,
  acknowledged: numbers.optional(),
  /** Definitely rejected: not stored. */
  refused: numbers.optional(),
  /** Possibly stored: timeout, or the connection was lost. */
  unknownFate: numbers.optional(),
  /** Sent, without a response at the end of the interval. */
  unanswered: numbers.optional(),
});
export type SentInterval = z.infer<typeof SentInterval>;

/** Messages that a group member received in an interval, including repetitions. */
export const ReceivedInterval = z.strictObject({
  /** By the attempt that sent them, each with its partition. */
  received: z.array(z.strictObject({ attempt, numbers })).optional(),
  /** Their offsets by partition. */
  offsets: numbers.optional(),
  /** Offsets of messages with the run's mark but altered content, and of messages without the mark. */
  corrupted: numbers.optional(),
  foreign: numbers.optional(),
  /** Faults of received messages by partition; partitions without faults are absent. */
  faults: z
    .array(
      z.strictObject({
        place: count,
        /** Received for the first time, but with a lower sequence number than an earlier message of the same slot and partition. */
        reordered: count.optional(),
        /** Received for the first time, but later after the due time than the run allows. */
        late: count.optional(),
      }),
    )
    .optional(),
});
export type ReceivedInterval = z.infer<typeof ReceivedInterval>;

/** Code of messages that were due and never sent, which no client reported as an error. */
export const notSentCode = 'too-late';

export const JournalLine = z.discriminatedUnion('kind', [
  line('warm-up-started', { targetTps: z.number().optional() }),
  line('step-started', {
    step: count,
    targetTps: amount.optional(),
    lanes: positiveCount.optional(),
    /** Planned duration; always present if run.json does not plan the step. */
    durationSeconds: positive.optional(),
  }),
  line('step-ended', { step: count }),
  line('produced', {
    intervalSeconds: positive,
    worker: z.string(),
    /** Messages intended in the interval, passed to the client, acknowledged, failed. */
    intended: count,
    sent: count,
    acknowledged: count,
    failed: count,
    /** Discarded by the generator because they could not be sent in time; not in `failed`. */
    dropped: count.optional(),
    /** Acknowledged produce requests, and their payload bytes. */
    requests: count,
    bytes: count,
    /** From intended to acknowledged, and from planned to sent: a send is planned one linger window after the intended moment. */
    latency: histogram,
    sendDelay: histogram,
    /** From sent to acknowledged. */
    service: histogram.optional(),
    /** The same by topic, if the workload has several. */
    topics: z
      .array(
        z.strictObject({
          topic: z.string(),
          sent: count,
          acknowledged: count,
          failed: count,
          bytes: count,
          latency: histogram,
        }),
      )
      .optional(),
    /**
     * How long due messages waited at the bound of unanswered requests, including the time to send them at the rate that the
     * owner allows: slowness of the broker, not of the generator.
     */
    blockedSeconds: amount.optional(),
    /** Quota throttling in the brokers' responses; absent if the client cannot read it. */
    throttled: ThrottledAnswers.optional(),
    /** Busy share of the worker's event loop in the interval, its CPU seconds, and the longest delay of its event loop. */
    eventLoopUtilisation: amount,
    eventLoopDelayMaxSeconds: amount,
    cpuSeconds: amount,
    ledger: SentInterval.optional(),
  }),
  line('consumed', {
    intervalSeconds: positive,
    worker: z.string(),
    group: z.string(),
    messages: count,
    bytes: count,
    /** Responses with messages: of pulls on RocketMQ; on Kafka one per partition of a fetch. */
    batches: count.optional(),
    throttled: ThrottledAnswers.optional(),
    /** From intended to consumed; negative samples are counted separately. */
    endToEnd: histogram,
    negativeSamples: count,
    /** Negated negative samples; absent if there were none. */
    negative: histogram.optional(),
    eventLoopUtilisation: amount,
    cpuSeconds: amount,
    ledger: ReceivedInterval.optional(),
  }),
  line('error', {
    code: z.string(),
    /** The broker's own name of the error, such as NOT_ENOUGH_REPLICAS or timeout-clean-queue; absent if it has none. */
    cause: z.string().optional(),
    message: z.string(),
    /** For failed sends: the remedy. */
    hint: z.string().optional(),
    count,
  }),
  line('run-ended', {
    /** `stopped`: by the guard. */
    status: z.enum(['completed', 'aborted', 'failed', 'stopped']),
    reason: z.string().optional(),
  }),
  /** Messages stored according to the brokers, before the first message and after the last. */
  line('log-offsets', {
    /** Whether this is the start or the end of the attempt. */
    at: z.enum(['start', 'end']),
    places: z.array(
      z.strictObject({
        topic: z.string(),
        partition: count,
        /** The first stored offset, and the next offset. */
        start: count,
        end: count,
        /** A queue that was added during the run. */
        isAdded: z.literal(true).optional(),
      }),
    ),
    /** For a workload with delays: messages of any producer still held back by brokers; absent if a broker did not report it. */
    keptBack: count.optional(),
  }),
  /** The load was reduced, because a guard limit was crossed or an input stopped reporting. */
  line('guard', {
    /** Description of the check. */
    input: z.string(),
    reason: z.string(),
    value: z.number().optional(),
    limit: z.number().optional(),
    /** `trial`: a search may continue at a lower rate. `run`: the run ends. */
    ends: z.enum(['trial', 'run']),
  }),
  /** A judged trial of a search; its duration is the planned one, since it may end early. */
  line('trial', { step: count, ...SearchTrial.shape }),
  /** End of a step of a redline: what the broker led, and whether the step counts. */
  line('redline-step', { ...redlineStep }),
  /** A pause of the load in which consumers processed their lag. */
  line('settled', {
    waitedSeconds: amount,
    drainedMessages: count,
    /** Remaining lag. */
    lagMessages: count,
  }),
  /** The run was interrupted and resumed; the following lines belong to this attempt, counted from 1. */
  line('resumed', {
    attempt: z.number().int().min(2),
    /** Wall-clock time of second 0 of this attempt; the interruption is not part of the seconds of the run. */
    startedAt: time,
    /** The topics of the earlier attempt were deleted, so offsets restart, and unread messages are gone. */
    inNewTopics: z.boolean().optional(),
  }),
  /** A worker ended unexpectedly: another takes over its share, or the step is invalid. */
  line('worker-lost', {
    worker: z.string(),
    reason: z.string().optional(),
    share: z.enum(['moved', 'invalid']),
  }),
  /** How far the clock of a worker's host is ahead of the coordinator's, and the error bound. */
  line('clock-offset', {
    worker: z.string(),
    offsetSeconds: z.number(),
    errorSeconds: amount,
  }),
  /** Traffic of others in the cluster during the run. */
  line('background', {
    intervalSeconds: positive,
    messagesPerSecond: amount,
    bytesPerSecond: amount.optional(),
  }),
]);
export type JournalLine = z.infer<typeof JournalLine>;
