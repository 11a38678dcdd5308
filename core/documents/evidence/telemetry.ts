// Defines the telemetry of a run: one record per host or cluster and reading, on the clock of the run.

import { z } from 'zod';
import { BrokerFigures } from './broker-figures.ts';
import { ReplicaRow } from './replica-placement.ts';
import { HostInventory, HostReading } from './host-reading.ts';
import { amount, count, positive } from '../values.ts';

const common = {
  /** Monotonic seconds since the run started, taken when the counters were read. */
  elapsedSeconds: z.number(),
  /** How long the reading itself took. */
  scrapeSeconds: amount,
};

export const TelemetryRecord = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('host'), host: z.string(), ...common, reading: HostReading }),
  z.strictObject({
    kind: z.literal('cluster'),
    cluster: z.string(),
    ...common,
    /** Per consumer group of the run: messages between what it has consumed or committed and the end. */
    groups: z.array(z.strictObject({ group: z.string(), lagMessages: amount })),
    /** Partitions of the run's topic whose in-sync replicas are fewer than their replicas. */
    underReplicatedPartitions: count.optional(),
    /** Leaders of the run's topic per broker id. */
    leaders: z.record(z.string(), z.number().int()).optional(),
    /** Where the replicas of the run's topic lie; absent while nothing of it has changed since the last record that has it. */
    placement: z.array(ReplicaRow).optional(),
  }),
  /** What a broker reported about itself; rates are over `intervalSeconds`, since its reading before. */
  z.strictObject({
    kind: z.literal('broker'),
    cluster: z.string(),
    broker: z.string(),
    ...common,
    intervalSeconds: positive,
    /** Such as `jolokia`, `jmx-exporter`, `runtime-info`, `gc-log`. */
    source: z.string(),
    figures: BrokerFigures,
  }),
  /** What others stored in the cluster since the reading before: messages in topics that are not the run's. */
  z.strictObject({
    kind: z.literal('background'),
    cluster: z.string(),
    ...common,
    intervalSeconds: positive,
    messages: count,
  }),
  z.strictObject({ kind: z.literal('error'), source: z.string(), ...common, code: z.string(), message: z.string() }),
]);
export type TelemetryRecord = z.infer<typeof TelemetryRecord>;

// Sources of readings, as records of errors name them.
export const gcLogName = (broker: string): string => `GC log of broker ${broker}`;
export const hostName = (host: string): string => `host ${host}`;

export const TelemetryEnvironment = z.strictObject({
  hosts: z.array(HostInventory),
  /** Host of each broker, from config or discovery. */
  brokers: z.array(
    z.strictObject({
      id: z.string(),
      address: z.string(),
      host: z.string().optional(),
      /** Rack or zone: its hosts may be lost at once. */
      zone: z.string().optional(),
    }),
  ),
  /** As the brokers report it: the id of a Kafka cluster, the name of a RocketMQ cluster. */
  clusterId: z.string().optional(),
  /** The host the load generator runs on. */
  generatorHost: z.string().optional(),
  /** The other hosts that send for it, and workers without a host by name; absent where it sends by itself. */
  workerHosts: z.array(z.string()).optional(),
  /** The hosts of the RocketMQ proxies that the load went through. */
  proxyHosts: z.array(z.string()).optional(),
});
export type TelemetryEnvironment = z.infer<typeof TelemetryEnvironment>;

/** @returns every known host of the load generator, each once */
export const generatorHostsOf = ({ generatorHost, workerHosts = [] }: TelemetryEnvironment): string[] => [
  ...new Set([...(generatorHost === undefined ? [] : [generatorHost]), ...workerHosts]),
];

/** Read by the load generator once a second; composed by cli from hosts/ and brokers/, so that loadgen/ imports neither probe. */
export interface TelemetrySource extends AsyncDisposable {
  describe(options: { signal: AbortSignal }): Promise<TelemetryEnvironment>;
  /**
   * Never throws for a source that fails: that becomes a record of kind `error`, the others stay.
   * @param elapsed gives the run's clock at the moment a counter is read
   */
  sample(elapsed: () => number, options: { signal: AbortSignal }): Promise<readonly TelemetryRecord[]>;
}
