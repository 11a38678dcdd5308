// Lists the reasons behind GO, GO with conditions and NO-GO: code, decision, text in two languages, and the action that leads to GO.

import { z } from 'zod';
import { inLanguage, type Pair } from '../../text/bilingual.ts';
import { durationText } from '../../text/duration-text.ts';
import { quantityText } from '../../text/quantity-text.ts';
import type { FindingLanguage } from '../findings/finding-entry.ts';
import { evidenceReasons } from './evidence-reasons.ts';
import type { Missing } from './missing.ts';
import { causesZh } from './missing-causes.ts';
import { planReasons } from './plan-reasons.ts';
import {
  day,
  decisions,
  en,
  foundEn,
  foundZh,
  periodEn,
  periodZh,
  rate,
  ReasonFacts,
  zh,
  zhInside,
  type GoDecision,
  type ReasonEntry,
} from './reason-entry.ts';

const diskSpaceActions: Partial<Record<Missing['what'], Pair>> = {
  retention: [
    'Set `analyzer.retention` in plimsoll.yaml to the longest retention of the topics, and run `plimsoll analyze` again on production or on a load test of all brokers; a redline does not count.',
    '在 plimsoll.yaml 中将 `analyzer.retention` 设为各 Topic 的最长保留时间，并对生产数据或包含全部 Broker 的压测重新运行 `plimsoll analyze`；单 Broker 真实流量极限测试（redline）不作为依据。',
  ],
  'disk-sizes': ['Follow `retention-unknown` in the verdict.', '请按结论中 `retention-unknown` 的说明处理。'],
  'used-disk': [
    'If the used space holds messages of these domains and is below the limit of the disk, also give the report a verdict of production (`plimsoll analyze --prometheus URL --cluster CLUSTER`), so that these messages count only once. Otherwise free or add disk space, and test again.',
    '如果已用空间存放的是这些业务域的消息且未超过磁盘上限，请同时提供生产数据的结论（`plimsoll analyze --prometheus URL --cluster CLUSTER`），使其只计一次；否则请清理或增加磁盘空间，然后重新压测。',
  ],
  'longest-retention': [
    'Follow the findings `retention-differs` and `topic-settings-unread` of the verdict. If topics with a longer retention store little, accept this condition.',
    '请按结论中 `retention-differs` 和 `topic-settings-unread` 的说明处理；如果保留时间更长的 Topic 数据量很小，可以接受这一条件。',
  ],
  'average-load': [
    'State `averageTps` in a plan (`plimsoll size`), or make a forecast that lists the load (`plimsoll forecast --json`).',
    '在规划（`plimsoll size`）中给出 `averageTps`，或提供包含负载曲线的预测（`plimsoll forecast --json`）。',
  ],
};

const runText = ({ neededGroups }: ReasonFacts) =>
  neededGroups === undefined ? '`plimsoll run`' : `\`plimsoll run --groups ${neededGroups}\``;
const generate: ReasonEntry['action'] = (facts) => [
  `Generate ${rate(facts.targetTps)} msg/s for ${periodEn(facts.seconds)} (${runText(facts)}), and analyze that run.`,
  `以 ${rate(facts.targetTps)} 条/秒持续压测 ${periodZh(facts.seconds)}（${runText(facts)}），并分析该次压测。`,
];
/** Why a rate counts that exceeds the lower bound of another measurement. */
const standsEn = (facts: ReasonFacts) =>
  facts.foundTps === undefined
    ? ''
    : ` ${rate(facts.tps)} msg/s was sustained; another measurement found a safe maximum of ${foundEn(facts)}, which does not contradict this rate.`;
const standsZh = (facts: ReasonFacts) =>
  facts.foundTps === undefined
    ? ''
    : `曾稳定承载 ${rate(facts.tps)} 条/秒；另一次测量得出的安全上限为 ${foundZh(facts)}，与之不矛盾。`;
