// Writes the notice of a reassignment to topic owners.

import type { Notice } from '../../change/notice.ts';
import type { Reassignment } from './plan-reassignment.ts';

const mostTopics = 20;

type AnnouncedPlan = Pick<Reassignment, 'plan' | 'moves' | 'waves' | 'etaSeconds'>;

export function reassignNotice(plan: AnnouncedPlan): Notice {
  const { replicas, leaders } = plan.moves;
  const waves = plan.waves.length;
  const topics = [...new Set(plan.plan.partitions.map(({ topic }) => topic))];
  const shown = topics.slice(0, mostTopics);
  const left = topics.length - mostTopics;
  const eta = plan.etaSeconds;
  return {
    zh: [
      '通知：Kafka 分区副本迁移',
      `涉及 Topic：${topics.length} 个（${shown.join('、')}${left > 0 ? ` 等，另有 ${left} 个` : ''}）`,
      ...(eta ? [`预计耗时：约 ${minutes(eta.mid)} 分钟（${minutes(eta.low)} 至 ${minutes(eta.high)} 分钟）`] : []),
      `操作内容：分 ${waves} 批复制 ${replicas} 个副本，随后 ${leaders} 个分区切换 Leader。`,
      '对客户端的影响：收发不中断。Leader 切换时客户端会刷新元数据并重试，个别发送可能多花几秒；未开启重试的生产者可能报错。复制期间读取历史消息可能变慢。',
      '请配合：保持重试开启，窗口内不要进行大规模消息回溯。',
      '回滚方案：进行中的迁移可以取消；已迁移的分区按事先保存的回滚文件恢复原副本分布，不会因此删除消息。',
    ],
    en: [
      'Notice: Kafka replicas move between brokers',
      `Topics: ${topics.length} (${shown.join(', ')}${left > 0 ? ` and ${left} more` : ''})`,
      ...(eta ? [`Duration: about ${minutes(eta.mid)} min (${minutes(eta.low)} to ${minutes(eta.high)} min)`] : []),
      `What happens: replicas are copied in waves (replicas: ${replicas}, waves: ${waves}), then leaders change (partitions: ${leaders}).`,
      'What clients see: sending and reading continue. When a leader changes, a client looks for the new one and retries; a send may take a few seconds longer. A producer without retries may see errors. Reading old messages may be slower while replicas are copied.',
      'Please do: keep retries on, and do not start a large replay in the window.',
      'Rollback: moves in progress can be cancelled; completed moves are rolled back with the rollback file. No message is deleted.',
    ],
  };
}

function minutes(seconds: number): number {
  return Math.max(1, Math.round(seconds / 60));
}
