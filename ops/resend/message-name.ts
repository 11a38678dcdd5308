// Names a stored message by its position: partition@offset; for RocketMQ broker:queue@offset.

import { queueName } from '../../brokers/delta/partition-key.ts';
import type { PartitionPlace } from '../../core/cluster.ts';

export type MessagePlace = Pick<PartitionPlace, 'partition' | 'brokerName'> & { offset: bigint };

export const messageName = (place: MessagePlace): string => `${queueName(place)}@${place.offset}`;

/** Combines name and time, because a re-created topic has other messages at the same positions. */
export const messageIdentity = (name: string, storedAtMs: number | undefined): string =>
  storedAtMs === undefined ? name : `${name} ${storedAtMs}`;

/** @returns undefined for a text without such a name */
export function readMessageName(text: string): MessagePlace | undefined {
  const [, brokerName, partition, offset] = /^(?:(.{1,249}):)?(\d{1,9})@(\d{1,19})$/.exec(text) ?? [];
  if (partition === undefined || offset === undefined) return undefined;
  return { partition: Number(partition), offset: BigInt(offset), ...(brokerName !== undefined && { brokerName }) };
}
