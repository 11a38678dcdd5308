// Writes the notice to clients of a topic before partitions are added.

import type { Notice } from '../../change/notice.ts';
import { percentText } from '../../../core/text/quantity-text.ts';

export interface PartitionNotice {
  topic: string;
  from: number;
  to: number;
  /** Share of keys that move to another partition; absent if no message has a key. */
  moved?: number | undefined;
  groups: readonly string[];
}

export function partitionNotice({ topic, from, to, moved, groups }: PartitionNotice): Notice {
  const keys =
    moved === undefined
      ? { en: '', zh: '' }
      : {
          en: ` About ${percentText(moved)} of keys go to another partition; messages of one key may be read out of order across the change.`,
          zh: `约 ${percentText(moved)} 的 Key 会改到其他分区；扩容前后同一 Key 的消息可能乱序。`,
        };
  return {
    zh: [
      '通知：Kafka Topic 分区扩容',
      `Topic：${topic}，分区数由 ${from} 增加到 ${to}`,
      `消费组：${groups.length === 0 ? '无' : groups.join('、')}`,
      `影响：收发不中断。${keys.zh}消费者默认最多 5 分钟后才发现新分区，auto.offset.reset=latest 会跳过此前写入新分区的消息。`,
      '请配合：需要按 Key 保序的业务，请先停止发送并等待消费堆积为 0，再通知我们扩容；消费者请使用 auto.offset.reset=earliest。',
      '回滚：分区数不能减少。如需回滚，只能新建 Topic 并切换。',
    ],
    en: [
      'Notice: a Kafka topic gets more partitions',
      `Topic: ${topic}, from ${from} to ${to} partitions`,
      `Groups: ${groups.length === 0 ? 'none' : groups.join(', ')}`,
      `What clients see: sending and reading continue.${keys.en} Consumers find new partitions after at most 5 minutes by default. With auto.offset.reset=latest they skip messages that were sent to these partitions before.`,
      'Please do: where order by key matters, stop sending and wait until the lag is 0, then tell us; use auto.offset.reset=earliest.',
      'Rollback: partitions cannot be removed. To roll back, create a new topic and move clients to it.',
    ],
  };
}
