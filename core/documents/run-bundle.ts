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
import { amount, count, positive, positiveCount, time } from './values.ts';

export const bundleSchemaVersion = 1;
/** run.json of a run that still creates its topics. */
export const preparedFile = 'prepared.json';

/** Stated workload and protocol facts; the rest is absent. */
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

/** The machines the figures are of, without addresses, which texts rarely have. */
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
  /** Groups whose members work on each message, one after another of each partition. */
  groupProcessing: z.array(z.strictObject({ group: z.string(), secondsPerMessage: positive })).optional(),
  workers: positiveCount.optional(),
  seed: count.optional(),
  lingerSeconds: amount.optional(),
});
export type Workload = z.infer<typeof Workload>;

/** A target rate, or a closed loop with this many sends in flight over all workers, whose rate results from it. */
export const PlannedStep = z.strictObject({
  /** 0 while nothing is sent: a pause, a drain. Absent in a closed loop. */
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
    /** Empty for a search, which decides each trial after the one before; the journal has the step of a trial. */
    steps: z.array(PlannedStep),
    environment: TelemetryEnvironment,
    brokerVersion: z.string().optional(),
    proxy: z.string().optional().describe('RocketMQ: gRPC address of the proxy that the load went through'),
    signed: z.boolean().optional().describe('RocketMQ: requests were signed, because the brokers use ACLs'),
    versions: z.record(z.string(), z.string()),
    gitCommit: z.string().optional(),
    /** What the load generator does by itself with this workload, by which its own share in the figures is judged. */
    calibration: Calibration.optional(),
    /** What the cluster's config allowed, and who answers for it. */
    loadTest: LoadTestGrant.optional(),
    /** How the cluster was set up before the first message, with the worst of its findings. */
    preflight: ClusterCheckReport.optional(),
    /** Quotas and connection limits that apply to this run's clients; absent where they could not be read at all. */
    configuredLimits: ConfiguredLimits.optional(),
    degraded: DegradedStart.optional(),
    rehearsal: RehearsalStamp.optional(),
    settings: RecordedSettings.optional(),
    /** What a run that was cut off is resumed by. */
    resume: z
      .strictObject({
        /** The workload with every default filled in, as the version that wrote it understands it. */
        workload: z.record(z.string(), z.unknown()),
        keepTopic: z.boolean(),
        /** It was started with `--accept-blind`. */
        acceptBlind: z.boolean().optional(),
        /** Topics the run made, which are deleted at its end. */
        ownTopics: z.array(z.string()),
        /** SHA-256 of the cluster's entry in the config file, without `loadTest` and `clusterId`. */
        clusterDigest: z.string(),
        /** Of a search: its options with the rate it began at. */
        search: z.record(z.string(), z.unknown()).optional(),
        /** The limits its trials are judged by, completed from the policy at its start. */
        criteria: z.record(z.string(), z.unknown()).optional(),
      })
      .optional(),
  }),
  /** Live traffic: the partitions that one broker leads, more of them in each step. */
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
 * Monotonic seconds since the run started. For `produced` and `consumed`, the end of an interval of `intervalSeconds`, which belongs
 * to the step that its middle lies in, since timers run late. A step's start and end are the planned moments.
 */
const moment = { elapsedSeconds: amount };
/** HdrHistogram of microseconds, V2 compressed, base64. */
const histogram = z.string();
/** A set of message numbers or offsets in base64, as docs/history.md draws it. */
const numbers = z.string();
const attempt = z.number().int().positive();

/** What became of which messages in an interval, each with the place it was sent to. */
export const SentInterval = z.strictObject({
  attempt,
  acknowledged: numbers.optional(),
  /** Refused for certain: not stored. */
  refused: numbers.optional(),
  /** Perhaps stored: no answer came in time, or the connection was lost. */
  unknownFate: numbers.optional(),
  /** Sent, and not answered yet at the end of the interval. */
  unanswered: numbers.optional(),
});
export type SentInterval = z.infer<typeof SentInterval>;

/** What a member of a group was given in an interval, as often as it was given it. */
export const ReceivedInterval = z.strictObject({
  /** By the attempt that sent them, with the place each came from. */
  received: z.array(z.strictObject({ attempt, numbers })).optional(),
  /** Their offsets, by place. */
  offsets: numbers.optional(),
  /** Offsets of messages that bear the mark of the run but were changed, and of messages without the mark. */
  corrupted: numbers.optional(),
  foreign: numbers.optional(),
  /** What was wrong with those received, by place; a place without a fault is absent. */
  faults: z
    .array(
      z.strictObject({
        place: count,
        /** New, but below a sequence of the same slot that came from the place before. */
        reordered: count.optional(),
        /** New, but consumed later after it was due than the run allows. */
        late: count.optional(),
      }),
    )
    .optional(),
});
export type ReceivedInterval = z.infer<typeof ReceivedInterval>;

