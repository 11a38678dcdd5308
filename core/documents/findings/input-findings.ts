// Defines the findings about the evidence: missing metrics, wrong stated figures, limits without a known cause.

import {
  bitRateText,
  nodeSentenceText,
  nodeText,
  percentText,
  pluralText,
  quantityText,
  rateText,
} from '../../text/quantity-text.ts';
import { constraints, type Constraint } from '../../resource.ts';
import { spaced } from '../../text/limit-text.ts';
import { figure, findingEntry, type InLanguages } from './finding-entry.ts';

interface NotMonitoredFacts {
  part: MonitoredPart;
  nodes: readonly string[];
  /** Configured, but its readings failed. */
  hasFailed?: true;
}

const remedyAfterFailure: InLanguages<string> = {
  en: 'Monitoring is configured, but readings failed: see the finding `telemetry-failed` for the cause',
  zh: '已配置但读取失败，原因见发现项 `telemetry-failed`',
};

const parts = {
  'broker-internals': {
    name: { en: 'broker internals', zh: 'Broker 内部指标' },
    unknown: {
      en: 'limits of request handlers, network threads and queues cannot be detected',
      zh: '无法发现请求处理线程、网络线程和队列的瓶颈',
    },
    remedy: { en: 'Add `jmx` to the cluster in plimsoll.yaml', zh: '请在 plimsoll.yaml 中为集群配置 `jmx`' },
  },
  'runtime-figures': {
    name: { en: 'broker runtime metrics', zh: 'Broker 运行时指标' },
    unknown: {
      en: 'limits of the send queue, the page cache and replication cannot be detected',
      zh: '无法发现发送队列、page cache 和主从复制的瓶颈',
    },
    remedy: {
      en: 'Enable these metrics and repeat the run, or use `--prometheus URL` to add the data of a Prometheus that scrapes the brokers',
      zh: '请启用这些指标后重新压测，或用 `--prometheus URL` 补充采集这些 Broker 的 Prometheus 的数据',
    },
  },
  'host-metrics': {
    name: { en: 'host metrics', zh: '主机指标' },
    unknown: {
      en: 'limits of CPU, disk, memory and network cannot be detected',
      zh: '无法发现 CPU、磁盘、内存和网卡的瓶颈',
    },
    remedy: {
      en: 'Add the host of each broker to `hosts:` in plimsoll.yaml',
      zh: '请在 plimsoll.yaml 的 `hosts:` 中添加各 Broker 的主机',
    },
  },
  'proxy-host': {
    name: { en: 'proxy host', zh: 'Proxy 主机' },
    unknown: {
      en: 'whether the CPU or the network of the proxy limits the load cannot be detected',
      zh: '无法发现 Proxy 的 CPU 和网卡瓶颈',
    },
    remedy: {
      en: 'Add the host of the proxy to `hosts:` in plimsoll.yaml, and name it in `proxy.hosts` of the cluster',
      zh: '请在 plimsoll.yaml 的 `hosts:` 中添加 Proxy 的主机，并在集群的 `proxy.hosts` 中写明',
    },
  },
  'worker-host': {
    name: { en: 'worker host', zh: '压测 Worker 主机' },
    unknown: {
      en: 'whether its CPU or network limits the load cannot be detected',
      zh: '无法发现其 CPU 和网卡瓶颈',
    },
    remedy: {
      en: 'Give the worker a host with readable metrics (`host` of the worker, and `hosts:`) in plimsoll.yaml, or check the CPU and the network of its machine during the run',
      zh: '请在 plimsoll.yaml 中为 Worker 配置可读取指标的主机（Worker 的 `host` 和 `hosts:`），或在压测时查看其机器的 CPU 和网卡',
    },
  },
  'gc-pauses': {
    name: { en: 'GC pauses', zh: 'GC 停顿' },
    unknown: { en: 'limits of the JVM cannot be detected', zh: '无法发现 JVM 的瓶颈' },
    remedy: {
      en: 'Add the GC log of each broker to its host (`gcLogs`) in plimsoll.yaml, or `jmx` to the cluster',
      zh: '请在 plimsoll.yaml 中为各 Broker 的主机配置 GC 日志（`gcLogs`），或为集群配置 `jmx`',
    },
  },
  'client-quotas': {
    name: { en: 'client quotas', zh: '客户端配额' },
    unknown: {
      en: 'a quota is known only once the broker throttles clients',
      zh: '只有 Broker 对客户端限流后才能发现配额',
    },
    remedy: {
      en: 'Allow the user to describe the configuration of the cluster (DescribeConfigs)',
      zh: '请授予该用户读取集群配置的权限（DescribeConfigs）',
    },
  },
} as const satisfies Record<string, Record<'name' | 'unknown' | 'remedy', InLanguages<string>>>;
export type MonitoredPart = keyof typeof parts;

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

