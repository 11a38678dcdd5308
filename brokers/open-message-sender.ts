// Opens a sender of single messages by the broker kind of a cluster.

import { byKind } from '../core/broker-kind/registry.ts';
import type { ClusterConfig } from './config.ts';
import type { Io } from './driver.ts';
import { openKafkaSender } from './kafka/message-sender.ts';
import type { MessageSender } from './message-sender.ts';
import { openRocketmqSender } from './rocketmq/message-sender.ts';

/** @throws AppError broker-unreachable, credentials-refused */
export const openMessageSender = async (name: string, config: ClusterConfig, io: Io): Promise<MessageSender> =>
  byKind<ClusterConfig, MessageSender | Promise<MessageSender>>(config, {
    kafka: (kafka) => openKafkaSender(name, kafka),
    rocketmq: (rocketmq) => openRocketmqSender(name, rocketmq, io),
  });