export const JournalLine = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('warm-up-started'), ...moment, targetTps: z.number().optional() }),
  z.strictObject({
    kind: z.literal('step-started'),
    ...moment,
    step: count,
    targetTps: amount.optional(),
    lanes: positiveCount.optional(),
    /** Planned; always there where run.json does not plan the step. */
    durationSeconds: positive.optional(),
  }),
  z.strictObject({ kind: z.literal('step-ended'), ...moment, step: count }),
  z.strictObject({
    kind: z.literal('produced'),
    ...moment,
    intervalSeconds: positive,
    worker: z.string(),
    /** Messages whose intended time fell into the interval, were handed to the client, acknowledged, failed. */
    intended: count,
    sent: count,
    acknowledged: count,
    failed: count,
    /** Given up by the generator because they could not be sent in time; not in `failed`. */
    dropped: count.optional(),
    /** Produce requests acknowledged, and payload bytes in them. */
    requests: count,
    bytes: count,
    /** Intended to acknowledged, and planned to sent: a send is planned for the linger window after the intended moment. */
    latency: histogram,
    sendDelay: histogram,
    /** Sent to acknowledged. */
    service: histogram.optional(),
    /** The same by topic, where the workload has several. */
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
     * How long due messages waited because the bound of unanswered requests was reached, and until those were sent at the rate the
     * owner allows: the broker's slowness, not ours.
     */
    blockedSeconds: amount.optional(),
    /** Quota throttling in the brokers' answers; absent where the client cannot read it. */
    throttled: ThrottledAnswers.optional(),
    /** Share of the interval the worker's event loop was busy, its CPU seconds, and the longest delay of its loop. */
    eventLoopUtilisation: amount,
    eventLoopDelayMaxSeconds: amount,
    cpuSeconds: amount,
    ledger: SentInterval.optional(),
  }),
  z.strictObject({
    kind: z.literal('consumed'),
    ...moment,
    intervalSeconds: positive,
    worker: z.string(),
    group: z.string(),
    messages: count,
    bytes: count,
    /** Answers of brokers that held messages: of pulls on RocketMQ; on Kafka one a partition of a fetch. */
    batches: count.optional(),
    throttled: ThrottledAnswers.optional(),
    /** Intended to consumed; samples below zero are counted apart, never dropped silently. */
    endToEnd: histogram,
    negativeSamples: count,
    /** How far below zero those were, each with its sign turned; absent when there was none. */
    negative: histogram.optional(),
    eventLoopUtilisation: amount,
    cpuSeconds: amount,
    ledger: ReceivedInterval.optional(),
  }),
  z.strictObject({
    kind: z.literal('error'),
    ...moment,
    code: z.string(),
    /** The broker's own name for it, such as NOT_ENOUGH_REPLICAS or timeout-clean-queue; absent where it gave none. */
    cause: z.string().optional(),
    message: z.string(),
    /** What to do about it, of failed sends. */
    hint: z.string().optional(),
    count,
  }),
  z.strictObject({
    kind: z.literal('run-ended'),
    ...moment,
    /** `stopped`: the guard ended it. */
    status: z.enum(['completed', 'aborted', 'failed', 'stopped']),
    reason: z.string().optional(),
  }),
  /** Messages stored according to the brokers, before the first message and after the last. */
  z.strictObject({
    kind: z.literal('log-offsets'),
    ...moment,
    /** Whether the attempt begins or ends here. */
    at: z.enum(['start', 'end']),
    places: z.array(
      z.strictObject({
        topic: z.string(),
        partition: count,
        /** The first offset still stored, and the one the next message gets. */
        start: count,
        end: count,
        /** A queue that came while the run went on. */
        isAdded: z.literal(true).optional(),
      }),
    ),
    /** Of a workload with a delay: messages of any producer that brokers still hold back; absent when a broker did not report it. */
    keptBack: count.optional(),
  }),
  /** A limit of the guard was crossed, or one of its inputs went silent: the load was reduced at this moment. */
  z.strictObject({
    kind: z.literal('guard'),
    ...moment,
    /** What was checked, as text. */
    input: z.string(),
    reason: z.string(),
    value: z.number().optional(),
    limit: z.number().optional(),
    /** A search may continue below this rate; otherwise the run ends. */
    ends: z.enum(['trial', 'run']),
  }),
  /** One trial of a search, judged; its duration is the planned one, for it may be cut short. */
  z.strictObject({ kind: z.literal('trial'), ...moment, step: count, ...SearchTrial.shape }),
  /** A step of a redline is over: what the broker led from then on, and whether the step counts. */
  z.strictObject({ kind: z.literal('redline-step'), ...moment, ...redlineStep }),
  /** The load was paused and consumers worked off their lag. */
  z.strictObject({
    kind: z.literal('settled'),
    ...moment,
    waitedSeconds: amount,
    drainedMessages: count,
    /** The remaining lag. */
    lagMessages: count,
  }),
  /** The run was interrupted and resumed: the lines that follow belong to this attempt, counted from 1. */
  z.strictObject({
    kind: z.literal('resumed'),
    ...moment,
    attempt: z.number().int().min(2),
    /** Wall-clock time of second 0, as this attempt counts: the time it was interrupted is not in the seconds of the run. */
    startedAt: time,
    /** The topics of the earlier attempt were deleted: offsets restart, and their unread messages are gone. */
    inNewTopics: z.boolean().optional(),
  }),
  /** A worker ended by itself: another takes its share, or the step is invalid. */
  z.strictObject({
    kind: z.literal('worker-lost'),
    ...moment,
    worker: z.string(),
    reason: z.string().optional(),
    share: z.enum(['moved', 'invalid']),
  }),
  /** How far the clock of a worker's machine is ahead of the coordinator's, and the most this can be wrong. */
  z.strictObject({
    kind: z.literal('clock-offset'),
    ...moment,
    worker: z.string(),
    offsetSeconds: z.number(),
    errorSeconds: amount,
  }),
  /** What others sent through the cluster meanwhile. */
  z.strictObject({
    kind: z.literal('background'),
    ...moment,
    intervalSeconds: positive,
    messagesPerSecond: amount,
    bytesPerSecond: amount.optional(),
  }),
]);
export type JournalLine = z.infer<typeof JournalLine>;
