// Defines the findings of the checks that compare the figures of a run with each other before the verdict.

import { durationText } from '../../text/duration-text.ts';
import { limitText } from '../../text/limit-text.ts';
import {
  bitRateText,
  capacityText,
  nodeText,
  percentText,
  pluralText,
  quantityText,
  rateText,
} from '../../text/quantity-text.ts';
import type { Limit } from '../analysis.ts';
import type { WireDirection } from '../wire-account.ts';
import { figure, findingEntry, piece, type InLanguages } from './finding-entry.ts';

const speeds = [1e9, 2.5e9, 5e9, 10e9, 25e9, 40e9, 50e9, 100e9, 200e9, 400e9];

interface LineRateFacts {
  limit: Limit;
  /** Mean share of the capacity in a step; `slack` of it may be rounding. */
  share: number;
  slack: number;
  capacityBytes: number;
  source: string;
}

/** Figures of brokers over those of the load generator. */
const unitMistakes = {
  'brokers-per-minute': { en: 'brokers count per minute instead of per second', zh: 'Broker 按分钟而不是按秒计数' },
  'load-per-minute': { en: 'the load counts per minute instead of per second', zh: '压测端按分钟而不是按秒计数' },
  'brokers-thousand': { en: 'brokers count units of a thousand', zh: 'Broker 以千为单位计数' },
  'load-thousand': { en: 'the load counts units of a thousand', zh: '压测端以千为单位计数' },
  'brokers-bits': { en: 'the figures of the brokers are bits, not bytes', zh: 'Broker 的数据是比特而不是字节' },
  'load-bits': { en: 'the figures of the load are bits, not bytes', zh: '压测端的数据是比特而不是字节' },
  mebi: { en: 'MB of the brokers are MiB', zh: 'Broker 的 MB 实为 MiB' },
} as const;
type UnitMistake = keyof typeof unitMistakes;

