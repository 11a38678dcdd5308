// Parses the name of a partition, or of a queue with its broker.

import type { ClusterConfig } from '../brokers/config.ts';
import type { PartitionPlace } from '../core/cluster.ts';
import { traitsOf } from '../core/broker-kind/registry.ts';
import { AppError } from '../core/errors.ts';

/** @throws AppError usage */
export function placeOf(
  typed: string,
  { broker }: Pick<ClusterConfig, 'broker'>,
  topic: string,
): Pick<PartitionPlace, 'partition' | 'brokerName'> {
  const [, brokerName, number] = /^(?:(.+):)?(\d{1,9})$/.exec(typed) ?? [];
  if (number === undefined) {
    throw new AppError('usage', `--partition ${typed} is not a partition, such as 3 or broker-a:3`);
  }
  if (traitsOf(broker).partitionNumbersPer === 'broker' && brokerName === undefined) {
    throw new AppError('usage', `--partition ${typed}: RocketMQ queue ids start at 0 on each broker`, {
      hint: `name it, such as --partition broker-a:${typed}; \`plimsoll get topic ${topic}\` lists them`,
    });
  }
  return { partition: Number(number), ...(brokerName !== undefined && { brokerName }) };
}
