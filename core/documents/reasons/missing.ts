// Names what a decision lacks, in English and Chinese.

import { z } from 'zod';
import { groupGaps, type GroupGap } from './group-gaps.ts';
import { chineseName, ownerZh } from '../../text/limit-text.ts';
import { causesZh } from './missing-causes.ts';
import type { FindingLanguage, InLanguages } from '../findings/finding-entry.ts';

interface MissingFacts {
  /** Broker, group, setting, kind of loss, or date of the report. */
  of?: string | undefined;
  /** Source, figure, time or cause, as text. */
  in?: string | undefined;
}

function ofGroup(gap: GroupGap): InLanguages<(facts: MissingFacts) => string> {
  return { en: ({ of }) => `${of}: ${groupGaps[gap].en}`, zh: ({ of }) => `${of}：${groupGaps[gap].zh}` };
}

const table = {
  'current-settings': { en: () => 'current settings', zh: () => '当前配置' },
  'current-settings-outdated': {
    en: () => 'current settings (those given are outdated)',
    zh: () => '当前配置（提供的配置已过时）',
  },
  'current-settings-in-future': {
    en: (m) =>
      `current settings (those given were read at ${m.in}, after the date of the report, ${m.of}: check the clock, or \`--as-of\`)`,
    zh: (m) => `当前配置（提供的配置读取于 ${m.in}，晚于报告日期 ${m.of}：请检查时钟或 \`--as-of\`）`,
  },
  'current-setting': { en: ({ of }) => `current ${of}`, zh: ({ of = '' }) => `当前的${partsZh[of] ?? ` ${of}`}` },
  'other-cluster': {
    en: (m) => `current settings of cluster ${m.of} (those given are of ${m.in})`,
    zh: (m) => `集群 ${m.of} 的当前配置（提供的是 ${m.in} 的）`,
  },
  unread: { en: ({ of }) => `${of}`, zh: ({ of }) => `${of}` },
  'settings-then': { en: (m) => `settings at the time of ${m.in}`, zh: (m) => `${m.in} 当时的配置` },
  brokers: { en: (m) => `brokers in ${m.in}`, zh: (m) => `${m.in} 中的 Broker 列表` },
  'broker-version': { en: (m) => `broker version in ${m.in}`, zh: (m) => `${m.in} 中的 Broker 版本` },
  'broker-settings': { en: (m) => `settings of ${m.of} in ${m.in}`, zh: (m) => `${m.in} 中 ${m.of} 的配置` },
  jvm: { en: (m) => `JVM of ${m.of} in ${m.in}`, zh: (m) => `${m.in} 中 ${m.of} 的 JVM` },
  machine: { en: (m) => `machine of ${m.of} in ${m.in}`, zh: (m) => `${m.in} 中 ${m.of} 的机器` },
  'network-card': { en: (m) => `network card of ${m.of} in ${m.in}`, zh: (m) => `${m.in} 中 ${m.of} 的网卡` },
  'no-loss': {
    en: ({ of }) => `verdict that covers the loss of a ${of}`,
    zh: ({ of }) => `包含${lossZh(of)}故障的结论`,
  },
  placement: {
    en: ({ of }) => `${of}: placement of replicas (not recorded, or for one partition only)`,
    zh: ({ of }) => `${of}：副本分布（未记录，或只有单个分区的分布）`,
  },
  'brokers-down': {
    en: ({ of }) =>
      `run with ${of} brokers down that take messages (RocketMQ: masters, or members of groups that elect; \`plimsoll run --degraded BROKERS\`)`,
    zh: ({ of }) =>
      `${of} 台可写 Broker（RocketMQ 为主节点，或可选主的组中的成员）停机时的压测（\`plimsoll run --degraded BROKERS\`）`,
  },
  'loss-limit': { en: (m) => `${m.of}: ${m.in}`, zh: (m) => `${m.of}：${causesZh(m.in?.split('; '))}` },
  'loss-outdated': {
    en: ({ of }) => `${of}: rate without it (computed before a lower maximum was found)`,
    zh: ({ of }) => `${of}：缺少它时的速率（已有的计算值早于后来测得的更低上限）`,
  },
  'loss-test': {
    en: ({ of }) => `${of}: rate without it (the test sustained none)`,
    zh: ({ of }) => `${of}：缺少它时的速率（压测在任何速率下都未能稳定）`,
  },
  'publish-latency': {
    en: (m) => `publish latency at the peak (latencyP99 of ${m.of}: ${m.in})`,
    zh: (m) => `峰值时的发送延迟（${m.of} 的 latencyP99：${m.in}）`,
  },
  'compression-ratio': {
    en: ({ of }) => `compression ratio of the messages of ${of ?? 'the domain'}`,
    zh: ({ of }) => `${of === undefined ? '该业务域' : `${of} `}的消息压缩比`,
  },
  retention: {
    en: () => 'retention in the verdict (`analyzer.retention`)',
    zh: () => '结论中的消息保留时间（`analyzer.retention`）',
  },
  'disk-sizes': {
    en: (m) => `disks of every broker in ${m.in} (see \`retention-unknown\`)`,
    zh: (m) => `${m.in} 中每台 Broker 的磁盘（见 \`retention-unknown\`）`,
  },
  'used-disk': {
    en: (m) =>
      `how much of the ${m.in} that ${m.of} used on its disk before the test will expire (the load does not fit in the rest)`,
    zh: (m) => `压测前 ${m.of} 已用的 ${m.in} 磁盘空间中有多少会过期（剩余空间放不下该负载）`,
  },
  'longest-retention': {
    en: (m) =>
      `retention in ${m.in} that is the longest of all topics (see \`retention-differs\`, \`topic-settings-unread\`)`,
    zh: (m) => `${m.in} 中不短于任何 Topic 的保留时间（见 \`retention-differs\`、\`topic-settings-unread\`）`,
  },
  'average-load': { en: (m) => `average load of ${m.of}`, zh: (m) => `${m.of} 的平均负载` },
  'group-rate': {
    en: (m) => `${m.of}: maximum rate (known: at least ${m.in} msg/s)`,
    zh: (m) => `${m.of}：最大消费能力（已知至少 ${m.in} 条/秒）`,
  },
  'group-rate-brief': {
    en: (m) => `${m.of}: its share for the confirmation time (at least ${m.in} msg/s for less)`,
    zh: (m) => `${m.of}：持续满确认时长的峰值份额（已达至少 ${m.in} 条/秒，但时间不足）`,
  },
  'group-commits': ofGroup('commits'),
  'group-lag': ofGroup('lag'),
  'group-reading': ofGroup('reading'),
  groups: {
    en: (m) => `measurements of ${m.of} of ${m.in} groups`,
    zh: (m) => `${m.in} 个消费组中 ${m.of} 个的测量数据`,
  },
} as const satisfies Record<string, InLanguages<(facts: MissingFacts) => string>>;

