// Defines the reasons behind GO, GO with conditions and NO-GO: code, decision, text in two languages, and what leads to GO.

import { z } from 'zod';
import { capacityText, quantityText } from '../../text/quantity-text.ts';
import type { FindingLanguage, InLanguages } from '../findings/finding-entry.ts';
import { Missing, missingText } from './missing.ts';

export const reasonCodes = [
  'proven',
  'not-confirmed',
  'groups-not-confirmed',
  'read-once',
  'interval-overlaps',
  'plan-closes-gap',
  'peak-unknown',
  'not-measured',
  'no-maximum-found',
  'safe-below-peak',
  'plan-not-sure',
  'refused-by-plan',
  'evidence-expired',
  'not-monitored',
  'after-loss-unknown',
  'after-loss-below-peak',
  'catch-up-unknown',
  'catch-up-below-peak',
  'groups-unknown',
  'group-below-share',
  'message-size-unknown',
  'messages-too-small',
  'cluster-unknown',
  'different-clusters',
  'critical-finding',
  'drift-unknown',
  'drifted',
] as const;
export type ReasonCode = (typeof reasonCodes)[number];

export const decisions = ['go', 'conditions', 'no-go'] as const;
export type GoDecision = (typeof decisions)[number];

/** What a reason is about; the text and the action are made from it. */
export const ReasonFacts = z.strictObject({
  tps: z.number().nonnegative().optional().describe('what is known to be safe'),
  neededTps: z.number().nonnegative().optional().describe('what it has to reach'),
  targetTps: z.number().positive().optional().describe('rate to generate next'),
  seconds: z.number().positive().optional().describe('for which to generate it, or after which evidence expires'),
  testedBytes: z.number().positive().optional().describe('size of the messages of the test'),
  neededBytes: z.number().positive().optional().describe('size of the messages of the domain'),
  subjects: z.array(z.string()).optional().describe('brokers, groups, settings or findings'),
  missing: z.array(Missing).optional().describe('what is unknown'),
});
export type ReasonFacts = z.infer<typeof ReasonFacts>;

export const Reason = z.strictObject({ code: z.enum(reasonCodes), ...ReasonFacts.shape });
export type Reason = z.infer<typeof Reason>;

interface ReasonEntry {
  decision: GoDecision;
  text: InLanguages<(facts: ReasonFacts) => string>;
  /** What turns it into GO, as an instruction. */
  action: InLanguages<(facts: ReasonFacts) => string>;
}

const day = 86_400;
const size = (bytes: number | undefined) => capacityText(bytes ?? 0, 'bytes');
const rate = (tps: number | undefined) => quantityText(tps ?? 0);
const isShort = (seconds: number | undefined) => (seconds ?? 0) < 120;
const periodEn = (seconds: number | undefined) =>
  isShort(seconds) ? `${quantityText(seconds ?? 0)} seconds` : `${quantityText((seconds ?? 0) / 60)} minutes`;
const periodZh = (seconds: number | undefined) =>
  isShort(seconds) ? `${quantityText(seconds ?? 0)} 秒` : `${quantityText((seconds ?? 0) / 60)} 分钟`;
const named = ({ subjects = [], missing = [] }: ReasonFacts, language: FindingLanguage) => [
  ...subjects,
  ...missing.map((each) => missingText(each, language)),
];
const en = (facts: ReasonFacts) => named(facts, 'en').join(', ');
const zh = (facts: ReasonFacts) => named(facts, 'zh').join('、');

