// Defines the findings of step checks: replication lag, latencies that contradict rates, and an untuned cluster.

import { durationText } from '../../text/duration-text.ts';
import { capacityText, nodeText, percentText, pluralText, quantityText, rateText } from '../../text/quantity-text.ts';
import type { Evidence } from '../analysis.ts';
import { figure, findingEntry, piece } from './finding-entry.ts';

/** Evidence of replication lag. */
export type ReplicationLag = { partitions: number } | { node: string; lagBytes: number };

interface SentAndWaiting {
  tps: number;
  latencySeconds: number;
  expected: number;
  counted: number;
}

type LittlesLawFacts =
  | { steps: readonly SentAndWaiting[] }
  | { tolerance: number; levels: readonly { senders: number; inFlight: number }[] };

interface NotTunedFacts {
  critical: number;
  warnings: number;
  rules: readonly string[];
  evidence: readonly Evidence[];
}

const mostNamed = 8;

export const stepCheckFindings = {
  'copies-behind': findingEntry<{ tps: number; shown: ReplicationLag }>({
    severity: 'warning',
    en: ({ tps, shown }) =>
      `From ${rateText(tps)} on, replication did not keep up: ${copiesText(shown, 'en')}. ${'node' in shown ? 'The maximum is computed from the replicated rate.' : 'That rate is not replicated, so no maximum is computed from it.'}`,
    zh: ({ tps, shown }) =>
      `从 ${rateText(tps, 'zh')} 起副本同步跟不上：${copiesText(shown, 'zh')}。${'node' in shown ? '最大值按实际完成复制的速率计算。' : '该速率没有完成复制，因此不据此计算最大值。'}`,
    evidence: { from: ({ tps }) => figure(tps, 'messages/s', reportedByBrokers) },
    examples: [
      { tps: 4000, shown: { partitions: 6 } },
      { tps: 4000, shown: { node: '1', lagBytes: 48e6 } },
    ],
  }),
  'copies-caught-up': findingEntry<{ tps: number; copiedTps: number; shown: ReplicationLag }>({
    severity: 'info',
    en: ({ tps, copiedTps, shown }) =>
      `At ${rateText(tps)} ${copiesText(shown, 'en')}, but at ${rateText(copiedTps)} everything was copied: a follower was catching up, and the rate was not the cause.`,
    zh: ({ tps, copiedTps, shown }) =>
      `在 ${rateText(tps, 'zh')} 时，${copiesText(shown, 'zh')}，但在 ${rateText(copiedTps, 'zh')} 时已全部复制：当时有 Follower 正在追赶，与速率无关。`,
    evidence: {
      'behind at': ({ tps }) => figure(tps, 'messages/s', reportedByBrokers),
      'copied at': ({ copiedTps }) => figure(copiedTps, 'messages/s', reportedByBrokers),
    },
    examples: [{ tps: 3000, copiedTps: 4000, shown: { partitions: 6 } }],
  }),
  'littles-law': findingEntry<LittlesLawFacts>({
    severity: 'warning',
    en: (facts) =>
      'steps' in facts
        ? [
            'Rate × latency differs from the messages in flight: latencies omit waiting time, or count some of it twice. Do not compare them with an SLO.',
            ...facts.steps.map((step) => `${productText(step, 'en')}, but ${quantityText(step.counted)} were counted.`),
          ].join('\n')
        : `Rate × latency differs from the number of senders by more than ${percentText(facts.tolerance)} (senders: ${sendersText(facts.levels, ', ')}): some senders waited for the load generator instead of a response, or the rate was not steady.`,
    zh: (facts) =>
      'steps' in facts
        ? [
            '速率 × 延迟与在途消息数不符：延迟遗漏了等待时间，或重复计算。请勿用于对比 SLO。',
            ...facts.steps.map((step) => `${productText(step, 'zh')}，但实际统计为 ${quantityText(step.counted)}。`),
          ].join('\n')
        : `在 ${sendersText(facts.levels, '、')} 个发送线程时，速率 × 延迟与发送线程数相差超过 ${percentText(facts.tolerance)}：部分线程在等待压测端而不是等待响应，或速率不稳定。`,
    evidence: (facts) =>
      'steps' in facts
        ? facts.steps.map(({ tps, counted }) =>
            piece(`under way at ${rateText(tps)}`, counted, 'messages', 'due and not answered, for each second'),
          )
        : facts.levels.map(({ senders, inFlight }) =>
            piece(`under way of ${senders} senders`, inFlight, 'messages', 'rate × mean latency'),
          ),
    examples: [
      { steps: [{ tps: 4000, latencySeconds: 0.005, expected: 20, counted: 2000 }] },
      { tolerance: 0.1, levels: [{ senders: 64, inFlight: 41 }] },
    ],
  }),
  'not-tuned': findingEntry<NotTunedFacts>({
    severity: ({ critical }) => (critical > 0 ? 'warning' : 'info'),
    en: ({ critical, warnings, rules }) =>
      `The cluster was not tuned when it was measured. Findings of the cluster check: ${critical} critical, ${pluralText(warnings, 'warning')} (${rules.slice(0, mostNamed).join(', ')}${rules.length > mostNamed ? ` and ${rules.length - mostNamed} more` : ''}). The results hold for this state of the cluster; after tuning, the maximum may differ. \`plimsoll cluster check\` shows the fixes.`,
    zh: ({ critical, warnings, rules }) =>
      `压测时集群未调优：集群检查有 ${critical} 项严重问题和 ${warnings} 项警告（${rules.slice(0, mostNamed).join('、')}${rules.length > mostNamed ? ` 等 ${rules.length} 条规则` : ''}）。结果只适用于压测时的集群状态，调优后最大值可能不同。\`plimsoll cluster check\` 给出修复方法。`,
    evidence: ({ evidence }) => evidence.slice(0, mostNamed),
    examples: [
      { critical: 1, warnings: 2, rules: ['swappiness'], evidence: [] },
      { critical: 0, warnings: 9, rules: Array.from({ length: 9 }, (_, place) => `rule-${place + 1}`), evidence: [] },
    ],
  }),
};

const reportedByBrokers = 'metrics of the brokers';

function copiesText(shown: ReplicationLag, language: 'en' | 'zh'): string {
  if ('partitions' in shown) {
    const count = quantityText(shown.partitions);
    return language === 'en'
      ? `${pluralText(shown.partitions, 'partition')} had fewer in-sync replicas than replicas`
      : `${count} 个分区的同步副本数少于副本数`;
  }
  const bytes = capacityText(shown.lagBytes, 'bytes');
  return language === 'en'
    ? `the replication lag of ${nodeText(shown.node)} grew to ${bytes}`
    : `${nodeText(shown.node, 'zh')} 的副本落后量增长到 ${bytes}`;
}

const productText = ({ tps, latencySeconds, expected }: SentAndWaiting, language: 'en' | 'zh') =>
  `${rateText(tps, language)} × ${durationText(latencySeconds, language)} = ${quantityText(expected)}`;

const sendersText = (levels: readonly { senders: number }[], between: string) =>
  levels.map(({ senders }) => quantityText(senders)).join(between);
