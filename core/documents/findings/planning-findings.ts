// Defines the findings about business domains, measurements and planned clusters.

import { forKind, type KindTable } from '../../kind-table.ts';
import { durationText } from '../../text/duration-text.ts';
import { chineseName, limitText } from '../../text/limit-text.ts';
import {
  estimateText,
  nodeText,
  percentText,
  quantityText,
  rateNumberText,
  rateText,
} from '../../text/quantity-text.ts';
import type { Limit } from '../analysis.ts';
import type { Estimate } from '../cluster-plan.ts';
import { causeOf, causesZh, type Cause } from '../reasons/missing-causes.ts';
import { missedText, rejectionText, type MissedLatency, type RejectionCause } from '../reasons/rejection-reasons.ts';
import { figure, findingEntry, type InLanguages } from './finding-entry.ts';

interface OfBuild {
  broker: string;
  mode: string;
}

/** Why a measurement is not used. */
export type UnusableReason = { of: string } & (
  | { kind: 'message-size-unknown' }
  | { kind: 'masters-unknown' }
  /** Brokers were down, so messages had fewer copies than the cluster makes. */
  | { kind: 'degraded'; lost: readonly string[] }
  | { kind: 'no-safe-maximum'; missing: readonly Cause[] }
  /** Its limit says nothing about the capacity of a broker. */
  | { kind: 'no-broker-limit'; limitedBy: Limit; tps: number }
  /** A `setting` of the measurement, and its value in the verdict. */
  | { kind: 'contradicted'; setting: string; stated: string | number; measured: string | number }
);

/** Rates of a peak, or of the measurement, that a card contradicts. */
interface BeyondCard {
  source: string;
  tps: number;
  messageBytes: number;
  direction: string;
  neededBytes: number;
  cardBytes: number;
  cardTps: number;
}

/** What a measurement shows about the latency that a domain requires. */
export type LatencyObjective =
  | { kind: 'unmeasured'; source: string; seconds: number }
  /** `kept`: the highest tested rate within the objective; `missed`: even the lowest step violated it. */
  | ({ kind: 'kept' | 'missed' } & MissedLatency);

const kafka: OfBuild = { broker: 'kafka', mode: 'kraft' };
const rocketmq = 'Apache RocketMQ';

