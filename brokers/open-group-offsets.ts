// Opens the group offsets of a cluster by its broker kind.

import { byKind } from '../core/broker-kind/registry.ts';
import type { ClusterConfig } from './config.ts';
import type { Io } from './driver.ts';
import type { GroupOffsets } from './group-offsets.ts';
import { openKafkaGroupOffsets } from './kafka/group-offsets/kafka-group-offsets.ts';
import { openRocketmqGroupOffsets } from './rocketmq/group-offsets/rocketmq-group-offsets.ts';

/** @throws AppError broker-unreachable, credentials-refused */
export function openGroupOffsets(name: string, config: ClusterConfig, io: Io): Promise<GroupOffsets> {
  return byKind(config, {
    kafka: (kafka) => openKafkaGroupOffsets(name, kafka),
    rocketmq: (rocketmq) => openRocketmqGroupOffsets(name, rocketmq, io),
  });
}
