// Translates what an analysis lacks from English, in which it is recorded, to Chinese.

import { chineseName } from '../../text/limit-text.ts';
import { nodeText } from '../../text/quantity-text.ts';
import type { FindingLanguage } from '../findings/finding-entry.ts';

/** A missing input of a verdict. */
export interface Cause {
  what: string;
  node: string;
}

const known: Readonly<Record<string, string>> = {
  '15 minutes without under-replicated partitions': '连续 15 分钟没有副本不足的分区',
  '15 minutes of produced messages per second, without gaps': '连续 15 分钟、没有缺失的每秒生产消息数',
  'a consistent set of rate, message size, followers and card speed (finding physically-infeasible)':
    '相互一致的速率、消息大小、副本数和网卡速率（见发现 physically-infeasible）',
  'a load test of the change: the limit that came first is not predicted for it':
    '对该变更的压测（最先达到的上限无法为其预测）',
  'a quarter of an hour within the policy limits': '策略上限内持续 15 分钟的数据',
  'a rate that is surely within the policy limits': '确定在策略上限内的速率',
  'a reading produced-tps, and a broker with the role master': '读数 produced-tps，以及角色为 master 的 Broker',
  'a run that the guard did not stop': '未被防护规则停止的压测',
  'a run whose figures agree': '各项数据相互一致的压测',
  'a run with messages of the stated size': '消息大小与声明一致的压测',
  'a run with the stated replicas': '副本数与声明一致的压测',
  'a step at a rate that is held': '速率保持不变的台阶',
  'a step that the load generator did not limit': '不受压测端限制的台阶',
  'a step that was begun': '已开始的台阶',
  'a step that was sustained or saturated': '稳定或饱和的台阶',
  'a sustained rate below the one in doubt': '低于存疑速率的稳定速率',
  'a sustained step that keeps every SLO': '满足全部 SLO 的稳定台阶',
  'a sustained step whose figures agree': '各项数据相互一致的稳定台阶',
  'a sustained step within the policy limits': '策略上限内的稳定台阶',
  'another master, since none is left that accepts sends': '其他可写的主节点',
  'bytes in and bytes out apart': '入向与出向分开的字节数',
  'bytes per second of the network card': '网卡每秒的字节数',
  'counters of a network card and its speed': '网卡计数器和链路速率',
  'counters that the bytes in went through': '入向流量所经网卡的计数器',
  'counters that the bytes out went through': '出向流量所经网卡的计数器',
  'counters whose bytes fit the messages': '字节数与消息相符的计数器',
  'figures of each consumer group': '每个消费组的数据',
  'host it runs on': '所在主机',
  'host metrics of the brokers': 'Broker 的主机指标',
  'host metrics, since it takes over traffic': '接管流量的节点的主机指标',
  'known cause of the limit': '上限的原因',
  'leaders with traffic': '有流量的 Leader',
  'limit that the load test came near': '压测接近过的上限',
  'load test up to a limit of the cluster': '压到集群上限的压测',
  'load test without it: the first limit was measured with all brokers':
    '缺少它的压测（首个上限是在全部 Broker 运行时测得的）',
  'partition with a replica on another broker': '在其他 Broker 上有副本的分区',
  'rate above the limit of the load generator': '高于压测端上限的速率',
  'rate that is not in doubt': '没有疑问的速率',
  'rate with fewer pauses for garbage collection': 'GC 停顿更少的速率',
  'readings on the clock of the load': '与压测时钟一致的读数',
  'readings whose clock goes as that of the run': '时钟快慢与压测一致的读数',
  'recorded mode of the brokers (DLedger would need a majority to elect a master)':
    'Broker 的部署模式（DLedger 选主需要多数派）',
  'speed of the network card': '网卡速率',
  'steps closer to the limit': '更接近上限的台阶',
  'the cause of the limit that was reached': '所达到上限的原因',
  'the counters of that host': '该主机的计数器',
  'the true number of cores': '真实的 CPU 核数',
  'the true speed of the network card': '网卡的真实速率',
  'the unit of the rates that brokers reported': 'Broker 上报速率的单位',
  'times of every core by mode': '每个 CPU 核的分类时间',
  'value of min.insync.replicas, though only one in-sync replica would be left':
    'min.insync.replicas 的值（故障后只剩一个同步副本）',
  'workers on one clock, to judge endToEndP99': '时钟一致的 Worker（用于判断 endToEndP99）',
};

/** @param causes such as `steps closer to the limit (1)`; an unknown text stays in English */
export const causesZh = (causes: readonly string[] = []): string => causes.map(causeZh).join('、');

/** @returns such as `steps closer to the limit (1)`, as reasons record it; without a node for the whole cluster */
export const causeOf = ({ what, node }: Cause): string => (node === 'cluster' ? what : `${what} (${node})`);

/** @returns such as `steps closer to the limit (broker 1)`, `更接近上限的台阶（Broker 1）` */
export const causeText = (cause: Cause, language: FindingLanguage): string =>
  language === 'zh' ? causeZh(causeOf(cause)) : `${cause.what} (${nodeText(cause.node)})`;

function causeZh(cause: string): string {
  const text = known[cause];
  if (text !== undefined) return text;
  const [, what, detail] = /^(.+) \(([^)]+)\)$/.exec(cause) ?? [];
  if (what !== undefined && detail !== undefined) return `${causeZh(what)}（${nodeText(detail, 'zh')}）`;
  return chineseName(cause.replace(/^a step of ([\d.]+) s or more$/, '不短于 $1 秒的台阶')).trim();
}