export const planningFindings = {
  'not-measured': findingEntry<{ shape: string } | OfBuild>({
    severity: 'critical',
    en: (facts) =>
      'shape' in facts
        ? `The catalogue has no shape ${facts.shape}.`
        : `There is no measurement of ${facts.broker} in mode ${facts.mode}, so its capacity is unknown.`,
    zh: (facts) =>
      'shape' in facts
        ? `机型目录中没有 ${facts.shape}。`
        : `没有 ${facts.broker}（${facts.mode} 模式）的测量数据，容量未知。`,
    examples: [{ shape: '16c64g' }, kafka],
  }),
  'name-servers': findingEntry<{ nameServers: number }>({
    severity: 'warning',
    en: ({ nameServers }) =>
      `${nameServers === 0 ? 'No name server is' : `${nameServers} name server is`} planned${nameServers === 0 ? '' : ': while it is down, clients cannot find brokers'}. Plan two or more.`,
    zh: ({ nameServers }) =>
      `规划了 ${nameServers} 个 NameServer：少于两个时，一旦故障客户端就无法找到 Broker。请规划至少两个。`,
    examples: [{ nameServers: 1 }, { nameServers: 0 }],
  }),
  'too-few': findingEntry<{ masters: number; needed: number; peakTps: Estimate }>({
    severity: 'critical',
    en: ({ masters, needed, peakTps: { low, mid, high } }) =>
      `Too few brokers accept messages (${masters}): ${needed} are needed for the peak of ${rateText(mid)} (${rateNumberText(low)} to ${rateNumberText(high)}) after the declared losses.`,
    zh: ({ masters, needed, peakTps: { low, mid, high } }) =>
      `${masters} 个可写 Broker 太少：在声明的故障之后承载峰值 ${rateText(mid, 'zh')}（${rateNumberText(low)} 到 ${rateNumberText(high)}）需要 ${needed} 个。`,
    examples: [{ masters: 2, needed: 4, peakTps: { low: 40_000, mid: 52_000, high: 71_000 } }],
  }),
  'setup-refused': findingEntry<RejectionCause>({
    severity: 'critical',
    en: (cause) => `The proposed setup does not meet the requirements: ${rejectionText(cause, 'en')}.`,
    zh: (cause) => `提议的部署方式不满足要求：${rejectionText(cause, 'zh')}。`,
    examples: [{ kind: 'too-few-copies', copies: 1, lostBrokers: 1, left: 0, needed: 1 }, { kind: 'no-majority' }],
  }),
  'measurement-unusable': findingEntry<OfBuild & { shape: string; reason: UnusableReason }>({
    severity: ({ reason }) => (reason.kind === 'contradicted' ? 'critical' : 'warning'),
    en: ({ broker, mode, shape, reason }) =>
      `A measurement of ${broker} in mode ${mode} on ${shape} is not used: ${forKind(reason, unusableTexts).en}.`,
    zh: ({ broker, mode, shape, reason }) =>
      `不使用 ${shape} 上 ${broker}（${mode} 模式）的一项测量：${forKind(reason, unusableTexts).zh}。`,
    examples: [
      { ...kafka, shape: '16c64g', reason: { kind: 'message-size-unknown', of: 'verdict.json' } },
      {
        ...kafka,
        shape: '16c64g',
        reason: {
          kind: 'no-safe-maximum',
          of: 'verdict.json',
          missing: [{ what: 'the true speed of the network card', node: '1' }],
        },
      },
      {
        ...kafka,
        shape: '16c64g',
        reason: {
          kind: 'no-broker-limit',
          of: 'verdict.json',
          limitedBy: { slo: 'consumer-lag', group: 'billing' },
          tps: 1200,
        },
      },
      { ...kafka, shape: '16c64g', reason: { kind: 'masters-unknown', of: 'verdict.json' } },
      { ...kafka, shape: '16c64g', reason: { kind: 'degraded', of: 'verdict.json', lost: ['2'] } },
      {
        ...kafka,
        shape: '16c64g',
        reason: { kind: 'contradicted', of: 'verdict.json', setting: 'masters', stated: 1, measured: 3 },
      },
    ],
  }),
  'measured-beyond-the-card': findingEntry<BeyondCard>({
    severity: 'warning',
    en: ({ source, tps, messageBytes, direction, neededBytes, cardBytes, cardTps }) =>
      `${source}: ${estimateText(tps)} msg/s of ${estimateText(messageBytes)} bytes in this mode would be ${estimateText(neededBytes / 1e6)} MB/s of ${direction}, but the card moves only ${estimateText(cardBytes / 1e6)} MB/s. By calculation it is saturated at ${estimateText(cardTps)} msg/s. Check the number of followers and groups and the compression, or measure again. The plan uses the computed rate.`,
    zh: ({ source, tps, messageBytes, direction, neededBytes, cardBytes, cardTps }) =>
      `${source}：该模式下 ${estimateText(tps)} 条/秒、每条 ${estimateText(messageBytes)} 字节需要${chineseName(direction)} ${estimateText(neededBytes / 1e6)} MB/s，而网卡只能传输 ${estimateText(cardBytes / 1e6)} MB/s。按计算在 ${estimateText(cardTps)} 条/秒饱和。请核对复制、消费和压缩的实际情况，或重新测量；规划采用计算值。`,
    examples: [
      {
        source: 'verdict.json, run r1',
        tps: 60_000,
        messageBytes: 1000,
        direction: 'network-out',
        neededBytes: 180e6,
        cardBytes: 121e6,
        cardTps: 40_300,
      },
    ],
  }),
  'latency-objective': findingEntry<LatencyObjective>({
    severity: ({ kind }) => (({ kept: 'info', unmeasured: 'warning', missed: 'critical' }) as const)[kind],
    en(facts) {
      const { kind, source, seconds } = facts;
      if (kind === 'missed') return `${missedText(facts)[0]}.`;
      const objective = durationText(seconds);
      if (kind === 'unmeasured')
        return `latencyP99 of ${objective} is not checked: ${source} has no latencies of load steps. Measure with \`plimsoll run\`, and name its verdict as the measurement.`;
      const { tps, p99Seconds } = facts;
      return `In ${source} the p99 of publish latency was ${durationText(p99Seconds)} at ${rateText(tps)}, the highest rate within latencyP99 of ${objective}: the plan uses no higher rate.`;
    },
    zh(facts) {
      const { kind, source, seconds } = facts;
      if (kind === 'missed') return `${missedText(facts)[1]}。`;
      const objective = durationText(seconds, 'zh');
      if (kind === 'unmeasured')
        return `未核对 latencyP99（${objective}）：${source} 没有各压测台阶的延迟数据。请用 \`plimsoll run\` 测量，并以其结论作为测量数据。`;
      const { tps, p99Seconds } = facts;
      return `${source} 中，${rateText(tps, 'zh')} 时发送延迟 p99 为 ${durationText(p99Seconds, 'zh')}，是满足 latencyP99（${objective}）的最高速率：规划不超过该速率。`;
    },
    examples: [
      { kind: 'kept', source: 'verdict.json, run r1', seconds: 0.05, tps: 12_000, p99Seconds: 0.031 },
      { kind: 'missed', source: 'verdict.json, run r1', seconds: 0.005, tps: 2000, p99Seconds: 0.008 },
      { kind: 'unmeasured', source: 'a vendor page', seconds: 0.05 },
    ],
  }),
  'daily-share': findingEntry<{ share: number; low: number; high: number; source: string }>({
    severity: ({ share, low, high }) => (share < low - 0.01 || share > high ? 'warning' : 'info'),
    en: ({ share, high }) =>
      `Usual traffic is kept below ${percentText(share)} of the measured maximum${share > high ? '; one third to one half is common practice' : ''}.`,
    zh: ({ share, high }) =>
      `日常流量控制在实测最大值的 ${percentText(share)} 以下${share > high ? '，高于业界常用的三分之一到二分之一' : ''}。`,
    evidence: { dailyShare: ({ share, source }) => figure(share, 'ratio', source) },
    examples: [
      { share: 0.5, low: 0.33, high: 0.5, source: 'rules.yaml' },
      { share: 0.7, low: 0.33, high: 0.5, source: 'rules.yaml' },
    ],
  }),
  'one-group': findingEntry<{ hasFailover: boolean }>({
    severity: 'warning',
    en: ({ hasFailover }) =>
      hasFailover
        ? 'There is only one group: while it elects a leader, no broker accepts messages and producers have to wait.'
        : 'There is only one master: while it is down, no broker accepts messages.',
    zh: ({ hasFailover }) =>
      hasFailover ? '只有一组 Broker：选主期间无法写入，生产者只能等待。' : '只有一个主节点：故障期间无法写入。',
    examples: [{ hasFailover: true }, { hasFailover: false }],
  }),
  'global-order': findingEntry<{ domain: string }>({
    severity: 'warning',
    en: ({ domain }) =>
      `${domain} requires global order: one queue on one broker receives all of its messages, the others are standby.`,
    zh: ({ domain }) => `${domain} 要求全局有序：全部消息由一个 Broker 上的一个队列承载，其他 Broker 只作备用。`,
    examples: [{ domain: 'orders' }],
  }),
  'two-zones': findingEntry<object>({
    severity: 'warning',
    en: () =>
      'With two zones, one has the majority: after losing that zone, name servers continue, but controllers and DLedger groups do not.',
    zh: () =>
      '只有两个可用区时，多数派集中在其中一个：该可用区故障后 NameServer 可继续工作，但 Controller 和 DLedger 组会失去多数派而不可用。',
    examples: [{}],
  }),
  'least-regret-below-peak': findingEntry<{ afterLossTps: number; peakTps: number }>({
    severity: 'warning',
    en: ({ afterLossTps, peakTps }) =>
      `After the worst loss the cluster carries ${rateText(afterLossTps)} of the expected peak of ${rateText(peakTps)}: by the weights of this criticality, more brokers would cost more than the shortage they avoid.`,
    zh: ({ afterLossTps, peakTps }) =>
      `最坏故障后容量为 ${rateText(afterLossTps, 'zh')}，低于预期峰值 ${rateText(peakTps, 'zh')}：按该业务的重要性，再增加 Broker 的成本高于它避免的容量不足。`,
    examples: [{ afterLossTps: 41_000, peakTps: 52_000 }],
  }),
  'slaves-serve-no-tail': findingEntry<{ seconds: number; residentShare: number }>({
    severity: 'info',
    en: ({ seconds }) =>
      `Slaves are planned for copies, not for consumers: consumers read recent messages from the master, and are redirected to a slave only once their lag exceeds 40% of the memory (${quantityText(seconds)} s at peak rate).`,
    zh: ({ seconds }) =>
      `规划中从节点只保存副本，不服务消费者：消费者从主节点读取最新消息，堆积超过峰值流量 ${durationText(seconds, 'zh')}（内存的 40%）时才会转到从节点。`,
    evidence: {
      accessMessageInMemoryMaxRatio: ({ residentShare }) =>
        figure(
          residentShare,
          'ratio',
          `${rocketmq} MessageStoreConfig, DefaultMessageStore.getMessage: the pull is suggested to a slave when the backlog exceeds this share of RAM`,
        ),
      slaveReadEnable: () =>
        figure(
          'false',
          'setting',
          `${rocketmq} BrokerConfig: default; without it no consumer is redirected to a slave`,
        ),
    },
    examples: [{ seconds: 210, residentShare: 0.4 }],
  }),
  'while-a-leader-is-elected': findingEntry<{ masters: number; mostTps: number }>({
    severity: 'info',
    en: ({ masters, mostTps }) =>
      `While one group elects a leader, ${masters === 2 ? 'the other one takes' : `the other ${masters - 1} take`} all messages: above ${rateText(mostTps)}, saturation lasts until the election ends.`,
    zh: ({ masters, mostTps }) =>
      `一组选主期间，其余 ${masters - 1} 组承载全部流量：超过 ${rateText(mostTps, 'zh')}时，它们在选主完成前处于饱和。`,
    evidence: {
      'share of saturation that each group may use': ({ masters }) =>
        figure(masters < 2 ? 0 : (masters - 1) / masters, 'ratio', 'm groups, one of them gone: (m − 1) / m'),
    },
    examples: [
      { masters: 4, mostTps: 61_000 },
      { masters: 2, mostTps: 31_000 },
    ],
  }),
  'rule-broken': findingEntry<{ domain: string; rule: { id: string; en: string; zh: string; source: string } }>({
    severity: 'warning',
    en: ({ domain, rule }) => `${domain}: ${rule.en}. The domains file overrides this rule.`,
    zh: ({ domain, rule }) => `${domain}：${rule.zh}。文件另有规定，按文件执行。`,
    evidence: { rule: ({ rule: { id, source } }) => figure(id, 'rule', source) },
    examples: [
      {
        domain: 'logs',
        rule: { id: 'logs-kafka', en: 'logs belong on Kafka', zh: '日志类业务应使用 Kafka', source: 'rules.yaml' },
      },
    ],
  }),
  'clusters-crossed': findingEntry<{ domain: string; least: number; most: number }>({
    severity: 'warning',
    en: ({ domain, least, most }) =>
      `${domain}: clusters.least ${least} is above clusters.most ${most}; ${least} are planned.`,
    zh: ({ domain, least, most }) =>
      `${domain}：clusters.least ${least} 大于 clusters.most ${most}；按 ${least} 个集群规划。`,
    examples: [{ domain: 'orders', least: 3, most: 2 }],
  }),
};

