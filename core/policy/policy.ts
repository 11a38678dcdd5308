// Defines the policy of the whole product, each value with its source, and reads the defaults.

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { fieldsOf } from '../documents/values.ts';
import { constraintNames } from '../resource.ts';

const Cited = z.strictObject({ value: z.number().positive(), source: z.string() });
export type Cited = z.infer<typeof Cited>;

/** Kinds of limits: `queue` is a stage inside a broker, `configured` a quota or another setting. */
const limitKinds = ['network', 'cpu', 'disk', 'queue', 'configured'] as const;

export const Policy = z.strictObject({
  /** Ratio of capacity that the p99 of one-second samples of the worst broker and direction may reach. */
  limits: z.strictObject(fieldsOf(constraintNames, Cited)),
  /** How long a step must sustain a rate to confirm it. */
  confirmationSeconds: Cited,
  /** Share by which messages of a test may be smaller than those of the domain it proves a rate for. */
  messageSizeShare: Cited,
  /** How far below a predicted rate a rate confirmed for that long may be and is still preferred. */
  confirmedShare: Cited,
  /** How far beyond the highest sustained rate a law may extrapolate, per kind of resource. */
  extrapolation: z.strictObject({
    ...fieldsOf(limitKinds, Cited),
    /** For a latency SLO, by a queueing law. */
    latency: Cited,
    /** Extrapolation beyond this is flagged as uncertain. */
    flagged: Cited,
    /** Standard deviation of the logarithm of the extrapolated part of a rate. */
    doubt: z.strictObject(fieldsOf(limitKinds, Cited)),
  }),
  /** Retention of messages, if configured. */
  retentionSeconds: Cited.optional(),
  /** Latency and error SLOs, if configured: seconds, and failed over intended messages. */
  slo: z
    .strictObject({
      publishLatencyP99: Cited.optional(),
      endToEndP99: Cited.optional(),
      /** Age of the messages that a group reads. */
      lagTime: Cited.optional(),
      sendErrors: Cited.optional(),
    })
    .optional(),
  /** Busy share of the hottest core that produces a finding. */
  hottestCore: Cited,
  /** Conditions under which a step counts as sustained. */
  step: z.strictObject({
    settleSeconds: Cited,
    minimumSteadySeconds: Cited,
    /** Acknowledged over intended messages. */
    achievedShare: Cited,
    /** Backlog growth per second over the rate. */
    growthShare: Cited,
    leastGrowthShare: Cited,
    /** Change of the rate over the whole step, relative to its mean. */
    driftShare: Cited,
    failedShare: Cited,
  }),
  /** Symptoms that name the limit of an unsustained step, beside resource utilisation. */
  cause: z.strictObject({
    /** Throttle time in responses, per second of the step. */
    throttledShare: Cited,
    /** Share of time in stop-the-world pauses. */
    gcPauseShare: Cited,
    /** Seconds spent in flushes per second. */
    flushShare: Cited,
    /** Longest hold time of the lock around page cache writes. */
    pageCacheLockSeconds: Cited,
    /** Relative spread of one-second samples of a card's bytes, below which the card looks shaped. */
    shapedSpread: Cited,
    /** Retransmitted TCP segments per second that indicate dropped packets. */
    retransmitsPerSecond: Cited,
    /** Bytes queued at a card in half of the readings of a step that indicate a backlog. */
    queueBytes: Cited,
    /** Factor of either figure over the mean of the sustained steps. */
    queueRise: Cited,
    /** Change of throughput between rising targets that counts as flat. */
    flatShare: Cited,
    ceilingShare: Cited,
  }),
  /** Largest deviations of counters from a stated figure without contradiction, relative to that figure. */
  inputs: z.strictObject({
    lineRateShare: Cited,
    /** The same, for figures read by another tool or a monitoring system. */
    importedLineRateShare: Cited,
    coresShare: Cited,
    /** For the payload counted by the load generator, and for bytes stored by brokers. */
    sentBytesShare: Cited,
    storedBytesShare: Cited,
    /** For copies of a message. */
    copies: Cited,
    clockSeconds: Cited,
    clockShare: Cited,
    negativeLatencySeconds: Cited,
  }),
  /** Mean utilisation of a resource that explains an unsustained step. */
  saturation: z.strictObject(fieldsOf(limitKinds, Cited)),
  /** Conditions under which the load generator is the limit. */
  generator: z.strictObject({
    eventLoopUtilisation: Cited,
    threadCpu: Cited,
    hostCpuShare: Cited,
    network: Cited,
    sendDelaySeconds: Cited,
  }),
  fit: z.strictObject({ confidence: Cited, minimumR2: Cited, repeatability: Cited }),
  /** For written figures. */
  readings: z.strictObject({
    /** Relative difference within which two rounded figures are equal. */
    roundedShare: Cited,
    /** Relative difference within which a stated line rate is the nominal one. */
    statedRateShare: Cited,
    graveIowait: Cited,
  }),
  /** Reserves of a cluster plan, and uncertainties of its inputs. */
  planning: z.strictObject({
    skew: Cited,
    rebuildSeconds: Cited,
    outageSeconds: Cited,
    catchUpSeconds: Cited,
    residentSeconds: Cited,
    otherMemoryBytes: Cited,
    rocketmqHeapBytes: Cited,
    kafkaHeapBytes: Cited,
    partitionsPerBroker: Cited,
    kafkaSegmentBytes: Cited,
    kafkaSegmentSeconds: Cited,
    nameServers: Cited,
    controllers: Cited,
    clusterBrokers: Cited,
    clustersOfDomain: Cited,
    regret: z.strictObject({
      over: Cited,
      under: Cited,
      exponent: Cited,
      critical: Cited,
      normal: Cited,
      'best-effort': Cited,
    }),
    doubt: z.strictObject({ wire: Cited, stated: Cited, shape: Cited, replicas: Cited, workload: Cited }),
    beyondShape: Cited,
  }),
});
export type Policy = z.infer<typeof Policy>;

/** @returns the shortest step that can get a verdict; each end may cut a second */
export const leastStepSeconds = ({ step }: Pick<Policy, 'step'>): number =>
  step.settleSeconds.value + step.minimumSteadySeconds.value + 1;

/** Whether the share sets a limit: 100% sets none, since a resource cannot exceed it. */
export const setsLimit = (share: number): boolean => share < 1;

/** @returns the built-in policy; `resolvePolicy` applies a config file to it */
export function readDefaultPolicy(): Policy {
  return Policy.parse(parse(readFileSync(new URL('./default.yaml', import.meta.url), 'utf8')));
}
