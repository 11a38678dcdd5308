// Opens the driver of a redline for the kind of broker.

import type { ClusterConfig } from '../../brokers/config.ts';
import { openKafkaChanges } from '../../brokers/kafka/changes/kafka-changes.ts';
import { openChangeDesk } from '../../brokers/rocketmq/changes/change-desk.ts';
import { byKind } from '../../core/broker-kind/registry.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { kafkaRedline } from '../../ops/kafka/redline/kafka-redline.ts';
import type { RedlineDriver } from '../../ops/redline/redline-driver.ts';
import { rocketmqRedline } from '../../ops/rocketmq/redline/rocketmq-redline.ts';

/**
 * Connects on first use.
 *
 * @param wanted.ignoredGroups RocketMQ: groups that need not consume the removed queues
 * @throws AppError usage for an id that no broker of this kind can have
 */
export function openRedline(
  name: string,
  cluster: ClusterConfig,
  { broker, clock, ignoredGroups }: { broker: string; clock: Clock; ignoredGroups: readonly string[] },
): RedlineDriver {
  return byKind<ClusterConfig, RedlineDriver>(cluster, {
    kafka: (config) => {
      if (!/^\d+$/.test(broker)) throw new AppError('usage', `--broker ${broker}: a broker id is a number`);
      return kafkaRedline(openKafkaChanges(name, config, { clock }), { name, broker, clock });
    },
    rocketmq: (config) => rocketmqRedline(openChangeDesk(name, config), { broker, clock, ignoredGroups }),
  });
}
