// Texts of the blast radius page, in English and Chinese.

import { effectMarks, type BlastRadius, type CellEffect } from '../../../core/documents/blast-radius.ts';
import { bilingual, type Pair } from '../../../core/text/bilingual.ts';

export const blastRadiusLanguages = bilingual({
  title: ['Blast radius', '故障影响范围'],
  link: ['Blast radius of each failure, by hour of the day', '故障影响范围：各种故障在一天各小时的影响'],
  day: (peak: string, demand: string) => [
    `Simulated day: that of the planned peak, ${peak} msg/s (demand: ${demand}).`,
    `模拟的是规划峰值当天：峰值 ${peak} 条/秒（需求：${demand}）。`,
  ],
  explained: (hold: string) => [
    `Each failure is simulated in the busiest minute of each hour, and compared with the same day without a failure. A message that no broker accepts within ${hold} counts as rejected.`,
    `在每小时最繁忙的一分钟模拟每种故障，并与无故障的同一天对比。${hold}内没有任何 Broker 接受的消息计为被拒绝。`,
  ],
  noneFelt: (failures: string) => [
    `Failures with lag, lost messages or a broker above its policy limit in some hour: none of ${failures}.`,
    `${failures} 种故障在任何时段都不会造成消费堆积、消息丢失或 Broker 超过策略上限。`,
  ],
  felt: (felt: string, failures: string) => [
    `Failures with lag, lost messages or a broker above its policy limit in some hour: ${felt} of ${failures}.`,
    `${failures} 种故障中有 ${felt} 种会在某些时段造成消费堆积、消息丢失或 Broker 超过策略上限。`,
  ],
  delayed: (delayed: string) => [
    `Failures after which messages only wait for a new leader, or go to other brokers: ${delayed}.`,
    `这些故障中，有 ${delayed} 种只会让消息短暂等待新的 Leader，或改发其他 Broker。`,
  ],
  broken: [
    'The plan claims to survive a failure that it does not survive.',
    '规划声明能承受某种故障，实际却承受不了。',
  ],
  map: ['Effect by hour', '各时段的影响'],
  mapExplained: [
    'Columns: the hour of the planned day (business local time) in which the failure begins.',
    '横轴为故障开始的时间（规划当天的业务所在地时间，时）。',
  ],
  failure: ['Failure', '故障'],
  zone: (name: string) => [/^zone/i.test(name) ? name : `zone ${name}`, `可用区 ${name}`],
  alike: (others: string) => [`the same for ${others}`, `${others} 结果相同`],
  promise: ['Covered by the plan', '规划是否考虑该故障'],
  kept: ['yes, and survived', '已考虑，且能承受'],
  notKept: ['yes, but not survived', '已考虑，但承受不了'],
  notPromised: ['no', '未考虑'],
  effects: {
    none: ['no effect', '无影响'],
    delayed: ['messages wait for a new leader, or go to other brokers', '消息等待新的 Leader，或改发其他 Broker'],
    lag: ['a consumer group has lag', '消费组出现堆积'],
    'outside-safe': ['a broker is above its policy limit', 'Broker 超过策略上限'],
    refused: ['messages are rejected or lost', '消息被拒绝或丢失'],
  } satisfies Record<CellEffect, Pair>,
  marks: {
    none: [effectMarks.none, effectMarks.none],
    delayed: [effectMarks.delayed, '等'],
    lag: [effectMarks.lag, '积'],
    'outside-safe': [effectMarks['outside-safe'], '超'],
    refused: [effectMarks.refused, '丢'],
  } satisfies Record<CellEffect, Pair>,
  worst: ['Worst hour of each failure', '每种故障最严重的时段'],
  at: ['Begins at', '开始时刻'],
  load: ['Load (msg/s)', '负载（条/秒）'],
  outside: ['Time above the policy limit', '超过策略上限的时长'],
  refused: ['Messages rejected or lost', '被拒绝或丢失的消息（条）'],
  lag: ['Consumer lag', '消费延迟'],
  normal: ['Effect lasts', '影响持续时间'],
  notNormal: ['not within 23 h', '23 小时内未恢复'],
  domains: ['Domains with lag or lost messages', '有堆积或丢消息的业务域'],
  lasts: ['The failure lasts', '故障持续'],
  demand: ['Demand', '需求'],
  worlds: { low: ['low end', '低'], mid: ['expected', '预期'], high: ['high end', '高'] },
  others: ['Failures not simulated: no message passes through these hosts', '以下组件不在消息链路上，未做模拟'],
  notSimulated: (kind: BlastRadius['notSimulated'][number]['kind'], hosts: string) => [
    `${kind === 'controller' ? 'One controller' : 'One name server'} of ${hosts} lost`,
    `${hosts} 个${kind === 'controller' ? ' Controller' : ' NameServer'} 中失去一个`,
  ],
  missing: {
    'none-while-others-serve': ['no effect while the others serve', '其余节点正常服务时无影响'],
    'no-new-routes': [
      'messages flow, but clients do not find new or moved topics',
      '收发不中断，但客户端找不到新建或迁移的 Topic',
    ],
    'no-elections': [
      'messages flow, but no leader is elected until it is back',
      '收发不中断，但恢复之前无法选举 Leader',
    ],
  } satisfies Record<BlastRadius['notSimulated'][number]['effect'], Pair>,
  unanswered: {
    busy: ['The service is busy with other users. Try again in a few seconds.', '正在为其他人计算，请几秒后再试。'],
    'too-long': [
      'Simulating this plan takes longer than the service allows. Use `plimsoll blast-radius PLAN.json`, which has no limit.',
      '模拟该方案所需时间超过服务的限制。请改用 `plimsoll blast-radius PLAN.json`，它不限时。',
    ],
    'one-queue': [
      'A domain of this cluster has global order. Its one queue cannot be simulated.',
      '该集群有要求全局顺序的业务域，只有一个队列，无法模拟。',
    ],
  },
});