/** Reports name the parts of a cluster without readable settings in English. */
const partsZh: Readonly<Record<string, string>> = {
  brokers: ' Broker 列表',
  'broker settings': ' Broker 配置',
  JVMs: ' JVM 配置',
  machines: '机器配置',
  'network cards': '网卡速率',
};

const lossZh = (of: string | undefined) => (of === 'zone' ? '可用区' : ' Broker ');

export const Missing = z.strictObject({
  what: z.enum(Object.keys(table) as [keyof typeof table, ...(keyof typeof table)[]]),
  of: z.string().optional().describe('broker, group, setting or kind of loss'),
  in: z.string().optional().describe('source, figure or cause'),
});
export type Missing = z.infer<typeof Missing>;

export function missingText({ what, ...facts }: Missing, language: FindingLanguage): string {
  const of = facts.of === undefined ? undefined : subjectText(facts.of, language);
  return table[what][language]({ ...facts, of });
}

/** Reports name lost, changed and unmonitored parts in English. */
export const subjectText = (subject: string, language: FindingLanguage): string =>
  language === 'en'
    ? subject
    : subject
        .replace(/^zone (?=\S)/, '可用区 ')
        .replace(/^broker (?=\d)/, 'Broker ')
        .replace(/^hosts of the brokers$/, 'Broker 的主机')
        .replace(/^in-sync replicas$/, '同步副本')
        .replace(/^latency or lag of the SLO$/, 'SLO 的延迟或消费堆积')
        .replace(/^host of (?:broker (?=\d))?(.+)$/, (_, node: string) => `${ownerZh(node)}的主机`)
        .replace(
          /^(cpu|network-in|network-out) of (?:broker (?=\d))?(.+)$/,
          (_, resource: string, node: string) => `${ownerZh(node)}的${chineseName(resource).trimEnd()}`,
        )
        .replace(/ \(not set\) → /, '（未设置）→ ')
        .replace(/^and (\d+) more$/, '另有 $1 项');
