// Orders a scale-out: operator starts the broker, settings are compared, definitions copied, traffic confirmed.

import type { ChangeKind } from '../change.ts';
import { letSettle } from '../let-settle.ts';
import { copyGroups, openTopicReads, openTopicWrites } from './copy-definitions.ts';
import { ScaleOutFacts } from './facts.ts';
import { awaitSameSettings, awaitStarted } from './await-started.ts';
import { awaitTraffic } from './await-traffic.ts';

export const scaleOut: ChangeKind<ScaleOutFacts> = {
  name: 'scale-out',
  facts: ScaleOutFacts,

  steps: (facts, tools) => [
    awaitStarted(facts, tools),
    awaitSameSettings(facts, tools),
    copyGroups(facts, tools),
    openTopicReads(facts, tools),
    letSettle(facts, tools),
    openTopicWrites(facts, tools),
    awaitTraffic(facts, tools),
  ],

  notice: ({ brokerName, topics, groups }) => ({
    en: [
      `Notice: RocketMQ broker ${brokerName} joins the cluster`,
      `Topics that get queues there: ${topics.length}; groups: ${groups.length}`,
      'What clients see: consumers find the new queues first; producers write to them one minute later. Sending and reading continue.',
      'Order: messages of one key may move to another queue once; consumers may process both until the old one is read.',
      'Please do: run enough consumers for the queues, and allow network access to the new broker for every client.',
      'Rollback: the new queues can be closed to producers at any time, and are then read to the end; no message is deleted.',
    ],
    zh: [
      `通知：RocketMQ 集群扩容，新增 Broker ${brokerName}`,
      `在该 Broker 上新增队列的 Topic：${topics.length} 个；消费组：${groups.length} 个`,
      '对客户端的影响：消费者先发现新队列，约一分钟后生产者开始写入。收发不中断。',
      '顺序：同一 Key 的消息可能切换一次队列；旧队列消费完之前，新旧队列可能同时被消费。',
      '请配合：消费者数量与队列数匹配，并确认所有客户端到新 Broker 的网络已放通。',
      '回滚方案：可随时关闭新队列的写入，其中的消息会继续被消费完；不会删除任何消息。',
    ],
  }),
};