const generate: ReasonEntry['action'] = {
  en: ({ targetTps, seconds }) =>
    `Generate ${rate(targetTps)} msg/s for ${periodEn(seconds)} (\`plimsoll run\`), and analyze that run.`,
  zh: ({ targetTps, seconds }) =>
    `以 ${rate(targetTps)} 条/秒持续压测 ${periodZh(seconds)}（\`plimsoll run\`），并分析该次压测。`,
};
const lossTest: ReasonEntry['action'] = {
  en: () =>
    'Test up to the first limit with host metrics of every broker, or stop one broker and test at the peak (`plimsoll run --degraded`).',
  zh: () =>
    '在所有 broker 都有主机指标的情况下压测到首个瓶颈，或停一台 broker 后以峰值压测（`plimsoll run --degraded`）。',
};
const larger: ReasonEntry['action'] = {
  en: () => 'Plan a larger cluster (`plimsoll size`), or reduce the demand.',
  zh: () => '规划更大的集群（`plimsoll size`），或降低需求。',
};

export const reasonTable: Readonly<Record<ReasonCode, ReasonEntry>> = {
  proven: {
    decision: 'go',
    text: {
      en: ({ tps, neededTps }) =>
        `${rate(tps)} msg/s was held for the confirmation time, at or above the upper end of the peak, ${rate(neededTps)} msg/s. Every other condition holds.`,
      zh: ({ tps, neededTps }) =>
        `已在确认时长内维持 ${rate(tps)} 条/秒，不低于峰值上端 ${rate(neededTps)} 条/秒；其他条件全部满足。`,
    },
    action: {
      en: () => 'Keep brokers, settings and machines as they are until the promotion is over.',
      zh: () => '大促结束前不改动 broker、配置和机器。',
    },
  },
  'not-confirmed': {
    decision: 'conditions',
    text: {
      en: ({ tps, neededTps }) =>
        `The safe maximum, ${rate(tps)} msg/s, lies above the upper end of the peak, ${rate(neededTps)} msg/s, but no rate that high was held for the confirmation time.`,
      zh: ({ tps, neededTps }) =>
        `安全上限 ${rate(tps)} 条/秒高于峰值上端 ${rate(neededTps)} 条/秒，但没有在确认时长内实际维持过这样的速率。`,
    },
    action: generate,
  },
  'groups-not-confirmed': {
    decision: 'conditions',
    text: {
      en: (facts) =>
        `Consumer groups kept up with every rate of the test, but no group read its share of the peak for the confirmation time: ${en(facts)}.`,
      zh: (facts) => `消费组在测试的各速率下均未堆积，但没有在确认时长内按峰值份额消费过：${zh(facts)}。`,
    },
    action: generate,
  },
  'read-once': {
    decision: 'conditions',
    text: {
      en: ({ tps, neededTps }) =>
        `A single reading, ${rate(tps)} msg/s by policy, lies above the upper end of the peak, ${rate(neededTps)} msg/s. It is no test.`,
      zh: ({ tps, neededTps }) =>
        `仅有一次读数（按策略折算 ${rate(tps)} 条/秒）高于峰值上端 ${rate(neededTps)} 条/秒，不是压测。`,
    },
    action: generate,
  },
  'interval-overlaps': {
    decision: 'conditions',
    text: {
      en: ({ tps, neededTps }) =>
        `The safe maximum, ${rate(tps)} msg/s, lies above the middle of the peak, and below its upper end, ${rate(neededTps)} msg/s.`,
      zh: ({ tps, neededTps }) => `安全上限 ${rate(tps)} 条/秒高于峰值中位，但低于其上端 ${rate(neededTps)} 条/秒。`,
    },
    action: {
      en: () => 'Narrow the forecast, enlarge the cluster, or agree which producers are throttled first.',
      zh: () => '收窄预测、扩容，或约定先限流哪些业务。',
    },
  },
  'plan-closes-gap': {
    decision: 'conditions',
    text: {
      en: ({ tps, neededTps }) =>
        `The current cluster carries ${rate(tps)} of ${rate(neededTps)} msg/s safely. The planned cluster carries the peak.`,
      zh: ({ tps, neededTps }) =>
        `现有集群只能安全承载 ${rate(neededTps)} 条/秒中的 ${rate(tps)} 条/秒，按规划扩容后可以承载峰值。`,
    },
    action: {
      en: () => 'Carry out the plan, and test the new cluster.',
      zh: () => '执行扩容规划，并对新集群压测。',
    },
  },
  'peak-unknown': {
    decision: 'no-go',
    text: { en: () => 'The expected peak is unknown.', zh: () => '峰值需求未知。' },
    action: {
      en: () =>
        'Forecast the load of the domain (`plimsoll forecast --json`), or add the domain to a plan (`plimsoll size`).',
      zh: () => '预测该业务域的流量（`plimsoll forecast --json`），或将其加入规划（`plimsoll size`）。',
    },
  },
  'not-measured': {
    decision: 'no-go',
    text: {
      en: (facts) =>
        `The safe maximum of the current cluster is unknown.${facts.subjects?.length ? ` Missing: ${en(facts)}.` : ''}`,
      zh: (facts) => `现有集群的安全上限未知。${facts.subjects?.length ? `缺少：${zh(facts)}。` : ''}`,
    },
    action: {
      en: () => 'Test the cluster (`plimsoll run`), or analyze its Prometheus (`plimsoll analyze --prometheus`).',
      zh: () => '压测该集群（`plimsoll run`），或分析其 Prometheus（`plimsoll analyze --prometheus`）。',
    },
  },
  'no-maximum-found': {
    decision: 'no-go',
    text: {
      en: ({ tps, neededTps }) =>
        `The highest rate tested, ${rate(tps)} msg/s, lies below the upper end of the peak, ${rate(neededTps)} msg/s, and no limit was found.`,
      zh: ({ tps, neededTps }) =>
        `已测试的最高速率 ${rate(tps)} 条/秒低于峰值上端 ${rate(neededTps)} 条/秒，且未测到上限。`,
    },
    action: generate,
  },
  'safe-below-peak': {
    decision: 'no-go',
    text: {
      en: ({ tps, neededTps }) =>
        `The safe maximum, ${rate(tps)} msg/s, lies below the peak; its upper end is ${rate(neededTps)} msg/s.`,
      zh: ({ tps, neededTps }) => `安全上限 ${rate(tps)} 条/秒低于峰值（上端 ${rate(neededTps)} 条/秒）。`,
    },
    action: larger,
  },
  'plan-not-sure': {
    decision: 'no-go',
    text: {
      en: () => 'The current cluster does not carry the peak safely, and the planned cluster may not either.',
      zh: () => '现有集群无法安全承载峰值，规划的集群也未必足够。',
    },
    action: {
      en: () => 'Plan again with more reserve, or with better figures of demand and capacity.',
      zh: () => '以更多余量或更准确的需求、容量数据重新规划。',
    },
  },
  'refused-by-plan': {
    decision: 'no-go',
    text: { en: () => 'No machine of the catalogue carries the demand.', zh: () => '机型目录中没有机器能承载该需求。' },
    action: {
      en: () => 'Split the domain over more clusters, or offer larger machines.',
      zh: () => '将业务域拆分到更多集群，或提供更大的机型。',
    },
  },
  'evidence-expired': {
    decision: 'no-go',
    text: {
      en: (facts) =>
        `The evidence is older than ${quantityText((facts.seconds ?? 0) / day)} days, or has no date: ${en(facts)}.`,
      zh: (facts) => `证据已超过 ${quantityText((facts.seconds ?? 0) / day)} 天，或没有日期：${zh(facts)}。`,
    },
    action: {
      en: () => 'Test the cluster again, and leave expired verdicts out of the report.',
      zh: () => '重新压测该集群，并从报告中去掉过期的结论。',
    },
  },
  'not-monitored': {
    decision: 'no-go',
    text: {
      en: (facts) => `Part of the cluster had no metrics during the test, so its limits are unknown: ${en(facts)}.`,
      zh: (facts) => `测试期间集群的一部分没有指标，其上限未知：${zh(facts)}。`,
    },
    action: {
      en: () => 'Add the host and the link speed of every broker to plimsoll.yaml, and repeat the test.',
      zh: () => '在 plimsoll.yaml 中为每台 broker 配置主机和网卡速率后重新压测。',
    },
  },
  'after-loss-unknown': {
    decision: 'no-go',
    text: {
      en: (facts) => `The safe maximum after a loss (N-1) is unknown: ${en(facts)}.`,
      zh: (facts) => `故障后（N-1）的安全上限未知：${zh(facts)}。`,
    },
    action: lossTest,
  },
  'after-loss-below-peak': {
    decision: 'no-go',
    text: {
      en: (facts) =>
        `After losing ${en(facts)}, the safe maximum is ${rate(facts.tps)} msg/s, below the upper end of the peak, ${rate(facts.neededTps)} msg/s.`,
      zh: (facts) =>
        `损失 ${zh(facts)} 后安全上限为 ${rate(facts.tps)} 条/秒，低于峰值上端 ${rate(facts.neededTps)} 条/秒。`,
    },
    action: larger,
  },
  'catch-up-unknown': {
    decision: 'no-go',
    text: {
      en: (facts) => `The safe maximum while a lost broker returns and copies what it missed is unknown: ${en(facts)}.`,
      zh: (facts) => `故障 broker 恢复并追赶副本期间的安全上限未知：${zh(facts)}。`,
    },
    action: lossTest,
  },
  'catch-up-below-peak': {
    decision: 'no-go',
    text: {
      en: (facts) =>
        `While ${en(facts)} returns and copies what it missed, the safe maximum is ${rate(facts.tps)} msg/s, below the upper end of the peak, ${rate(facts.neededTps)} msg/s.`,
      zh: (facts) =>
        `${zh(facts)} 恢复并追赶副本期间，安全上限为 ${rate(facts.tps)} 条/秒，低于峰值上端 ${rate(facts.neededTps)} 条/秒。`,
    },
    action: {
      en: () =>
        'Enlarge the cluster, or throttle replication so that a returning broker copies more slowly, and test again.',
      zh: () => '扩容，或对副本同步限速使恢复的 broker 追赶更慢，然后重新压测。',
    },
  },
  'groups-unknown': {
    decision: 'no-go',
    text: {
      en: (facts) => `The maximum rate of consumer groups is unknown: ${en(facts)}.`,
      zh: (facts) => `消费组的最大消费能力未知：${zh(facts)}。`,
    },
    action: {
      en: () =>
        'Analyze a window of production in which the groups caught up (`plimsoll analyze --prometheus`), or test with as many groups (`plimsoll run --groups`).',
      zh: () =>
        '分析消费组曾追赶堆积的生产时段（`plimsoll analyze --prometheus`），或以同样数量的消费组压测（`plimsoll run --groups`）。',
    },
  },
  'group-below-share': {
    decision: 'no-go',
    text: {
      en: (facts) =>
        `Consumer group ${en(facts)} takes ${rate(facts.tps)} msg/s, below its share of the upper end of the peak, ${rate(facts.neededTps)} msg/s.`,
      zh: (facts) =>
        `消费组 ${zh(facts)} 的消费能力为 ${rate(facts.tps)} 条/秒，低于其在峰值上端应消费的 ${rate(facts.neededTps)} 条/秒。`,
    },
    action: {
      en: () => 'Add members or partitions to the group, or make its processing faster, and measure it again.',
      zh: () => '为该消费组增加成员或分区，或提高处理速度，然后重新测量。',
    },
  },
  'message-size-unknown': {
    decision: 'no-go',
    text: {
      en: (facts) =>
        facts.subjects?.length
          ? `The size of the messages of a test is unknown: ${en(facts)}.`
          : 'The size of the messages of the domain is unknown, so a test with smaller ones cannot be excluded.',
      zh: (facts) =>
        facts.subjects?.length
          ? `压测所用的消息大小未知：${zh(facts)}。`
          : '业务域的消息大小未知，无法排除压测消息偏小。',
    },
    action: {
      en: () => 'State the mean size (`plimsoll report --message-size DOMAIN=BYTES`), or add the domain to a plan.',
      zh: () => '提供平均消息大小（`plimsoll report --message-size DOMAIN=BYTES`），或将该业务域加入规划。',
    },
  },
  'messages-too-small': {
    decision: 'no-go',
    text: {
      en: (facts) =>
        `Tested with messages of ${size(facts.testedBytes)} (${en(facts)}); those of the domain have ${size(facts.neededBytes)}, so the rate proves less.`,
      zh: (facts) =>
        `压测消息为 ${size(facts.testedBytes)}（${zh(facts)}），而业务消息为 ${size(facts.neededBytes)}，该速率不能作为证明。`,
    },
    action: {
      en: ({ neededBytes }) =>
        `Test with messages of that size (\`plimsoll run --message-size ${Math.ceil(neededBytes ?? 0)}\`), and leave tests with smaller ones out of the report.`,
      zh: ({ neededBytes }) =>
        `以该消息大小重新压测（\`plimsoll run --message-size ${Math.ceil(neededBytes ?? 0)}\`），并从报告中去掉消息偏小的压测。`,
    },
  },
  'cluster-unknown': {
    decision: 'no-go',
    text: {
      en: (facts) =>
        `Whether these verdicts are of one cluster is unknown, since they name no host in common: ${en(facts)}.`,
      zh: (facts) => `以下结论没有共同的主机，是否来自同一集群未知：${zh(facts)}。`,
    },
    action: {
      en: () => 'Add the host of every broker to plimsoll.yaml and repeat the test, or report on one verdict alone.',
      zh: () => '在 plimsoll.yaml 中为每台 broker 配置主机后重新压测，或只用其中一份结论。',
    },
  },
  'different-clusters': {
    decision: 'no-go',
    text: {
      en: (facts) => `The verdicts are of different clusters: ${en(facts)}.`,
      zh: (facts) => `结论来自不同的集群：${zh(facts)}。`,
    },
    action: {
      en: () => 'Leave verdicts of other clusters out of the report.',
      zh: () => '从报告中去掉其他集群的结论。',
    },
  },
  'critical-finding': {
    decision: 'no-go',
    text: {
      en: (facts) => `The evidence has critical findings: ${en(facts)}.`,
      zh: (facts) => `证据中有严重发现：${zh(facts)}。`,
    },
    action: {
      en: () => 'Resolve each finding, and repeat the test.',
      zh: () => '逐项解决后重新压测。',
    },
  },
  'drift-unknown': {
    decision: 'no-go',
    text: {
      en: (facts) => `Whether the cluster has changed since the test is unknown. Missing: ${en(facts)}.`,
      zh: (facts) => `测试之后集群是否有变更未知。缺少：${zh(facts)}。`,
    },
    action: {
      en: () =>
        'Read the current settings (`plimsoll get fingerprint --json`) and give them to the report with `--settings DOMAIN=FILE`; for what the test did not record, repeat the test.',
      zh: () =>
        '读取当前配置（`plimsoll get fingerprint --json`）并以 `--settings DOMAIN=FILE` 提供给报告；测试时未记录的部分需重新压测。',
    },
  },
  drifted: {
    decision: 'no-go',
    text: {
      en: (facts) => `The cluster has changed since the test (configuration drift): ${en(facts)}.`,
      zh: (facts) => `测试之后集群已变更（配置漂移）：${zh(facts)}。`,
    },
    action: {
      en: () => 'Restore the settings the test was made with, or test again.',
      zh: () => '恢复测试时的配置，或重新压测。',
    },
  },
};

export const reasonText = (reason: Reason, language: FindingLanguage): string =>
  reasonTable[reason.code].text[language](reason);

export const actionText = (reason: Reason, language: FindingLanguage): string =>
  reasonTable[reason.code].action[language](reason);

/** @returns the worst of what the reasons allow */
export function decisionOf(reasons: readonly Pick<Reason, 'code'>[]): GoDecision {
  const found = new Set(reasons.map(({ code }) => reasonTable[code].decision));
  return decisions.findLast((decision) => found.has(decision)) ?? 'no-go';
}
