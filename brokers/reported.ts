// Reads facts from the details of a snapshot that not every kind of broker reports; an unknown fact is absent.

import type { ByKind } from '../core/broker-kind/registry.ts';
import type { BrokerKind } from '../core/cluster.ts';
import type { KafkaDetails } from './kafka/details.ts';
import { kafkaReported } from './kafka/reported.ts';
import type { RocketmqBroker, RocketmqDetails } from './rocketmq/details.ts';
import { rocketmqReported } from './rocketmq/reported.ts';
import type { ClusterSnapshot } from './snapshot.ts';

/** Each kind has its part of a snapshot. */
export type Details = Pick<ClusterSnapshot, 'cluster' | BrokerKind>;

/** @returns the details of the cluster's kind; those of other kinds are absent */
export const detailsOf = (snapshot: Details | undefined): Partial<KafkaDetails & RocketmqDetails> =>
  snapshot?.[snapshot.cluster.kind] ?? {};

type Figure = number | bigint | undefined;

interface ReportedBroker extends Partial<Pick<RocketmqBroker, 'role' | 'runtime'>> {
  group?: string;
  version?: string;
  /** Bytes of all its messages, if it does not report them by topic. */
  storedBytes?: bigint;
  /** Used share of the fullest file system, which stops the broker first. */
  diskUsedRatio?: number;
  /** Disks below the folders of the broker. */
  disks?: readonly { path?: string | undefined; totalBytes?: Figure; usableBytes?: Figure }[];
  /** Whether producers may send to this master. */
  acceptsMessages?: boolean;
}

type Read<Result> = (snapshot: Details, name: string) => Result;

/** Each kind of broker implements all of them in `reported.ts` of its folder. */
export interface Reported {
  broker: Read<ReportedBroker>;
  /** Settings of a topic by name. */
  settings: Read<Readonly<Record<string, Figure | string>>>;
}

const registry: ByKind<Reported> = { kafka: kafkaReported, rocketmq: rocketmqReported };

export const reportedBy = ({ cluster }: Pick<Details, 'cluster'>): Reported => registry[cluster.kind];

/** Settings of a topic, as the cluster reports them. */
export function settingsOf(snapshot: Details, topic: string): Readonly<Record<string, string>> {
  const settings = Object.entries(reportedBy(snapshot).settings(snapshot, topic));
  return Object.fromEntries(settings.flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])));
}
