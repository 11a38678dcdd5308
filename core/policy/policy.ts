// Defines the policy of the whole product, each value with its source, and reads the defaults.

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { constraintNames } from '../resource.ts';

const Cited = z.strictObject({ value: z.number().positive(), source: z.string() });
export type Cited = z.infer<typeof Cited>;

/** Kinds of limits that bounds are set for: `queue` is a stage inside a broker, `configured` a quota or another setting. */
const limitKinds = ['network', 'cpu', 'disk', 'queue', 'configured'] as const;

function ofEach<Name extends string>(names: readonly Name[]): Record<Name, typeof Cited> {
  return Object.fromEntries(names.map((name) => [name, Cited])) as Record<Name, typeof Cited>;
}

export const Policy = z.strictObject({
  /** Ratio of capacity that the p99 of one-second samples of the worst broker and direction may reach. */
  limits: z.strictObject(ofEach(constraintNames)),
  /** How long a step must sustain a rate to confirm it. */
  confirmationSeconds: Cited,
  /** Share by which messages of a test may be smaller than those of the domain it proves a rate for. */
  messageSizeShare: Cited,
  /** How far below a predicted rate one that was held so long is answered in its place. */
  confirmedShare: Cited,
  /** How far beyond the highest sustained rate a law may extrapolate, per kind of resource. */
  extrapolation: z.strictObject({
    network: Cited,
    cpu: Cited,
    disk: Cited,
    queue: Cited,
    configured: Cited,
    /** For a latency SLO, by the law of a queue. */
    latency: Cited,
    /** Extrapolation beyond this is flagged as uncertain. */
    flagged: Cited,
    /** Standard deviation of the logarithm of the part of a rate that lies beyond. */
    doubt: z.strictObject(ofEach(limitKinds)),
  }),
  /** Retention of messages, if configured. */
  retentionSeconds: Cited.optional(),
  /** Latency and error SLOs: none unless configured. Seconds, and failed over intended messages. */
  slo: z
    .strictObject({
      publishLatencyP99: Cited.optional(),
      endToEndP99: Cited.optional(),
      /** How long ago what a group reads was produced. */
      lagTime: Cited.optional(),
      sendErrors: Cited.optional(),
    })
    .optional(),
  /** Busy share of the hottest core from which a finding is made. */
  hottestCore: Cited,
  /** When a step counts as sustained. */
  step: z.strictObject({
    settleSeconds: Cited,
    minimumSteadySeconds: Cited,
    /** Acknowledged over intended messages. */
    achievedShare: Cited,
    /** Growth of a backlog per second over the rate. */
    growthShare: Cited,
    /** Change of the rate over the whole step, over its mean. */
    driftShare: Cited,
    failedShare: Cited,
  }),
  /** What names the limit of a step that was not sustained, beside the utilisation of resources. */
  cause: z.strictObject({
    /** Throttle time in answers, per second of the step. */
    throttledShare: Cited,
    /** Share of the time in which collections stopped all threads. */
    gcPauseShare: Cited,
    /** Seconds in flushes per second. */
    flushShare: Cited,
    /** The longest time that the lock around a write to the page cache was held. */
    pageCacheLockSeconds: Cited,
    /** Relative spread of one-second samples of a card's bytes below which it looks shaped. */
    shapedSpread: Cited,
    /** Segments that TCP sends again, from which on packets are dropped for want of room. */
    retransmitsPerSecond: Cited,
    /** Bytes queued at a card in half of the readings of a step, from which on the card counts as backlogged. */
    queueBytes: Cited,
    /** Of either, over the mean of the sustained steps. */
    queueRise: Cited,
    /** Change of throughput between rising targets within which it is flat. */
    flatShare: Cited,
    ceilingShare: Cited,
  }),
  /** By how much counters may differ from a stated figure before they contradict it; shares of the stated figure. */
  inputs: z.strictObject({
    lineRateShare: Cited,
    /** The same of figures that another tool or a monitoring system read. */
    importedLineRateShare: Cited,
    coresShare: Cited,
    /** Of the payload that the load generator counted, and of what brokers stored. */
    sentBytesShare: Cited,
    storedBytesShare: Cited,
    /** Copies of a message. */
    copies: Cited,
    clockSeconds: Cited,
    clockShare: Cited,
    negativeLatencySeconds: Cited,
  }),
  /** Mean utilisation from which a resource explains why a step was not sustained. */
  saturation: z.strictObject(ofEach(limitKinds)),
  /** From which point the load generator is the limit. */
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
    /** Relative miss within which two rounded figures are the same. */
    roundedShare: Cited,
    /** Relative miss within which a stated line rate is the nominal one. */
    statedRateShare: Cited,
    graveIowait: Cited,
  }),
  /** Reserves of a plan of clusters, and how sure its inputs are. */
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

/** @returns the shortest step that can get a verdict; its ends may cut one second */
export const leastStepSeconds = ({ step }: Pick<Policy, 'step'>): number =>
  step.settleSeconds.value + step.minimumSteadySeconds.value + 1;

/** A resource cannot be more than full: a share of 100% sets no limit. */
export const setsLimit = (share: number): boolean => share < 1;

/** @returns the built-in policy; `resolvePolicy` applies a config file to it */
export function readDefaultPolicy(): Policy {
  return Policy.parse(parse(readFileSync(new URL('./default.yaml', import.meta.url), 'utf8')));
}
