// Texts of the blast radius page, in English and Chinese.

import type { BlastRadius, CellEffect } from '../../../core/documents/blast-radius.ts';
import type { Language } from '../strings.ts';

const en = {
  title: 'Blast radius',
  link: 'Blast radius: each failure in each hour',
  explained:
    'Each failure is simulated in the busiest minute of each hour, and compared with the same day without it. Hosts with the same role in the same zone are one row.',
  noneFelt: (failures: string) =>
    `No failure (of ${failures}) affects a domain or puts a broker above its policy limit, in any hour.`,
  felt: (felt: string, failures: string) =>
    `Failures that affect a domain or put a broker above its policy limit in some hour: ${felt} of ${failures}.`,
  broken: 'The plan claims to survive a failure that it does not survive.',
  map: 'Effect by hour',
  mapExplained: 'Hour of the day in which the failure begins.',
  failure: 'Failure',
  zone: (name: string) => (/^zone/i.test(name) ? name : `zone ${name}`),
  anyOf: (count: string) => `any of ${count}`,
  promise: 'Planned for',
  kept: 'yes, and survived',
  notKept: 'yes, but not survived',
  notPromised: 'no',
  effects: {
    none: 'no effect',
    delayed: 'sends wait for a new leader',
    lag: 'a consumer group has lag',
    'outside-safe': 'a broker is above its policy limit',
    refused: 'messages are rejected or lost',
  } satisfies Readonly<Record<CellEffect, string>>,
  worst: 'Worst hour of each failure',
  at: 'At',
  load: 'Load (msg/s)',
  outside: 'Above the policy limit',
  refused: 'Messages refused or lost',
  lag: 'Consumer lag',
  normal: 'Normal after',
  notNormal: 'not within 23 h',
  domains: 'Domains affected',
  lasts: 'The failure lasts',
  demand: 'Demand',
  worlds: { low: 'low end', mid: 'expected', high: 'high end' } satisfies Readonly<
    Record<'low' | 'mid' | 'high', string>
  >,
  others: 'Not simulated, since no message passes through them',
  notSimulated: (kind: BlastRadius['notSimulated'][number]['kind'], hosts: string) =>
    `${kind === 'controller' ? 'One controller' : 'One name server'} of ${hosts} lost`,
  missing: {
    'none-while-others-serve': 'no effect while the others serve',
    'no-new-routes': 'messages flow, but clients do not find new or moved topics',
    'no-elections': 'messages flow, but no leader is elected until it is back',
  } satisfies Readonly<Record<BlastRadius['notSimulated'][number]['effect'], string>>,
  unanswered: {
    busy: 'The service is computing for others. Try again in a few seconds.',
    'too-long':
      'Simulating this plan takes longer than the service allows. Use `plimsoll blast-radius PLAN.json`, which has no limit.',
    'one-queue': 'A domain of this cluster has global order. Its one queue cannot be simulated.',
  } satisfies Readonly<Record<'busy' | 'too-long' | 'one-queue', string>>,
};

type BlastRadiusTexts = typeof en;

const zh: BlastRadiusTexts = {
  title: '故障影响范围',
  link: '故障影响范围：每种故障在每个小时的影响',
  explained: '在每小时最繁忙的一分钟模拟每种故障，并与无故障的同一天对比。同一可用区内角色相同的主机合并为一行。',
  noneFelt: (failures) => `${failures} 种故障在任何时段都不影响业务域，也不会让 Broker 超过策略上限。`,
  felt: (felt, failures) => `${failures} 种故障中有 ${felt} 种会在某些时段影响业务域，或使 Broker 超过策略上限。`,
  broken: '规划声明能承受某种故障，实际却承受不了。',
  map: '各时段的影响',
  mapExplained: '故障开始的小时。',
  failure: '故障',
  zone: (name) => `可用区 ${name}`,
  anyOf: (count) => `${count} 台中任意一台`,
  promise: '规划是否覆盖',
  kept: '覆盖，且能承受',
  notKept: '覆盖，但承受不了',
  notPromised: '未覆盖',
  effects: {
    none: '无影响',
    delayed: '发送等待新的 Leader',
    lag: '消费组出现堆积',
    'outside-safe': 'Broker 超过策略上限',
    refused: '消息被拒绝或丢失',
  },
  worst: '每种故障最严重的时段',
  at: '时刻',
  load: '负载（条/秒）',
  outside: '超过策略上限的时长',
  refused: '被拒绝或丢失的消息',
  lag: '消费延迟',
  normal: '恢复正常用时',
  notNormal: '23 小时内未恢复',
  domains: '受影响的业务域',
  lasts: '故障持续',
  demand: '需求',
  worlds: { low: '下端', mid: '预期', high: '上端' },
  others: '以下组件不在消息链路上，未做模拟',
  notSimulated: (kind, hosts) => `${hosts} 个${kind === 'controller' ? ' Controller' : ' NameServer'} 中失去一个`,
  missing: {
    'none-while-others-serve': '其余节点正常服务时无影响',
    'no-new-routes': '收发不中断，但客户端找不到新建或迁移的 Topic',
    'no-elections': '收发不中断，但恢复之前无法选举 Leader',
  },
  unanswered: {
    busy: '正在为其他人计算，请几秒后再试。',
    'too-long': '模拟该方案所需时间超过服务的限制。请改用 `plimsoll blast-radius PLAN.json`，它不限时。',
    'one-queue': '该集群有要求全局顺序的业务域，只有一个队列，无法模拟。',
  },
};

export const blastRadiusLanguages: Readonly<Record<Language, BlastRadiusTexts>> = { en, zh };