export const gateFindings = {
  'bytes-do-not-fit': findingEntry<{ directions: readonly WireDirection[]; toleranceRatio: number; hasNone: boolean }>({
    severity: 'critical',
    en: ({ directions, toleranceRatio, hasNone }) =>
      `Over the whole run, traffic per message was ${directions.map((each) => bytesTexts(each).en).join(', and ')} at the network interfaces of all brokers (tolerance ${percentText(toleranceRatio)}). ${hasNone ? 'The bytes crossed no monitored interface: if a broker and the load generator share a machine, set loadgen.host to the name of its host and run again; otherwise interfaces are missing.' : 'Other traffic used the same interfaces, replicas or groups fell behind, messages were sent again, or a host is mapped to the wrong broker.'} No verdict is made, because the measured traffic is not explained by the messages of the run.`,
    zh: ({ directions, toleranceRatio, hasNone }) =>
      `整个压测期间，每条消息在所有 Broker 网卡上的流量为：${directions.map((each) => bytesTexts(each).zh).join('；')}（容差 ${percentText(toleranceRatio)}）。${hasNone ? '流量没有经过被监控的网卡：若 Broker 与压测端在同一台机器，请将 loadgen.host 设为该主机名后重跑；否则是缺少网卡数据。' : '可能有其他流量共用网卡，副本或消费组落后，消息重发，或主机对应到了错误的 Broker。'}字节数与消息不符，因此不给出结论。`,
    evidence: ({ directions }) =>
      directions.flatMap((each) => {
        const way = ways[each.direction];
        const expected = { unit: 'bytes/message', source: 'sizes of the protocols (docs/explanation/bytes.md)' };
        return [
          { ...expected, name: `measured ${way}`, value: each.observedBytesPerMessage, source: 'wire in result.json' },
          { ...expected, name: `expected ${way}, least`, value: each.leastBytesPerMessage },
          { ...expected, name: `expected ${way}, most`, value: each.mostBytesPerMessage },
        ];
      }),
    examples: [
      { directions: [wireExample('network-in')], toleranceRatio: 0.1, hasNone: false },
      { directions: [wireExample('network-in'), wireExample('network-out')], toleranceRatio: 0.1, hasNone: true },
    ],
  }),
  'above-line-rate': findingEntry<LineRateFacts>({
    severity: 'critical',
    en: (facts) =>
      `${limitText(facts.limit)} moved ${capacityText(facts.share * facts.capacityBytes, 'bytes/s')}, ${percentText(facts.share)} of what ${bitRateText(facts.capacityBytes * 8)} carries, which is impossible: ${lineRateCauses(facts, 'en').join('; or ')}. No verdict is made until this is resolved.`,
    zh: (facts) =>
      `${limitText(facts.limit, 'zh')} 的流量为 ${capacityText(facts.share * facts.capacityBytes, 'bytes/s', 'zh')}，是 ${bitRateText(facts.capacityBytes * 8)} 链路能力的 ${percentText(facts.share)}，这不可能。可能的原因：${lineRateCauses(facts, 'zh').join('；或')}。查明之前不给出结论。`,
    evidence: {
      moved: ({ share, capacityBytes }) =>
        figure(share * capacityBytes, 'bytes/s', 'interface counters, mean of a step'),
      capacity: ({ capacityBytes, source }) => figure(capacityBytes, 'bytes/s', source),
    },
    examples: [
      {
        limit: { resource: 'network-out', node: '1' },
        share: 1.9,
        slack: 1.02,
        capacityBytes: 125e6,
        source: 'driver of eth0',
      },
    ],
  }),
  'units-differ': findingEntry<{ quantity: 'messages' | 'bytes'; ratio: number; mistake: UnitMistake }>({
    severity: ({ mistake }) => (mistake === 'mebi' ? 'warning' : 'critical'),
    en: ({ quantity, ratio, mistake }) =>
      `The brokers together counted ${quantityText(ratio)} times as many ${quantity} (${percentText(ratio)}) as the load generator. This fits if ${unitMistakes[mistake].en}. ${mistake === 'mebi' ? 'All byte values of these brokers are then 4.9% wrong.' : 'The verdict depends on which side is right, so none is given.'}`,
    zh: ({ quantity, ratio, mistake }) =>
      `所有 Broker 统计的${quantity === 'messages' ? '消息数' : '字节数'}是压测端的 ${quantityText(ratio)} 倍（${percentText(ratio)}）。可能的原因：${unitMistakes[mistake].zh}。${mistake === 'mebi' ? '这些 Broker 的字节数据因此偏差 4.9%。' : '结论取决于哪一方正确，因此不给出结论。'}`,
    evidence: {
      'brokers over load': ({ ratio }) => figure(ratio, 'ratio', 'least squares over the sustained steps'),
    },
    examples: [
      { quantity: 'messages', ratio: 60.1, mistake: 'brokers-per-minute' },
      { quantity: 'bytes', ratio: 0.953, mistake: 'mebi' },
    ],
  }),
  'directions-added-up': findingEntry<{ interfaces: readonly { node: string; device: string; samples: number }[] }>({
    severity: 'critical',
    en: ({ interfaces }) =>
      `Bytes in and bytes out of ${interfaceTexts(interfaces, 'en').join(', ')} are equal in every sample: one value was written twice, probably the sum of both directions. Each direction has the full speed of the link, so the utilization of both is unknown. Record them separately, for example rxkB/s and txkB/s of sar -n DEV 1.`,
    zh: ({ interfaces }) =>
      `${interfaceTexts(interfaces, 'zh').join('、')} 的入向和出向字节数在每个采样中都相同：同一个数值被写了两次，可能是两个方向之和。每个方向各有完整的链路带宽，因此两个方向的使用率都未知。请分别读取，例如 sar -n DEV 1 的 rxkB/s 和 txkB/s。`,
    evidence: ({ interfaces }) =>
      interfaces
        .slice(0, 1)
        .map(({ device, samples }) => piece(`samples of ${device}`, samples, 'samples', 'interface counters')),
    examples: [{ interfaces: [{ node: '1', device: 'eth0', samples: 120 }] }],
  }),
  'use-not-steady': findingEntry<{ limit: Limit; tps: number; rise: number; others: number }>({
    severity: 'warning',
    en: ({ limit, tps, rise, others }) =>
      `${limitText(limit)} rose by ${percentText(rise)} within a step of ${rateText(tps)}, although the rate did not rise${others > 0 ? `; further occurrences in other steps or resources: ${others}` : ''}. A longer step would show a higher use, so the limit may be lower. Repeat with longer steps.`,
    zh: ({ limit, tps, rise, others }) =>
      `在 ${rateText(tps, 'zh')} 的台阶内，${limitText(limit, 'zh')} 上升了 ${percentText(rise)}，而速率没有上升${others > 0 ? `；其他台阶或资源中还有 ${others} 次` : ''}。更长的台阶会显示更高的使用率，因此上限可能更低。请延长台阶时间后重跑。`,
    evidence: { rise: ({ rise }) => figure(rise, 'ratio', 'Theil–Sen slope over the samples of the step') },
    examples: [
      { limit: { resource: 'cpu', node: '1' }, tps: 4000, rise: 0.32, others: 0 },
      { limit: { resource: 'cpu', node: '1' }, tps: 4000, rise: 0.32, others: 2 },
    ],
  }),
  'wrong-host': findingEntry<{
    node: string;
    host: string;
    correlation: number;
    other: string;
    otherCorrelation: number;
  }>({
    severity: 'critical',
    en: ({ node, host, correlation, other, otherCorrelation }) =>
      `Metrics of ${host}, the configured host of ${nodeText(node)}, do not follow the load (correlation ${quantityText(correlation)}). Those of ${other}, which is mapped to no broker, do (${quantityText(otherCorrelation)}). Most likely ${nodeText(node)} runs on ${other}: map it to that host. No verdict is made from another machine's counters.`,
    zh: ({ node, host, correlation, other, otherCorrelation }) =>
      `${nodeText(node, 'zh')} 配置的主机 ${host} 的指标与负载无关（相关系数 ${quantityText(correlation)}），而未对应任何 Broker 的 ${other} 与负载相关（${quantityText(otherCorrelation)}）。${nodeText(node, 'zh')} 很可能运行在 ${other} 上，请修改对应关系。不使用其他机器的计数器给出结论。`,
    evidence: ({ host, correlation, other, otherCorrelation }) => {
      const unit = { unit: 'ratio', source: 'load and bytes, sample by sample' };
      return [
        { name: `correlation of ${host}`, value: correlation, ...unit },
        { name: `correlation of ${other}`, value: otherCorrelation, ...unit },
      ];
    },
    examples: [{ node: '1', host: 'kafka-9', correlation: 0.04, other: 'kafka-1', otherCorrelation: 0.98 }],
  }),
  'bodies-above-counters': findingEntry<{
    direction: 'in' | 'out';
    copies: number;
    bytes: number;
    bodyBytes: number;
    isImpossible: boolean;
  }>({
    severity: ({ isImpossible }) => (isImpossible ? 'critical' : 'warning'),
    en: ({ direction, copies, bytes, bodyBytes, isImpossible }) =>
      `Traffic per message was ${quantityText(bytes)} bytes ${direction} at the network interfaces of all brokers, which is ${percentText(bytes / bodyBytes)} of the ${quantityText(bodyBytes)} bytes of its body (${direction === 'in' ? 'as produced' : `as delivered to ${pluralText(copies, 'group')}`}). ${isImpossible ? 'No compression reaches that: the messages used other interfaces or hosts than those monitored, or a rate or unit is wrong. No verdict is made.' : `Bodies are compressed to 1/${quantityText(bodyBytes / bytes)}, part of them used other interfaces, or a unit is wrong. The network limit holds only for bodies that compress as well.`}`,
    zh: ({ direction, copies, bytes, bodyBytes, isImpossible }) =>
      `每条消息在所有 Broker 网卡上的${direction === 'in' ? '入向' : '出向'}流量为 ${quantityText(bytes)} 字节，只有消息体 ${quantityText(bodyBytes)} 字节（${direction === 'in' ? '生产' : `投递给 ${quantityText(copies)} 个消费组`}）的 ${percentText(bytes / bodyBytes)}。${isImpossible ? '任何压缩都达不到：消息经过了未监控的网卡或主机，或者速率、单位有误。不给出结论。' : `消息体被压缩到 1/${quantityText(bodyBytes / bytes)}，或部分流量经过其他网卡，或单位有误。网络上限只适用于压缩率相同的消息。`}`,
    evidence: ({ direction, bytes, bodyBytes }) => [
      piece(`measured ${direction}`, bytes, 'bytes/message', 'interface counters'),
      piece('bodies', bodyBytes, 'bytes/message', 'message size × copies'),
    ],
    examples: [
      { direction: 'in', copies: 1, bytes: 300, bodyBytes: 1024, isImpossible: false },
      { direction: 'out', copies: 2, bytes: 8, bodyBytes: 2048, isImpossible: true },
    ],
  }),
  'groups-behind': findingEntry<{ group: string; tps: number; left: number }>({
    severity: 'warning',
    en: ({ group, tps, left }) =>
      `From ${rateText(tps)} on, consumer group ${group} read ${percentText(left)} less than was produced, although its lag did not grow. One of the two figures is wrong. Whether the produced rate was also consumed is uncertain, so no maximum is computed from it.`,
    zh: ({ group, tps, left }) =>
      `从 ${rateText(tps, 'zh')} 起，消费组 ${group} 的消费量比生产量少 ${percentText(left)}，但消费堆积没有增长，两个数据中有一个有误。无法证明该速率被消费，因此不据此计算最大值。`,
    evidence: { 'left behind': ({ left }) => figure(left, 'ratio', 'consumed / produced - 1') },
    examples: [{ group: 'billing', tps: 4000, left: 0.12 }],
  }),
  'groups-not-seen': findingEntry<{ groups: number }>({
    severity: 'warning',
    en: ({ groups }) =>
      `The workload has ${quantityText(groups)} consumer ${groups === 1 ? 'group' : 'groups'}, but read rates are missing. Whether consumers kept up is unknown; the reported rate is a produce rate only.`,
    zh: ({ groups }) =>
      `工作负载有 ${quantityText(groups)} 个消费组，但没有其消费数据。是否跟得上未知，该速率仅为生产速率。`,
    evidence: { groups: ({ groups }) => figure(groups, 'groups', 'workload') },
    examples: [{ groups: 1 }, { groups: 3 }],
  }),
  'clock-offset': findingEntry<{
    nodes: readonly string[];
    offsetSeconds: number;
    correlation: number;
    asStamped: number;
    isGrave: boolean;
    /** The clock belongs to a file or another tool, and an option corrects it. */
    isOfFile: boolean;
  }>({
    severity: ({ isGrave }) => (isGrave ? 'critical' : 'warning'),
    en: ({ nodes, offsetSeconds, correlation, asStamped, isGrave, isOfFile }) =>
      `The metrics of ${nodes.map((node) => nodeText(node)).join(', ')} follow the load ${Math.abs(offsetSeconds)} s too ${offsetSeconds > 0 ? 'late' : 'early'}: the correlation of bytes and messages is ${quantityText(correlation)} with this offset, and ${quantityText(asStamped)} with the recorded timestamps. ${isOfFile ? `The clocks differ, so steps are compared with seconds of other steps. State the offset of the file with --clock-offset FILE=${clockOption(offsetSeconds)}${isGrave ? '; no verdict is made until then' : ''}` : `Steps are compared with seconds of other steps. Repeat the load test${isGrave ? '; no verdict is made of this one' : ''}`}.`,
    zh: ({ nodes, offsetSeconds, correlation, asStamped, isGrave, isOfFile }) =>
      `${nodes.map((each) => nodeText(each, 'zh')).join('、')} 的指标比负载${offsetSeconds > 0 ? '晚' : '早'} ${durationText(Math.abs(offsetSeconds), 'zh')}：平移后字节与消息的相关系数为 ${quantityText(correlation)}，按原时间戳为 ${quantityText(asStamped)}。${isOfFile ? `两边时钟不一致，各台阶对应到了错误的时间段。请用 --clock-offset FILE=${clockOption(offsetSeconds)} 声明${isGrave ? '，在此之前不给出结论' : ''}` : `各台阶对应到了错误的时间段。请重新压测${isGrave ? '，本次不给出结论' : ''}`}。`,
    evidence: {
      offset: ({ offsetSeconds }) => figure(offsetSeconds, 's', 'cross-correlation of load and host, sample by sample'),
      'correlation there': ({ correlation }) => figure(correlation, 'ratio', 'the same'),
      'correlation as stamped': ({ asStamped }) => figure(asStamped, 'ratio', 'the same'),
    },
    examples: [
      { nodes: ['1'], offsetSeconds: 12, correlation: 0.99, asStamped: 0.71, isGrave: false, isOfFile: true },
      { nodes: ['1', '2'], offsetSeconds: -3600, correlation: 0.99, asStamped: 0.1, isGrave: true, isOfFile: false },
    ],
  }),
};

