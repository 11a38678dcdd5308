// How many messages do topics hold, and how far is a group in them, as the broker's own command-line tools say?

import { tableIn, type KafkaTools } from './kafka-tools.ts';
import type { RunningRocketmq } from './rocketmq.ts';

export interface LogEnds {
  /** Offsets from the start of each partition to its end, added up, by topic. */
  held(topics: readonly string[]): Promise<Map<string, number>>;
  /** Offsets a group has committed, added up over the partitions of a topic; and what the tool calls its lag. */
  committed(group: string, topic: string): Promise<{ offsets: number; lag: number }>;
}

/** Groups are read once, when the first one is asked for. */
export function kafkaLogEnds(tools: Pick<KafkaTools, 'run'>): LogEnds {
  let groups: Promise<string> | undefined;
  return {
    async held(topics) {
      const words = (time: string) => ['--time', time];
      const [starts, ends] = [await tools.run('offsets', ...words('-2')), await tools.run('offsets', ...words('-1'))];
      const [start, end] = [sumByTopic(starts), sumByTopic(ends)];
      return new Map(topics.map((topic) => [topic, (end.get(topic) ?? Number.NaN) - (start.get(topic) ?? 0)]));
    },
    async committed(group, topic) {
      groups ??= tools.run('groups', '--describe', '--all-groups');
      const rows = tableIn(await groups, 'GROUP').filter((row) => row['GROUP'] === group && row['TOPIC'] === topic);
      return {
        offsets: sumOf(rows.map((row) => (row['CURRENT-OFFSET'] === '-' ? 0 : Number(row['CURRENT-OFFSET'])))),
        lag: sumOf(rows.map((row) => Number(row['LAG']))),
      };
    },
  };
}

/** Lines of GetOffsetShell: topic:partition:offset. */
function sumByTopic(text: string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [, topic = '', , offset] of text.matchAll(/^([^:\s]+):(\d+):(\d+)$/gm)) {
    sums.set(topic, (sums.get(topic) ?? 0) + Number(offset));
  }
  return sums;
}

export const rocketmqLogEnds = ({ mqadmin }: Pick<RunningRocketmq, 'mqadmin'>): LogEnds => ({
  async held(topics) {
    const held = new Map<string, number>();
    for (const topic of topics) {
      // Broker name, queue, lowest and highest offset.
      const rows = rowsIn(await mqadmin(['topicStatus', '-t', topic]), /^(\S+)\s+(\d+)\s+(\d+)\s+(\d+)/gm);
      held.set(topic, sumOf(rows.map(([, , start, end]) => Number(end) - Number(start))));
    }
    return held;
  },
  async committed(group, topic) {
    // Topic, broker name, queue, offsets of the broker and of the consumer.
    const rows = rowsIn(
      await mqadmin(['consumerProgress', '-g', group]),
      /^(\S+)\s+(\S+)\s+(\d+)\s+(\d+)\s+(\d+)/gm,
    ).filter(([named]) => named === topic);
    const offsets = sumOf(rows.map(([, , , , consumer]) => Number(consumer)));
    return { offsets, lag: sumOf(rows.map(([, , , broker]) => Number(broker))) - offsets };
  },
});

const rowsIn = (text: string, row: RegExp) => Array.from(text.matchAll(row), ([, ...cells]) => cells);

const sumOf = (numbers: readonly number[]) => {
  if (numbers.length === 0) throw new Error('the tool told of no partition');
  return numbers.reduce((sum, one) => sum + one, 0);
};