interface LimitCauseUnknownFacts {
  /** Rate at which throughput stopped growing; of a single step, its achieved rate. */
  ceilingTps: number;
  /** The highest target rate. */
  targetTps: number;
  failedSends?: number;
  /** Whether the CPU of a host that a broker shares with the load generator was saturated. */
  isSharedCpuFull?: boolean;
  /** Most likely first; for a monitored resource more is known than that it may be the limit. Absent for a single step. */
  suspects?: readonly Suspect[];
}

export interface Suspect {
  resource: Constraint;
  node?: string;
  /** High use at the ceiling, but not enough to explain it. */
  isMonitored?: true;
}

function suspectText({ resource, node }: { resource: Constraint; node?: string }, language: 'en' | 'zh'): string {
  const name = constraints[resource].name[language];
  if (node === undefined) return name;
  return language === 'en' ? `${name} of ${nodeText(node)}` : `${nodeText(node, 'zh')} 的${spaced(name)}`;
}

/** @returns an imperative clause: the check that shows whether this suspect is the limit */
export function checkText({ resource, isMonitored }: Suspect, language: 'en' | 'zh'): string {
  const { name, check } = constraints[resource];
  if (isMonitored === undefined) return check[language];
  return language === 'en'
    ? `run the highest step again with more of its ${name.en}`
    : `增加 ${name.zh} 后重跑最高台阶`;
}

function suspectsText(suspects: readonly Suspect[], language: 'en' | 'zh'): string {
  const [first] = suspects;
  if (first === undefined) return '';
  const names = suspects.map((suspect) => suspectText(suspect, language));
  const check = checkText(first, language);
  return language === 'en'
    ? ` Likely causes: ${names.join(', ')}. To decide, ${check}.`
    : `可能的原因：${names.join('、')}。要确认原因，请${check}。`;
}

interface LinkSpeedFacts {
  node: string;
  direction: 'network-in' | 'network-out';
  statedBytesPerSecond: number;
  measuredBytesPerSecond: number;
  /** How it was detected. */
  sign: 'flat-throughput' | 'queue-drops' | 'queue-backlog' | 'more-than-stated';
}

const signs: Readonly<Record<LinkSpeedFacts['sign'], InLanguages<string>>> = {
  'flat-throughput': {
    en: 'the rate stayed flat while the target rate rose',
    zh: '目标速率上升而流量不再增长',
  },
  'queue-drops': {
    en: 'the rate stayed flat while the target rate rose, and packets were dropped and retransmitted',
    zh: '目标速率上升而流量不再增长，且出现丢包重传',
  },
  'queue-backlog': {
    en: 'the rate stayed flat while the target rate rose, and packets waited in the queue of the sender',
    zh: '目标速率上升而流量不再增长，且发送端网卡队列持续堆积',
  },
  'more-than-stated': { en: 'the card moved more bytes than that', zh: '网卡的实际流量超过了该值' },
};

export interface CoresFacts {
  node: string;
  statedCores: number;
  /** Cores that the counters cover, or that the process used. */
  measuredCores: number;
  /** The host has at least these cores. */
  isLeast?: true;
}

/** Example: a card that reaches half of the stated rate. */
const half = { statedBytesPerSecond: 12.5e6, measuredBytesPerSecond: 6.2e6 };