const lossTest: ReasonEntry['action'] = () => [
  'Test up to the first limit with host metrics of every broker, or stop the brokers that may be lost and test at the peak (`plimsoll run --degraded BROKERS`).',
  '在所有 Broker 都有主机指标的情况下压测到首个瓶颈，或停掉须承受其故障的 Broker 后以峰值压测（`plimsoll run --degraded BROKERS`）。',
];
const days = (seconds: number | undefined) => quantityText((seconds ?? 0) / day);
const daysEn = (seconds: number | undefined) => `${days(seconds)} ${days(seconds) === '1' ? 'day' : 'days'}`;
const larger: ReasonEntry['action'] = () => [
  'Plan a larger cluster (`plimsoll size`), or reduce the demand.',
  '规划更大的集群（`plimsoll size`），或降低需求。',
];

const table = {
  ...evidenceReasons,
  ...planReasons,
  proven: {
    decision: 'go',
    text: (facts) => [
      `${rate(facts.tps)} msg/s was sustained for the confirmation time, at or above the upper end of the peak, ${rate(facts.neededTps)} msg/s. Every other condition holds.${standsEn(facts)}`,
      `已稳定承载 ${rate(facts.tps)} 条/秒满确认时长，不低于峰值上端 ${rate(facts.neededTps)} 条/秒；其他条件全部满足。${standsZh(facts)}`,
    ],
    action: () => [
      'Do not change brokers, settings or hosts until the promotion is over.',
      '大促结束前不改动 Broker、配置和机器。',
    ],
  },
  'not-confirmed': {
    decision: 'conditions',
    text: ({ tps, neededTps }) => [
      `The safe maximum, ${rate(tps)} msg/s, is above the upper end of the peak, ${rate(neededTps)} msg/s, but no rate that high was sustained for the confirmation time.`,
      `安全上限 ${rate(tps)} 条/秒高于峰值上端 ${rate(neededTps)} 条/秒，但没有以这样的速率稳定运行满确认时长。`,
    ],
    action: generate,
  },
  'groups-not-confirmed': {
    decision: 'conditions',
    text: (facts) => [
      `Consumer groups kept up with every rate of the test, but it is not confirmed that they can read their share of the peak. Missing: ${en(facts)}.`,
      `消费组在测试的各速率下均未堆积，但其能否按峰值份额消费尚未得到验证。缺少：${zh(facts)}。`,
    ],
    action: generate,
  },
  'read-once': {
    decision: 'conditions',
    text: ({ tps, neededTps }) => [
      `A single reading, scaled to the policy limit, gives ${rate(tps)} msg/s. This is above the upper end of the peak, ${rate(neededTps)} msg/s, but a reading does not replace a load test.`,
      `高于峰值上端 ${rate(neededTps)} 条/秒的只有一次读数（按策略折算 ${rate(tps)} 条/秒），而读数不等于压测。`,
    ],
    action: generate,
  },
  'interval-overlaps': {
    decision: 'conditions',
    text: (facts) => [
      `The safe maximum, ${rate(facts.tps)} msg/s, is above the median of the peak, but below its upper end, ${rate(facts.neededTps)} msg/s.${standsEn(facts)}`,
      `安全上限 ${rate(facts.tps)} 条/秒高于峰值的中位数，但低于其上端 ${rate(facts.neededTps)} 条/秒。${standsZh(facts)}`,
    ],
    action: () => [
      'Reduce the uncertainty of the forecast, enlarge the cluster, or agree on which producers to throttle first.',
      '缩小预测区间、扩容，或约定优先对哪些生产者限流。',
    ],
  },
  'peak-unknown': {
    decision: 'no-go',
    text: (facts) => [
      facts.subjects?.length
        ? `The expected peak of ${en(facts)}, on the same cluster, is unknown.`
        : 'The expected peak is unknown.',
      facts.subjects?.length ? `同一集群上 ${zh(facts)} 的峰值需求未知。` : '峰值需求未知。',
    ],
    action: () => [
      'Forecast the load of the domain (`plimsoll forecast --json`) and add it to the report with the verdict and the settings of its cluster (`--forecast`, `--analysis` and `--settings DOMAIN=FILE`), or add the domain to a plan (`plimsoll size`).',
      '预测该业务域的流量（`plimsoll forecast --json`），连同其所在集群的结论和配置一起加入报告（`--forecast`、`--analysis`、`--settings DOMAIN=FILE`），或将其加入规划（`plimsoll size`）。',
    ],
  },
  'forecast-misses-promotion': {
    decision: 'no-go',
    text: ({ subjects: [from, to] = [] }) =>
      from === to
        ? ['The forecast has no values during the promotion.', '预测在大促期间没有数值。']
        : [
            `The forecast covers ${from} to ${to}, not the whole promotion.`,
            `预测期为 ${from} 至 ${to}，未覆盖整个大促。`,
          ],
    action: () => [
      'Forecast again from recent history, up to the end of the promotion (`plimsoll forecast --horizon TIME --json`). A promotion of which there is no history has no forecast: state its peak in a plan (`plimsoll size`).',
      '用最近的历史重新预测，直到大促结束（`plimsoll forecast --horizon TIME --json`）。没有历史的大促无法预测：请在规划中给出其峰值（`plimsoll size`）。',
    ],
  },
  'forecast-without-promotion': {
    decision: 'no-go',
    text: (facts) => [
      `The forecast contains no promotion on ${en(facts)}: its peak is that of usual days.`,
      `预测在 ${zh(facts)} 期间不含任何大促，其峰值只是平日峰值。`,
    ],
    action: () => [
      'Forecast again with a calendar of the promotion, its past dates and this one (`plimsoll forecast --promotions FILE --json`). If a plan states the peak of the promotion (`plimsoll size`), leave the forecast out of the report.',
      '提供含历次及本次日期的大促日历后重新预测（`plimsoll forecast --promotions FILE --json`）。如果规划（`plimsoll size`）已给出大促峰值，则从报告中去掉该预测。',
    ],
  },
  'peak-measured-once': {
    decision: 'conditions',
    text: (facts) => [
      `Only one past promotion has data for the phase of the forecast peak, so the forecast has no interval (${en(facts)}). Its most likely value counts as the upper end of the peak, unless the plan has a higher one.`,
      `预测峰值所在的时段只在一场大促中测量过，因此预测没有区间（${zh(facts)}）。此处以最可能值作为峰值上端，规划的上端更高时采用规划值。`,
    ],
    action: () => [
      'Agree on which producers to throttle first if the load exceeds the forecast, or add an earlier occurrence of the promotion to the history.',
      '约定流量超出预测时优先对哪些生产者限流，或在历史数据中补充更早的一次同类大促。',
    ],
  },
  'not-measured': {
    decision: 'no-go',
    text: (facts) => [
      `The safe maximum of the current cluster is unknown.${facts.subjects?.length ? ` Missing: ${en(facts)}.` : ''}`,
      `现有集群的安全上限未知。${facts.subjects?.length ? `缺少：${causesZh(facts.subjects)}。` : ''}`,
    ],
    action: () => [
      'Test the cluster (`plimsoll run`), or analyze its Prometheus (`plimsoll analyze --prometheus URL --cluster CLUSTER`).',
      '压测该集群（`plimsoll run`），或分析其 Prometheus（`plimsoll analyze --prometheus URL --cluster CLUSTER`）。',
    ],
  },
  'no-maximum-found': {
    decision: 'no-go',
    text: ({ tps, neededTps }) => [
      `The highest rate tested, ${rate(tps)} msg/s, is below the upper end of the peak, ${rate(neededTps)} msg/s, and no limit was found.`,
      `已测试的最高速率 ${rate(tps)} 条/秒低于峰值上端 ${rate(neededTps)} 条/秒，且未测到上限。`,
    ],
    action: generate,
  },
  'safe-below-peak': {
    decision: 'no-go',
    text: (facts) => [
      `The safe maximum, ${rate(facts.tps)} msg/s, is below the upper end of the peak, ${rate(facts.neededTps)} msg/s.${standsEn(facts)}`,
      `安全上限 ${rate(facts.tps)} 条/秒低于峰值上端 ${rate(facts.neededTps)} 条/秒。${standsZh(facts)}`,
    ],
    action: larger,
  },
  'latency-missed': {
    decision: 'no-go',
    text: ({ missedLatency: missed, tps = 0, neededTps }) => [
      `${missed?.domain} requires a p99 of publish latency of at most ${durationText(missed?.seconds ?? 0)} (latencyP99), but it was ${durationText(missed?.p99Seconds ?? 0)} at ${rate(missed?.tps)} msg/s (${missed?.source}). ${tps > 0 ? `Only rates up to ${rate(tps)} msg/s met this requirement` : 'No tested rate met this requirement'}; the upper end of the peak is ${rate(neededTps)} msg/s.`,
      `未满足 ${missed?.domain} 要求的发送延迟 p99 ${durationText(missed?.seconds ?? 0, 'zh')}（latencyP99）：${rate(missed?.tps)} 条/秒时为 ${durationText(missed?.p99Seconds ?? 0, 'zh')}（${missed?.source}）。${tps > 0 ? `满足该要求的最高测试速率为 ${rate(tps)} 条/秒` : '所有测试速率均不满足该要求'}，低于峰值上端 ${rate(neededTps)} 条/秒。`,
    ],
    action: larger,
  },
  'after-loss-unknown': {
    decision: 'no-go',
    text: (facts) => [
      `The safe maximum after a loss (N-1) is unknown. Missing: ${en(facts)}.`,
      `故障后（N-1）的安全上限未知，缺少：${zh(facts)}。`,
    ],
    action: lossTest,
  },
  'after-loss-below-peak': {
    decision: 'no-go',
    text: (facts) => [
      `After losing ${en(facts)}, the safe maximum is ${rate(facts.tps)} msg/s, below the upper end of the peak, ${rate(facts.neededTps)} msg/s.`,
      `失去${zhInside(facts)} 后安全上限为 ${rate(facts.tps)} 条/秒，低于峰值上端 ${rate(facts.neededTps)} 条/秒。`,
    ],
    action: larger,
  },
  'after-loss-rejects-sends': {
    decision: 'no-go',
    text: (facts) => [
      `After losing ${en(facts)}, partitions have fewer in-sync replicas than \`min.insync.replicas\`, so their leaders reject sends with acks=all.`,
      `失去${zhInside(facts)} 后，部分分区的同步副本数低于 \`min.insync.replicas\`，其 Leader 会拒绝 acks=all 的发送。`,
    ],
    action: () => [
      'Add replicas, or spread them over more hosts and racks (`plimsoll ops kafka reassign`), so that as many in-sync replicas as `min.insync.replicas` are left.',
      '增加副本，或将副本分散到更多主机和机架（`plimsoll ops kafka reassign`），使故障后剩余的同步副本数不低于 `min.insync.replicas`。',
    ],
  },
  'catch-up-unknown': {
    decision: 'no-go',
    text: (facts) => [
      `The safe maximum while a lost broker returns and copies the missing messages is unknown: ${en(facts)}.`,
      `故障 Broker 恢复并追赶副本期间的安全上限未知：${zh(facts)}。`,
    ],
    action: lossTest,
  },
  'catch-up-below-peak': {
    decision: 'no-go',
    text: (facts) => [
      `While ${en(facts)} returns and copies the missing messages, the safe maximum is ${rate(facts.tps)} msg/s, below the upper end of the peak, ${rate(facts.neededTps)} msg/s.`,
      `${zh(facts)} 恢复并追赶副本期间，安全上限为 ${rate(facts.tps)} 条/秒，低于峰值上端 ${rate(facts.neededTps)} 条/秒。`,
    ],
    action: () => [
      'Enlarge the cluster, or throttle replication so that a returning broker copies more slowly, and test again.',
      '扩容，或对副本同步限速，放慢恢复中的 Broker 的追赶速度，然后重新压测。',
    ],
  },
  'disk-space-unknown': {
    decision: 'conditions',
    text: (facts) => [
      `It is unknown whether the disks hold the average load for the retention time. Missing: ${en(facts)}.`,
      `磁盘能否按保留时间容纳平均负载未知。缺少：${zh(facts)}。`,
    ],
    action: ({ missing = [] }) => {
      const kinds = [...new Set(missing.map(({ what }) => what))];
      const ways = kinds.map((what) => diskSpaceActions[what]).filter((way) => way !== undefined);
      return [
        [
          ...ways.map(([inEnglish]) => inEnglish),
          'Otherwise verify by hand that the disks of every broker hold the messages of the promotion until they expire.',
        ].join(' '),
        [
          ...ways.map(([, inChinese]) => inChinese),
          '否则请人工核实每台 Broker 的磁盘在消息过期前能容纳大促的全部消息。',
        ].join(''),
      ];
    },
  },
  'retention-below-average': {
    decision: 'no-go',
    text: (facts) => [
      `The disks can keep messages for ${daysEn(facts.seconds)} only up to an average of ${rate(facts.tps)} msg/s. The expected average load, converted by message size and retention, is ${rate(facts.neededTps)} msg/s.`,
      `要保留消息 ${days(facts.seconds)} 天，磁盘只允许平均 ${rate(facts.tps)} 条/秒；按消息大小和保留时间折算，预期平均负载相当于 ${rate(facts.neededTps)} 条/秒。`,
    ],
    action: () => [
      'Shorten the retention of the topics, add disk space, or plan a larger cluster (`plimsoll size`). State `averageTps` of each domain in the plan: without it, the usual peak counts as the average; without a plan, the mean of the highest readings of the forecast does.',
      '缩短 Topic 的保留时间、增加磁盘空间，或规划更大的集群（`plimsoll size`）。请在规划中给出各业务域的 `averageTps`：未给出时以日常峰值作为平均值；未提供规划时，平均值由预测中各时段的最高读数得出，可能偏高。',
    ],
  },
  'groups-unknown': {
    decision: 'no-go',
    text: (facts) => [
      `The maximum rate of consumer groups is unknown. Missing: ${en(facts)}.`,
      `消费组的最大消费能力未知，缺少：${zh(facts)}。`,
    ],
    action: () => [
      'Analyze a window of production in which the groups caught up (`plimsoll analyze --prometheus URL --cluster CLUSTER`), or test with as many groups (`plimsoll run --groups N`).',
      '分析消费组曾追赶堆积的生产时段（`plimsoll analyze --prometheus URL --cluster CLUSTER`），或以同样数量的消费组压测（`plimsoll run --groups N`）。',
    ],
  },
  'group-below-share': {
    decision: 'no-go',
    text: (facts) => [
      `Consumer group ${en(facts)}: its rate is only certain up to ${rate(facts.tps)} msg/s (lower end of its interval), below its share of the upper end of the peak, ${rate(facts.neededTps)} msg/s.`,
      `消费组 ${zh(facts)} 的消费能力只能确定到 ${rate(facts.tps)} 条/秒（区间下端），低于其在峰值上端应消费的 ${rate(facts.neededTps)} 条/秒。`,
    ],
    action: () => [
      'Add members or partitions to the group, or make its processing faster, and measure it again.',
      '为该消费组增加成员或分区，或提高处理速度，然后重新测量。',
    ],
  },
} as const satisfies Record<string, ReasonEntry>;
export type ReasonCode = keyof typeof table;
export const reasonTable: Readonly<Record<ReasonCode, ReasonEntry>> = table;

export const reasonCodes = Object.keys(table) as ReasonCode[];
export const Reason = z.strictObject({ code: z.enum(reasonCodes), ...ReasonFacts.shape });
export type Reason = z.infer<typeof Reason>;

export const reasonText = (reason: Reason, language: FindingLanguage): string =>
  inLanguage(reasonTable[reason.code].text(reason), language);

export const actionText = (reason: Reason, language: FindingLanguage): string =>
  inLanguage(reasonTable[reason.code].action(reason), language);

/** @returns the worst decision that the reasons allow */
export function decisionOf(reasons: readonly Pick<Reason, 'code'>[]): GoDecision {
  const found = new Set(reasons.map(({ code }) => reasonTable[code].decision));
  return decisions.findLast((decision) => found.has(decision)) ?? 'no-go';
}
