// Opens a sender of single messages by the broker kind of a cluster.

import { byKind } from '../core/broker-kind/registry.ts';
import type { ClusterConfig } from './config.ts';
import type { Io } from './driver.ts';
import type { MessageSender } from './message-sender.ts';

/** @throws AppError broker-unreachable, credentials-refused */
export const openMessageSender = (name: string, config: ClusterConfig, io: Io): Promise<MessageSender> =>
  byKind<ClusterConfig, Promise<MessageSender>>(config, {
    kafka: async (kafka) => (await import('./kafka/message-sender.ts')).openKafkaSender(name, kafka),
    rocketmq: async (rocketmq) => (await import('./rocketmq/message-sender.ts')).openRocketmqSender(name, rocketmq, io),
  });
