// What do the partitions of the run's topics hold, by the brokers' own offsets? For the journal, numbered as producers do.

import type { PartitionOffsets } from '../../core/cluster.ts';
import type { JournalLine } from '../../core/run-bundle.ts';

export type LogOffsets = Extract<JournalLine, { kind: 'log-offsets' }>['places'];
export type LogOffsetsOfPlace = LogOffsets[number];

/**
 * Queues of RocketMQ count anew at each broker; all of a topic's are numbered by broker name, then queue id, and keep their
 * number when a broker is gone.
 *
 * @param atStart offsets of a snapshot before the first message
 * @returns what gives the offsets of any snapshot of the run's topics whose start and end the brokers told
 */
export function numberLogs(
  atStart: readonly PartitionOffsets[],
  topics: readonly string[],
): (offsets: readonly PartitionOffsets[]) => LogOffsets {
  const numbers = new Map<string, number>();
  for (const topic of topics) {
    const queues = atStart.filter((one) => one.topic === topic && one.brokerName !== undefined).toSorted(byBroker);
    for (const [index, queue] of queues.entries()) numbers.set(keyOf(queue), index);
  }
  return (offsets) =>
    offsets.flatMap((one) => {
      const { topic, brokerName, start, end } = one;
      const partition = brokerName === undefined ? one.partition : numbers.get(keyOf(one));
      if (!topics.includes(topic) || partition === undefined || start === undefined || end === undefined) return [];
      return [{ topic, partition, start: Number(start), end: Number(end) }];
    });
}

const keyOf = ({ topic, brokerName, partition }: PartitionOffsets) => `${topic} ${brokerName} ${partition}`;

const byBroker = (a: PartitionOffsets, b: PartitionOffsets) =>
  a.brokerName === b.brokerName ? a.partition - b.partition : (a.brokerName ?? '') < (b.brokerName ?? '') ? -1 : 1;