export const inputFindings = {
  'not-monitored': findingEntry<NotMonitoredFacts>({
    // Every message passes a proxy, so a proxy can limit any rate.
    severity: ({ part }) => (part === 'proxy-host' ? 'warning' : 'info'),
    en: ({ part, nodes, hasFailed }) =>
      `${sentence(parts[part].name.en)} not monitored${nodes.length === 0 ? '' : ` on ${nodes.map((node) => nodeText(node)).join(', ')}`}: ${parts[part].unknown.en}. ${(hasFailed ? remedyAfterFailure : parts[part].remedy).en}.`,
    zh: ({ part, nodes, hasFailed }) =>
      `未监控：${parts[part].name.zh}${nodes.length === 0 ? '' : `（${nodes.map((each) => nodeText(each, 'zh')).join('、')}）`}。${parts[part].unknown.zh}。${(hasFailed ? remedyAfterFailure : parts[part].remedy).zh}。`,
    evidence: {
      'not monitored': ({ nodes }) =>
        nodes.length === 0
          ? undefined
          : { value: nodes.map((node) => nodeText(node)).join(', '), unit: 'names', source: 'sources of this run' },
      part: ({ part }) => figure(parts[part].name.en, 'name', 'sources of this run'),
    },
    examples: [
      { part: 'broker-internals', nodes: ['1', '2'] },
      { part: 'runtime-figures', nodes: ['broker-a:0'] },
      { part: 'host-metrics', nodes: ['3'] },
      { part: 'proxy-host', nodes: [] },
      { part: 'worker-host', nodes: ['sender-2'] },
      { part: 'gc-pauses', nodes: ['broker-a'] },
      { part: 'gc-pauses', nodes: ['broker-b'], hasFailed: true },
      { part: 'client-quotas', nodes: [] },
    ],
  }),
  'limit-cause-unknown': findingEntry<LimitCauseUnknownFacts>({
    severity: 'warning',
    en: ({ ceilingTps, targetTps, failedSends, isSharedCpuFull, suspects }) =>
      [
        suspects === undefined
          ? `At ${rateText(targetTps)} ${failedSends === undefined ? `only ${rateText(ceilingTps)} was achieved` : `${pluralText(failedSends, 'send')} failed`}`
          : `Throughput stopped growing at ${rateText(ceilingTps)} while the target rate rose to ${rateText(targetTps)}${failedSends === undefined ? '' : `, ${pluralText(failedSends, 'send')} failed`}`,
        isSharedCpuFull
          ? ', and the CPU that brokers and load generator share was full.'
          : ', and no monitored limit explains it.',
        suspectsText(suspects ?? [], 'en'),
      ].join(''),
    zh: ({ ceilingTps, targetTps, failedSends, isSharedCpuFull, suspects }) =>
      [
        suspects === undefined
          ? `${rateText(targetTps, 'zh')} 时${failedSends === undefined ? `只达到 ${rateText(ceilingTps, 'zh')}` : `有 ${quantityText(failedSends)} 次发送失败`}`
          : `目标速率升至 ${rateText(targetTps, 'zh')}，吞吐停在 ${rateText(ceilingTps, 'zh')} 不再增长${failedSends === undefined ? '' : `，有 ${quantityText(failedSends)} 次发送失败`}`,
        isSharedCpuFull ? '，Broker 与压测端共用的 CPU 已用满。' : '，已监控的指标都无法解释原因。',
        suspectsText(suspects ?? [], 'zh'),
      ].join(''),
    evidence: {
      'throughput ceiling': ({ ceilingTps }) => figure(ceilingTps, 'msg/s', 'steps of this run'),
      'highest target rate': ({ targetTps }) => figure(targetTps, 'msg/s', 'steps of this run'),
      suspects: ({ suspects = [] }) =>
        suspects.length === 0
          ? undefined
          : {
              value: suspects.map((suspect) => suspectText(suspect, 'en')).join(', '),
              unit: 'names',
              source: 'limits that no metric of this run excludes',
            },
    },
    examples: [
      {
        ceilingTps: 1937,
        targetTps: 3000,
        suspects: [{ resource: 'produce-quota' }, { resource: 'request-handlers', node: '1' }],
      },
      { ceilingTps: 4944, targetTps: 5400, suspects: [{ resource: 'request-handlers', node: '1', isMonitored: true }] },
      { ceilingTps: 1937, targetTps: 3000, suspects: [] },
      { ceilingTps: 1937, targetTps: 3000, suspects: [], failedSends: 410 },
      { ceilingTps: 6200, targetTps: 8000 },
      { ceilingTps: 6200, targetTps: 8000, failedSends: 410 },
      { ceilingTps: 6200, targetTps: 8000, isSharedCpuFull: true },
    ],
  }),
  'stated-link-speed-contradicted': findingEntry<LinkSpeedFacts>({
    severity: 'critical',
    en: ({ node, direction, statedBytesPerSecond, measuredBytesPerSecond, sign }) =>
      `${nodeSentenceText(node)} has a stated link speed of ${bitRateText(statedBytesPerSecond * 8)}, but ${bitRateText(measuredBytesPerSecond * 8)} was measured ${direction === 'network-in' ? 'inbound' : 'outbound'}: ${signs[sign].en}. Correct \`network.speed\` of the host in plimsoll.yaml and analyze again.`,
    zh: ({ node, direction, statedBytesPerSecond, measuredBytesPerSecond, sign }) =>
      `${nodeText(node, 'zh')} 配置的链路速率为 ${bitRateText(statedBytesPerSecond * 8)}，实测${direction === 'network-in' ? '入' : '出'}向流量为 ${bitRateText(measuredBytesPerSecond * 8)}：${signs[sign].zh}。请修正 plimsoll.yaml 中该主机的 \`network.speed\` 后重新分析。`,
    evidence: {
      'stated link speed': ({ statedBytesPerSecond }) =>
        figure(statedBytesPerSecond, 'bytes/s', 'host inventory of this run'),
      'measured rate': ({ node, direction, measuredBytesPerSecond }) =>
        figure(measuredBytesPerSecond, 'bytes/s', `${direction} counters of ${nodeText(node)}`),
    },
    examples: [
      { node: '1', direction: 'network-out', ...half, sign: 'flat-throughput' },
      { node: '1', direction: 'network-in', ...half, sign: 'queue-drops' },
      { node: '1', direction: 'network-out', ...half, sign: 'queue-backlog' },
      {
        node: '2',
        direction: 'network-in',
        statedBytesPerSecond: 6.25e6,
        measuredBytesPerSecond: 9e6,
        sign: 'more-than-stated',
      },
    ],
  }),
  'stated-cores-contradicted': findingEntry<CoresFacts>({
    severity: 'critical',
    en: ({ node, statedCores, measuredCores, isLeast }) =>
      `${nodeSentenceText(node)} has a stated number of cores of ${quantityText(statedCores)}, but its counters show ${isLeast ? 'at least ' : ''}${quantityText(measuredCores)} (${percentText(measuredCores / statedCores)} of that). Correct the number of cores and analyze again.`,
    zh: ({ node, statedCores, measuredCores, isLeast }) =>
      `${nodeText(node, 'zh')} 配置为 ${quantityText(statedCores)} 核，但计数器显示${isLeast ? '至少 ' : ' '}${quantityText(measuredCores)} 核（为配置值的 ${percentText(measuredCores / statedCores)}）。请修正核数后重新分析。`,
    evidence: {
      'stated cores': ({ statedCores }) => figure(statedCores, 'cores', 'host inventory of this run'),
      'measured cores': ({ node, measuredCores }) =>
        figure(measuredCores, 'cores', `CPU counters of ${nodeText(node)}`),
    },
    examples: [
      { node: '1', statedCores: 8, measuredCores: 4 },
      { node: '1', statedCores: 2, measuredCores: 6, isLeast: true },
    ],
  }),
};
