// Opens the group offsets of a cluster by its broker kind.

import { byKind } from '../core/broker-kind/registry.ts';
import type { ClusterConfig } from './config.ts';
import type { Io } from './driver.ts';
import type { GroupOffsets } from './group-offsets.ts';

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
