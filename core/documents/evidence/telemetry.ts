// Defines the telemetry of a run: one record per host or cluster and reading, on the clock of the run.

import { z } from 'zod';
import { BrokerFigures } from './broker-figures.ts';
import { ReplicaRow } from './replica-placement.ts';
import { HostInventory, HostReading } from './host-reading.ts';
import { amount, count, ofKind, positive } from '../values.ts';

const common = {
  /** Monotonic seconds since the start of the run at which the counters were read. */
  elapsedSeconds: z.number(),
  /** How long the reading itself took. */
  scrapeSeconds: amount,
};

export const TelemetryRecord = z.discriminatedUnion('kind', [
  ofKind('host', { host: z.string(), ...common, reading: HostReading }),
  ofKind('cluster', {
    cluster: z.string(),
    ...common,
    /** Lag of each consumer group of the run, from its consumed or committed offset to the end. */
    groups: z.array(z.strictObject({ group: z.string(), lagMessages: amount })),
    /** Partitions of the run's topic with fewer in-sync replicas than replicas. */
    underReplicatedPartitions: count.optional(),
    /** Leaders of the run's topic per broker id. */
    leaders: z.record(z.string(), z.number().int()).optional(),
    /** Brokers of the environment that the cluster no longer lists; absent if there are none. */
    missingBrokers: z.array(z.string()).optional(),
    /** Placement of the replicas of the run's topic; absent if unchanged since the last record that has it. */
    placement: z.array(ReplicaRow).optional(),
  }),
  /** Figures that a broker reported about itself; rates are over `intervalSeconds`, since its previous reading. */
  ofKind('broker', {
    cluster: z.string(),
    broker: z.string(),
    ...common,
    intervalSeconds: positive,
    /** Such as `jolokia`, `jmx-exporter`, `runtime-info`, `gc-log`. */
    source: z.string(),
    figures: BrokerFigures,
  }),
  /** Messages that others stored in the cluster since the previous reading, in topics other than the run's. */
  ofKind('background', {
    cluster: z.string(),
    ...common,
    intervalSeconds: positive,
    messages: count,
  }),
  ofKind('error', { source: z.string(), ...common, code: z.string(), message: z.string() }),
]);
export type TelemetryRecord = z.infer<typeof TelemetryRecord>;

// Names of sources in error records.
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
      /** Rack or zone whose hosts may be lost together. */
      zone: z.string().optional(),
    }),
  ),
  /** As the brokers report it: id of a Kafka cluster, name of a RocketMQ cluster. */
  clusterId: z.string().optional(),
  /** Host of the load generator. */
  generatorHost: z.string().optional(),
  /** Hosts of remote workers, and names of workers without a host; absent if the load generator sends alone. */
  workerHosts: z.array(z.string()).optional(),
  /** Hosts of the RocketMQ proxies in the path of the load. */
  proxyHosts: z.array(z.string()).optional(),
});
export type TelemetryEnvironment = z.infer<typeof TelemetryEnvironment>;

/** @returns every known host of the load generator, each once */
export const generatorHostsOf = ({ generatorHost, workerHosts = [] }: TelemetryEnvironment): string[] => [
  ...new Set([...(generatorHost === undefined ? [] : [generatorHost]), ...workerHosts]),
];

/** Read by the load generator once a second; app/ composes it from hosts/ and brokers/, so that loadgen/ imports neither probe. */
export interface TelemetrySource extends AsyncDisposable {
  describe(options: { signal: AbortSignal }): Promise<TelemetryEnvironment>;
  /**
   * Never throws if a source fails: that source returns a record of kind `error`, the others their readings.
   * @param elapsed returns the run's clock at the moment a counter is read
   */
  sample(elapsed: () => number, options: { signal: AbortSignal }): Promise<readonly TelemetryRecord[]>;
}
