// Translates what an analysis lacks, which it records in English, into Chinese.

import { chineseName } from '../../text/limit-text.ts';
import { nodeText } from '../../text/quantity-text.ts';

const known: Readonly<Record<string, string>> = {
  'a quarter of an hour within the policy limits': '策略上限内持续 15 分钟的数据',
  'a step at a rate that is held': '速率保持不变的台阶',
  'a step that was begun': '已开始的台阶',
  'a step that was sustained or saturated': '稳定或饱和的台阶',
  'a sustained step within the policy limits': '策略上限内的稳定台阶',
  'another master, since none is left that accepts sends': '其他可写的主节点',
  'counters of a network card and its speed': '网卡计数器和链路速率',
  'figures of each consumer group': '每个消费组的数据',
  'host metrics of the brokers': 'Broker 的主机指标',
  'host metrics, since it takes over traffic': '接管流量的节点的主机指标',
  'host it runs on': '所在主机',
  'known cause of the limit': '上限的原因',
  'limit that the load test came near': '压测接近过的上限',
  'load test up to a limit of the cluster': '压到集群上限的压测',
  'load test without it: the first limit was measured with all brokers':
    '缺少它的压测（首个上限是在全部 Broker 运行时测得的）',
  'partition with a replica on another broker': '在其他 Broker 上有副本的分区',
  'rate above the limit of the load generator': '高于压测端上限的速率',
  'rate that is not in doubt': '没有疑问的速率',
  'rate with fewer pauses for garbage collection': 'GC 停顿更少的速率',
  'recorded mode of the brokers (DLedger would need a majority to elect a master)':
    'Broker 的部署模式（DLedger 选主需要多数派）',
  'steps closer to the limit': '更接近上限的台阶',
  'the cause of the limit that was reached': '所达到上限的原因',
  'times of every core by mode': '每个 CPU 核的分类时间',
  'value of min.insync.replicas, though only one in-sync replica would be left':
    'min.insync.replicas 的值（故障后只剩一个同步副本）',
};

/** @param causes such as `steps closer to the limit (1)`: the text of an unknown one stays in English */
export const causesZh = (causes: readonly string[] = []): string => causes.map(causeZh).join('、');

function causeZh(cause: string): string {
  const parts = known[cause] === undefined ? /^(.+) \(([^)]+)\)$/.exec(cause) : null;
  const [, what = cause, node] = parts ?? [];
  const longer = what.replace(/^a step of ([\d.]+) s or more$/, '不短于 $1 秒的台阶');
  return `${known[what] ?? chineseName(longer).trim()}${node === undefined ? '' : `（${nodeText(node, 'zh')}）`}`;
}
