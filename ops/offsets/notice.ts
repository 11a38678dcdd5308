// Writes the notice to a group's owners before its offsets move.

import type { Notice } from '../change/notice.ts';
import { countText, ifKnown } from '../../core/text/quantity-text.ts';

export interface OffsetNotice {
  cluster: string;
  group: string;
  topics: readonly string[];
  /** Absent if unknown for any partition. */
  skipped?: bigint;
  repeated?: bigint;
  mustStop: boolean;
}

export function offsetNotice(notice: OffsetNotice): Notice {
  const { cluster, group, topics, skipped, repeated, mustStop } = notice;
  const count = (value: bigint | undefined, unknown: string) => ifKnown(value, countText) ?? unknown;
  return {
    zh: [
      '通知：消费位点重置',
      `集群：${cluster}，消费组：${group}，Topic：${topics.join('、')}`,
      `影响：最多跳过 ${count(skipped, '未知数量的')} 条消息（不再消费），最多重复消费 ${count(repeated, '未知数量的')} 条消息。`,
      mustStop
        ? '请配合：窗口开始前停止该消费组的所有消费者，完成后再启动；业务须能处理重复消息。'
        : '请配合：消费者无需停止；业务须能处理重复消息。',
      '回滚：执行前已备份位点，可恢复到备份；已重复消费的消息无法撤回。',
    ],
    en: [
      'Notice: the offsets of a consumer group are reset',
      `Cluster: ${cluster}, group: ${group}, topics: ${topics.join(', ')}`,
      `What clients see: messages skipped and never read, at most: ${count(skipped, 'unknown')}; messages read again, at most: ${count(repeated, 'unknown')}.`,
      mustStop
        ? 'Please do: stop every consumer of the group before the window, and start them afterwards; consumers must handle duplicate messages.'
        : 'Please do: consumers need not stop; be able to process a message twice.',
      'Rollback: the offsets are backed up before, and the backup can be restored; messages that were read again cannot be unread.',
    ],
  };
}
