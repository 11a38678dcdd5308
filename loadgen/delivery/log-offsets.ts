// Converts the brokers' log offsets to journal lines with the run's partition numbers.

import type { PartitionOffsets } from '../../core/cluster.ts';
import type { JournalLine } from '../../core/documents/run-bundle.ts';

export type LogOffsets = Extract<JournalLine, { kind: 'log-offsets' }>['places'];

/**
 * Numbers the queues of each topic. RocketMQ queue ids start at 0 on each broker, so queues are numbered by broker
 * name, then queue id, and keep their number when a broker disappears. Queues that appear later get the next numbers.
 *
 * @param atStart offsets of a snapshot before the first message
 * @returns function that returns the offsets of a snapshot, for partitions of the run's topics whose start and end are
 * known
 */
export function numberLogs(
  atStart: readonly PartitionOffsets[],
  topics: readonly string[],
): (offsets: readonly PartitionOffsets[]) => LogOffsets {
  const numbers = new Map<string, number>();
  const counts = new Map<string, number>();
  const numberThoseOf = (offsets: readonly PartitionOffsets[]) => {
    for (const topic of topics) {
      const queues = offsets.filter(
        (one) => one.topic === topic && one.brokerName !== undefined && !numbers.has(keyOf(one)),
      );
      const first = counts.get(topic) ?? 0;
      for (const [index, queue] of queues.toSorted(byBroker).entries()) numbers.set(keyOf(queue), first + index);
      counts.set(topic, first + queues.length);
    }
  };
  numberThoseOf(atStart);
  const atFirst = new Map(counts);
  return (offsets) => {
    numberThoseOf(offsets);
    return offsets.flatMap((one) => {
      const { topic, brokerName, start, end } = one;
      const partition = brokerName === undefined ? one.partition : numbers.get(keyOf(one));
      if (!topics.includes(topic) || partition === undefined || start === undefined || end === undefined) return [];
      const isAdded = brokerName !== undefined && partition >= (atFirst.get(topic) ?? 0);
      return [{ topic, partition, start: Number(start), end: Number(end), ...(isAdded && { isAdded }) }];
    });
  };
}

const keyOf = ({ topic, brokerName, partition }: PartitionOffsets) => `${topic} ${brokerName} ${partition}`;

const byBroker = (a: PartitionOffsets, b: PartitionOffsets) =>
  a.brokerName === b.brokerName ? a.partition - b.partition : (a.brokerName ?? '') < (b.brokerName ?? '') ? -1 : 1;