/** The value of `--clock-offset` that moves readings to the clock of the load. */
export const clockOption = (offsetSeconds: number) => `${offsetSeconds > 0 ? '-' : '+'}${Math.abs(offsetSeconds)}s`;

const ways = { 'network-in': 'in', 'network-out': 'out' } as const;

function bytesTexts(each: WireDirection): InLanguages<string> {
  const [least, most] = [quantityText(each.leastBytesPerMessage), quantityText(each.mostBytesPerMessage)];
  const span = (to: string) => (least === most ? least : `${least}${to}${most}`);
  const observed = quantityText(each.observedBytesPerMessage);
  return {
    en: `${observed} bytes ${ways[each.direction]}, but the protocols need ${span(' to ')}`,
    zh: `${each.direction === 'network-in' ? '入向' : '出向'} ${observed} 字节，按协议应为 ${span(' 到 ')}`,
  };
}

function wireExample(direction: WireDirection['direction']): WireDirection {
  return {
    direction,
    observedBytesPerMessage: 2048,
    leastBytesPerMessage: 1080,
    mostBytesPerMessage: 1180,
  };
}

const interfaceTexts = (interfaces: readonly { node: string; device: string }[], language: 'en' | 'zh') =>
  interfaces.map(({ node, device }) =>
    language === 'zh' ? `${nodeText(node, 'zh')} 的 ${device}` : `${device} of ${nodeText(node)}`,
  );

function lineRateCauses({ share, slack, capacityBytes }: LineRateFacts, language: 'en' | 'zh'): string[] {
  const faster = speeds.find((speed) => speed >= share * capacityBytes * 8);
  const speed = faster === undefined ? '' : bitRateText(faster);
  const causes = [
    { applies: faster !== undefined, en: `the link speed is ${speed}`, zh: `链路速率为 ${speed}` },
    { applies: share <= 2, en: 'the value is the sum of both directions', zh: '该值是两个方向之和' },
    { applies: share <= 8 * slack, en: 'the value is in bits', zh: '该值的单位是比特' },
    {
      applies: share > 8,
      en: 'the value is for another interval, such as a minute, or in another unit, such as kilobytes',
      zh: '该值对应其他时长（如一分钟），或为其他单位（如 KB）',
    },
  ];
  return causes.filter(({ applies }) => applies).map((cause) => cause[language]);
}
