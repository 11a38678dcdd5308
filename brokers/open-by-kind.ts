// Opens what is implemented per broker kind: group offsets, the lease store, and a sender of single messages.

import { byKind } from '../core/broker-kind/registry.ts';
import type { ClusterConfig } from './config.ts';
import type { Io } from './driver.ts';
import type { GroupOffsets } from './group-offsets.ts';
import type { LeaseStore } from './lease-store.ts';
import type { MessageSender } from './message-sender.ts';

/** @throws AppError broker-unreachable, credentials-refused */
export function openGroupOffsets(name: string, config: ClusterConfig, io: Io): Promise<GroupOffsets> {
  return byKind<ClusterConfig, Promise<GroupOffsets>>(config, {
    async kafka(kafka) {
      return (await import('./kafka/group-offsets/kafka-group-offsets.ts')).openKafkaGroupOffsets(name, kafka);
    },
    async rocketmq(rocketmq) {
      const { openRocketmqGroupOffsets } = await import('./rocketmq/group-offsets/rocketmq-group-offsets.ts');
      return openRocketmqGroupOffsets(name, rocketmq, io);
    },
  });
}

interface LeaseStoreOptions {
  /** Name servers that the change itself adds or removes: the lease is stored on the others, if there are any. */
  without?: readonly string[];
}

/** Connects on the first request. */
export function openLeaseStore(
  name: string,
  config: ClusterConfig,
  { without = [] }: LeaseStoreOptions = {},
): Promise<LeaseStore> {
  return byKind<ClusterConfig, Promise<LeaseStore>>(config, {
    async kafka(kafka) {
      const { openKafkaLeaseStore } = await import('./kafka/lease/kafka-lease-store.ts');
      return openKafkaLeaseStore(name, kafka);
    },
    async rocketmq(rocketmq) {
      const { openRocketmqLeaseStore } = await import('./rocketmq/lease/rocketmq-lease-store.ts');
      const staying = rocketmq.namesrv.filter((address) => !without.includes(address));
      return openRocketmqLeaseStore(name, rocketmq, staying.length > 0 ? staying : rocketmq.namesrv);
    },
  });
}

/** @throws AppError broker-unreachable, credentials-refused */
export const openMessageSender = (name: string, config: ClusterConfig, io: Io): Promise<MessageSender> =>
  byKind<ClusterConfig, Promise<MessageSender>>(config, {
    kafka: async (kafka) => (await import('./kafka/message-sender.ts')).openKafkaSender(name, kafka),
    rocketmq: async (rocketmq) => (await import('./rocketmq/message-sender.ts')).openRocketmqSender(name, rocketmq, io),
  });