const unusableTexts: KindTable<UnusableReason, InLanguages<string>> = {
  'message-size-unknown': ({ of }) => ({
    en: `the message size of ${of} is unknown: set messageBytes`,
    zh: `${of} 的消息大小未知：请设置 messageBytes`,
  }),
  'masters-unknown': ({ of }) => ({
    en: `${of} does not show how many brokers accepted messages: set masters`,
    zh: `${of} 中没有可写 Broker 的数量：请设置 masters`,
  }),
  degraded: ({ of, lost }) => ({
    en: `${of} is of the cluster without ${lost.map((id) => nodeText(id)).join(', ')}: give a test with all brokers`,
    zh: `${of} 测量时 ${lost.map((id) => nodeText(id, 'zh')).join('、')} 停机：请提供所有 Broker 正常时的测试`,
  }),
  'no-safe-maximum': ({ of, missing }) => ({
    en: `${of} has no safe maximum: ${missing.map(({ what, node }) => `${what} of ${node}`).join(', ') || 'nothing was measured'}`,
    zh: `${of} 没有安全上限，${missing.length === 0 ? '没有任何测量' : `缺少：${causesZh(missing.map(causeOf))}`}`,
  }),
  'no-broker-limit': ({ of, limitedBy, tps }) => ({
    en: `${of} is limited to ${rateText(tps)} by ${limitText(limitedBy)}, which more brokers do not relieve: raise that limit, and test again`,
    zh: `${of} 的上限 ${rateText(tps, 'zh')} 由${limitText(limitedBy, 'zh')}决定，扩容 Broker 无济于事：请先提高该上限，再重新压测`,
  }),
  contradicted: ({ of, setting, stated, measured }) => ({
    en: `it states ${setting} ${stated}, but ${of} was measured with ${measured}: correct ${setting}`,
    zh: `其中 ${setting} 为 ${stated}，而 ${of} 测量时为 ${measured}：请更正 ${setting}`,
  }),
};
