// Reads offsets of topics and groups with the broker's own command-line tools.

import { tableIn, type KafkaTools } from './kafka-tools.ts';
import type { RunningRocketmq } from './rocketmq.ts';

/** Offsets summed over the partitions of a topic that was created for the test. */
export interface ToolOffsets {
  end: number;
  committed: number;
}

/** @throws Error when the tool lists no partition */
export type ReadOffsets = (group: string, topic: string) => Promise<ToolOffsets>;

/** Reads all groups in one call, at the first request. */
export function kafkaOffsets(tools: Pick<KafkaTools, 'run'>): ReadOffsets {
  let told: Promise<string> | undefined;
  return async (group, topic) => {
    told ??= tools.run('groups', '--describe', '--all-groups');
    const rows = tableIn(await told, 'GROUP').filter((row) => row['GROUP'] === group && row['TOPIC'] === topic);
    // The tool prints a dash for a partition without a committed offset.
    return sumOf(rows.map((row) => [Number(row['LOG-END-OFFSET']), Number(row['CURRENT-OFFSET']) || 0]));
  };
}

export const rocketmqOffsets =
  ({ mqadmin }: Pick<RunningRocketmq, 'mqadmin'>): ReadOffsets =>
  async (group, topic) => {
    const told = await mqadmin(['consumerProgress', '-g', group]);
    // Topic, broker name, queue, offset of the broker, offset of the consumer.
    const rows = Array.from(told.matchAll(/^(\S+)\s+\S+\s+\d+\s+(\d+)\s+(\d+)/gm), ([, ...cells]) => cells);
    return sumOf(
      rows.filter(([named]) => named === topic).map(([, end, committed]) => [Number(end), Number(committed)]),
    );
  };

function sumOf(partitions: readonly (readonly [end: number, committed: number])[]): ToolOffsets {
  if (partitions.length === 0) throw new Error('the tool told of no partition');
  return {
    end: partitions.reduce((sum, [end]) => sum + end, 0),
    committed: partitions.reduce((sum, [, committed]) => sum + committed, 0),
  };
}
