// Orders a scale-in without loss: close writes, verify that nothing arrives, wait for reads, delivery and expiry, then stop.

import type { ChangeKind } from '../change.ts';
import { awaitExpired } from '../await-expired.ts';
import { closeWrites, awaitClosed } from '../close-writes.ts';
import { ScaleInFacts } from './facts.ts';
import { awaitDelivered } from './await-delivered.ts';
import { awaitQuiet } from '../await-quiet.ts';
import { awaitRead } from './await-read.ts';
import { awaitGone, awaitStopped } from './await-stopped.ts';
import { setOrder } from '../topics/set-order.ts';
import { expiryOf } from '../unread-blocker.ts';
import { whileClosed } from './while-closed.ts';

export const scaleIn: ChangeKind<ScaleInFacts> = {
  name: 'scale-in',
  facts: ScaleInFacts,

  steps: (facts, tools) => [
    // Producers read the queues of an ordered topic from its order configuration, whatever the route permissions.
    ...Object.entries(facts.orders ?? {}).map(([topic, order]) => ({
      ...setOrder<ScaleInFacts>(topic, order, tools.desk),
      id: `set-order-${topic}`,
    })),
    closeWrites(facts, tools),
    awaitClosed(facts, tools),
    awaitQuiet(facts, tools),
    ...[awaitDelivered(facts, tools), awaitRead(facts, tools), awaitExpired(facts, tools)].map((step) =>
      whileClosed(step, facts, tools),
    ),
    awaitStopped(facts, tools),
    awaitGone(facts, tools),
  ],

  notice: ({ brokerName, topics, retentionHours, giveUpReplay, quietAt }) => {
    const expiry = expiryOf({ quietAt, retentionHours })?.toISOString().slice(0, 16).replace('T', ' ');
    return {
      en: [
        `Notice: RocketMQ broker ${brokerName} leaves the cluster`,
        `Topics with queues there: ${topics.length}`,
        'What clients see: producers write to the other brokers after their next route refresh (30 s for Java). Consumers continue to read from it until no messages are left. A message that is sent back for a retry goes to another broker. Messages of one key move to another queue once; consumers may process the old and the new queue at the same time, so order is not guaranteed for a short time.',
        giveUpReplay
          ? 'Reading again: its messages cannot be read again after it is stopped.'
          : `Reading again: possible until the retention${retentionHours === undefined ? '' : ` of ${retentionHours} h`} after the last write ends. The broker is stopped only then${expiry === undefined ? '' : ` (${expiry} UTC)`}, even if that is after the window above.`,
        'Please do: keep consumers online, keep retries on, and report clients that choose queues themselves.',
        'Rollback: until the broker is stopped, its permission can be restored, and it accepts messages again within seconds. No message is deleted.',
      ],
      zh: [
        `通知：RocketMQ Broker ${brokerName} 下线（缩容）`,
        `涉及 Topic：${topics.length} 个（在该 Broker 上有队列）`,
        '对客户端的影响：生产者在下一次更新路由后（Java 客户端为 30 秒）写入其他 Broker；消费者继续读取该 Broker 直至消费完毕。消费失败需要重试的消息会发往其他 Broker。同一 Key 的消息会切换一次队列；切换期间新旧队列可能同时被消费，短时间内不保证顺序。',
        giveUpReplay
          ? '消息回溯：Broker 停机后，其上存储的消息无法再回溯。'
          : `消息回溯：该 Broker 停止写入后${retentionHours === undefined ? '，保留期结束前' : ` ${retentionHours} 小时内`}仍可回溯。保留期结束后${expiry === undefined ? '' : `（${expiry} UTC）`}才停机，即使已超出上述时间窗口。`,
        '请配合：保持消费者在线、开启重试；如有客户端自行选择队列，请提前告知。',
        '回滚方案：停机前可随时恢复写权限，数秒内生效，不会删除任何消息。',
      ],
    };
  },
};
