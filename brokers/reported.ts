// Reads facts from the details of a snapshot that not every kind of broker reports; an unknown fact is absent.

import type { ByKind } from '../core/broker-kind/registry.ts';
import type { BrokerKind } from '../core/cluster.ts';
import type { BrokerReading } from './figures/broker-reading.ts';
import type { KafkaDetails } from './kafka/details.ts';
import type { LogDirectory } from './kafka/reading/log-dirs.ts';
import type { TopicConfig } from './kafka/reading/topic-configs.ts';
import { kafkaReported } from './kafka/reported.ts';
import type { RocketmqBroker, RocketmqDetails, RocketmqGroup, RocketmqTopic } from './rocketmq/details.ts';
import { rocketmqReported } from './rocketmq/reported.ts';
import type { ClusterSnapshot } from './snapshot.ts';

interface DiskBelow {
  path?: string | undefined;
  totalBytes?: number | bigint | undefined;
  usableBytes?: number | bigint | undefined;
}

type ReportedCluster = Partial<
  Pick<RocketmqDetails, 'nameServers' | 'disagreements' | 'liteLags'> & Pick<KafkaDetails, 'replicaHolders'>
>;

interface ReportedBroker {
  group?: string;
  role?: RocketmqBroker['role'];
  version?: string;
  /** Used share of the fullest file system, which stops the broker first. */
  diskUsedRatio?: number;
  /** After the last collection. */
  heapUsedRatio?: number;
  logDirectories?: readonly LogDirectory[];
  /** All that the broker reported, as text. */
  runtime?: ReadonlyMap<string, string>;
  /** Whether producers may send to this master. */
  acceptsMessages?: boolean;
}

/** Each kind has its part of a snapshot. */
export type Details = Pick<ClusterSnapshot, 'cluster' | BrokerKind>;
type Read<Result> = (snapshot: Details, name: string) => Result;

/** Each kind of broker implements all of them in `reported.ts` of its folder. */
export interface Reported {
  cluster(snapshot: Details): ReportedCluster;
  broker: Read<ReportedBroker>;
  storedBytes: Read<bigint | undefined>;
  /** Disks below the folders of a broker. */
  disks: Read<readonly DiskBelow[]>;
  /** Counters of a broker, and the section that reads them. */
  counters: Read<
    { section: 'runtime' | 'internals'; counted: Pick<BrokerReading, 'startedAtSeconds' | 'counters'> } | undefined
  >;
  topics(snapshot: Details): ReadonlyMap<string, Pick<RocketmqTopic, 'kind' | 'messageType'>>;
  /** Bytes of all copies by topic. */
  topicBytes(snapshot: Details): ReadonlyMap<string, number>;
  /** Absent if topics have no such settings. */
  topicConfigs(snapshot: Details): readonly TopicConfig[] | undefined;
  /** Settings of a topic by name. */
  settings: Read<Readonly<Record<string, number | bigint | string | undefined>>>;
  group: Read<RocketmqGroup | undefined>;
}

const registry: ByKind<Reported> = { kafka: kafkaReported, rocketmq: rocketmqReported };

export const reportedBy = ({ cluster }: Pick<Details, 'cluster'>): Reported => registry[cluster.kind];

/** Settings of a topic, as the cluster reports them. */
export function settingsOf(snapshot: Details, topic: string): Readonly<Record<string, string>> {
  const settings = Object.entries(reportedBy(snapshot).settings(snapshot, topic));
  return Object.fromEntries(settings.flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])));
}
