// Defines the findings about limits other than resources: bounds of a search, SLOs and consumer groups.

import { forKind, type KindTable } from '../../kind-table.ts';
import { durationText } from '../../text/duration-text.ts';
import { limitText } from '../../text/limit-text.ts';
import { measuredText } from '../../text/measured-text.ts';
import {
  percentText,
  pluralText,
  quantityText,
  rateText,
  nodeSentenceText,
  nodeText,
} from '../../text/quantity-text.ts';
import { stepVerdictZh } from '../../text/step-verdict-text.ts';
import type { Limit, StepVerdict } from '../analysis.ts';
import { trialPurposes, type SearchTrial } from '../search-certificate.ts';
import { figure, findingEntry, type InLanguages } from './finding-entry.ts';

/** Why the soak of a certificate does not confirm its rate. */
export type SoakDoubt =
  | { kind: 'no-rate-held' | 'not-recorded' }
  | { kind: 'not-sustained'; verdict: StepVerdict }
  /** Without a share: not measured in the soak, although in another step. */
  | { kind: 'above-limit'; limit: Limit; share?: number; policyLimit: number }
  /** Violated, or not measured in the soak. */
  | { kind: 'slo'; limit: Limit; measured?: number; bound: number; unit: 's' | 'ratio' };

interface SloFacts {
  limit: Limit;
  bound: { value: number; source: string };
  unit: 's' | 'ratio';
  worst: number;
}

const sloEvidence = {
  'highest measured': ({ worst, unit }: SloFacts) => figure(worst, unit, 'settled steps'),
  promised: ({ bound, unit }: SloFacts) => figure(bound.value, unit, bound.source),
};
const slo: SloFacts = {
  limit: { slo: 'publish-latency', node: 'cluster' },
  bound: { value: 0.05, source: 'slo in the config' },
  unit: 's',
  worst: 0.031,
};

export const limitFindings = {
  'trials-excluded': findingEntry<{
    trials: number;
    excluded: readonly (Pick<SearchTrial, 'targetTps' | 'purpose'> & { reason: string })[];
  }>({
    severity: 'warning',
    en: ({ trials, excluded }) =>
      [
        `Trials excluded because the load generator was the limit, ${excluded.length} of ${trials}:`,
        ...excluded.map(({ targetTps, purpose, reason }) => `${rateText(targetTps)} (${purpose}): ${reason}.`),
      ].join('\n'),
    zh: ({ trials, excluded }) =>
      [
        `${trials} 次试验中有 ${excluded.length} 次因压测端自身原因而不能说明集群的情况：`,
        ...excluded.map(
          ({ targetTps, purpose, reason }) =>
            `${rateText(targetTps, 'zh')}（${trialPurposes[purpose][1]}）：${faultZh(reason)}。`,
        ),
      ].join('\n'),
    evidence: { excluded: ({ excluded }) => figure(excluded.length, 'trials', 'journal.ndjson') },
    examples: [
      {
        trials: 9,
        excluded: [
          { targetTps: 8000, purpose: 'bisect', reason: 'the load generator sent late: p99 12 ms, above 5 ms' },
        ],
      },
    ],
  }),
  'search-open': findingEntry<{ trials: number }>({
    severity: 'warning',
    en: ({ trials }) =>
      `The search has no result: it was interrupted after ${pluralText(trials, 'trial')}. \`plimsoll run --resume RUN\` continues with the next.`,
    zh: ({ trials }) => `搜索没有得到结果：在 ${trials} 次试验后中断。用 \`plimsoll run --resume RUN\` 继续下一次。`,
    examples: [{ trials: 4 }],
  }),
  'soak-not-safe': findingEntry<{ tps: number; doubt: SoakDoubt }>({
    severity: 'warning',
    en: ({ tps, doubt }) =>
      `The search sustained ${rateText(tps)}, which is not reported as safe: ${forKind(doubt, doubtTexts).en}.`,
    zh: ({ tps, doubt }) =>
      `搜索中稳定承载了 ${rateText(tps, 'zh')}，但不能视为安全上限：${forKind(doubt, doubtTexts).zh}。`,
    evidence: { held: ({ tps }) => figure(tps, 'messages/s', 'certificate in result.json') },
    examples: [
      {
        tps: 6000,
        doubt: { kind: 'above-limit', limit: { resource: 'cpu', node: '1' }, share: 0.78, policyLimit: 0.7 },
      },
      { tps: 6000, doubt: { kind: 'above-limit', limit: { resource: 'cpu', node: '1' }, policyLimit: 0.7 } },
      { tps: 6000, doubt: { kind: 'not-sustained', verdict: { kind: 'invalid', reason: 'unstable' } } },
      { tps: 6000, doubt: { kind: 'not-recorded' } },
      { tps: 6000, doubt: { kind: 'slo', limit: slo.limit, measured: 0.08, bound: 0.05, unit: 's' } },
      { tps: 6000, doubt: { kind: 'slo', limit: slo.limit, bound: 0.05, unit: 's' } },
    ],
  }),
  'held-too-briefly': findingEntry<{ tps: number; seconds: number; confirmation: { value: number; source: string } }>({
    severity: 'info',
    en: ({ tps, seconds, confirmation }) =>
      `The search sustained ${rateText(tps)} for ${durationText(seconds)}. To confirm this rate, set a soak of ${quantityText(confirmation.value / 60)} min (\`soak\` in the workload file).`,
    zh: ({ tps, seconds, confirmation }) =>
      `搜索中以 ${rateText(tps, 'zh')} 稳定运行了 ${durationText(seconds, 'zh')}。要确认，请持续 ${quantityText(confirmation.value / 60)} 分钟（workload 文件中的 \`soak\`）。`,
    evidence: { 'confirmation time': ({ confirmation: { value, source } }) => figure(value, 's', source) },
    examples: [{ tps: 6000, seconds: 300, confirmation: { value: 1800, source: 'policy' } }],
  }),
  'group-binds': findingEntry<{ group: string; tps: number; share: number }>({
    severity: 'warning',
    en: ({ group, tps, share }) =>
      `Consumer group ${group} reaches its maximum before the brokers do: while catching up it read ${rateText(tps * share)}, and its share of all messages is ${percentText(share)}. At higher rates messages are stored, but the group falls behind.`,
    zh: ({ group, tps, share }) =>
      `消费组 ${group} 先于 Broker 达到上限：追赶堆积时消费 ${rateText(tps * share, 'zh')}，而其订阅占全部消息的 ${percentText(share)}。速率更高时消息能写入，但该消费组会堆积。`,
    evidence: {
      'rate of the cluster': ({ tps }) => figure(tps, 'messages/s', 'capacity over share'),
      'share of messages': ({ share }) => figure(share, 'ratio', 'committed over produced messages'),
    },
    examples: [{ group: 'billing', tps: 5200, share: 0.8 }],
  }),
  'slo-kept': findingEntry<SloFacts & { tps: number }>({
    severity: 'info',
    en: ({ limit, bound, unit, tps }) =>
      `${limitText(limit)} stayed within ${measuredText(bound.value, unit)} up to ${rateText(tps)}, the highest rate tested. At higher rates it is unknown.`,
    zh: ({ limit, bound, unit, tps }) =>
      `${limitText(limit, 'zh')} 在已测试的最高速率 ${rateText(tps, 'zh')} 以内不超过 ${measuredText(bound.value, unit, 'zh')}；更高速率下未知。`,
    evidence: sloEvidence,
    examples: [{ ...slo, tps: 6000 }],
  }),
  'slo-missed': findingEntry<SloFacts & { lowestTps: number }>({
    severity: 'warning',
    en: ({ limit, bound, unit, lowestTps }) =>
      `${limitText(limit)} exceeded ${measuredText(bound.value, unit)} in every step that was judged, from ${rateText(lowestTps)} on, so the rate that meets this SLO is unknown. Test lower rates.`,
    zh: ({ limit, bound, unit, lowestTps }) =>
      `${limitText(limit, 'zh')} 从 ${rateText(lowestTps, 'zh')} 起在所有已评判的台阶都超过 ${measuredText(bound.value, unit, 'zh')}：满足该目标的速率未知。请压测更低的速率。`,
    evidence: sloEvidence,
    examples: [{ ...slo, worst: 0.08, lowestTps: 2000 }],
  }),
  'slo-missed-cold': findingEntry<SloFacts & { misses: readonly { tps: number; measured: number }[] }>({
    severity: 'warning',
    en: ({ limit, bound, unit, misses }) =>
      `${limitText(limit)} exceeded ${measuredText(bound.value, unit)} at the start of the run (${misses.map(({ tps, measured }) => `${measuredText(measured, unit)} at ${rateText(tps)}`).join(', ')}); later steps met this SLO at the same rate or higher. This counts as a cold start, not as a limit. Expect it again after a restart.`,
    zh: ({ limit, bound, unit, misses }) =>
      `${limitText(limit, 'zh')} 在压测开始时超过 ${measuredText(bound.value, unit, 'zh')}（${misses.map(({ tps, measured }) => `${rateText(tps, 'zh')} 时为 ${measuredText(measured, unit, 'zh')}`).join('，')}），之后在相同或更高速率下达标，因此视为冷启动，不作为上限。重启后可能再次出现。`,
    evidence: sloEvidence,
    examples: [{ ...slo, worst: 0.08, misses: [{ tps: 2000, measured: 0.08 }] }],
  }),
  'slo-unmeasured': findingEntry<Omit<SloFacts, 'worst'>>({
    severity: 'warning',
    en: ({ limit, bound, unit }) =>
      `${limitText(limit)} was not measured in any step: whether it stays within ${measuredText(bound.value, unit)} is unknown.`,
    zh: ({ limit, bound, unit }) =>
      `${limitText(limit, 'zh')} 在所有台阶中都没有测量值，是否不超过 ${measuredText(bound.value, unit, 'zh')} 未知。`,
    evidence: { promised: ({ bound, unit }) => figure(bound.value, unit, bound.source) },
    examples: [slo],
  }),
  'slo-extrapolated': findingEntry<SloFacts & { crossingTps: number }>({
    severity: 'warning',
    en: ({ limit, bound, unit, crossingTps }) =>
      `${limitText(limit)} stayed within ${measuredText(bound.value, unit)} in every step. A queueing model predicts that it exceeds this limit at ${rateText(crossingTps)}, above the tested range.`,
    zh: ({ limit, bound, unit, crossingTps }) =>
      `${limitText(limit, 'zh')} 在每个台阶都不超过 ${measuredText(bound.value, unit, 'zh')}。在 ${rateText(crossingTps, 'zh')} 时超出是由排队模型外推得到的，超出了测试范围。`,
    evidence: sloEvidence,
    examples: [{ ...slo, crossingTps: 7100 }],
  }),
};

/** The load generator records the fault in English. */
const faultZh = (reason: string): string =>
  reason
    .replace('the load generator was the limit: ', '压测端达到上限：')
    .replace('the load generator sent late: p99 ', '压测端发送滞后：p99 ')
    .replace(', above ', '，超过 ')
    .replace(/, and (.+) messages not at all$/, '，另有 $1 条消息未发送')
    .replace(/ of its host (?=\d)/, '（所在主机）')
    .replace(/(?<=\d) s\b/g, ' 秒');

const doubtTexts: KindTable<SoakDoubt, InLanguages<string>> = {
  'no-rate-held': () => ({ en: 'no rate was sustained', zh: '在任何速率下都未能稳定' }),
  'not-recorded': () => ({ en: 'its soak is not in the journal', zh: 'journal 中没有其长压记录' }),
  'not-sustained': ({ verdict }) => ({
    en: `its soak is ${verdict.kind}${'reason' in verdict ? ` (${verdict.reason})` : ''}`,
    zh: `其长压的结果为${stepVerdictZh(verdict)}`,
  }),
  'above-limit': ({ limit, share, policyLimit }) =>
    share === undefined
      ? {
          en: `${limitText(limit)} was not measured during the soak`,
          zh: `长压期间没有 ${limitText(limit, 'zh')} 的测量值`,
        }
      : {
          en: `${limitText(limit)} was at ${percentText(share)} in the busiest seconds (p99) of the soak, and the policy allows ${percentText(policyLimit)}`,
          zh: `长压期间 ${limitText(limit, 'zh')} 最繁忙的秒（p99）使用率为 ${percentText(share)}，策略允许 ${percentText(policyLimit)}`,
        },
  slo: ({ limit, measured, bound, unit }) => {
    const [most, mostZh] = [measuredText(bound, unit), measuredText(bound, unit, 'zh')];
    return measured === undefined
      ? {
          en: `${limitText(limit)} was not measured during the soak, and its SLO is ${most}`,
          zh: `长压期间没有 ${limitText(limit, 'zh')} 的测量值，其 SLO 为 ${mostZh}`,
        }
      : {
          en: `${limitText(limit)} was ${measuredText(measured, unit)} during the soak, above its SLO of ${most}`,
          zh: `长压期间 ${limitText(limit, 'zh')} 为 ${measuredText(measured, unit, 'zh')}，超出 SLO ${mostZh}`,
        };
  },
};

interface CpuLimitFacts {
  node: string;
  /** Cores that the cgroup or the affinity of the broker allows. */
  limitCores: number;
  hostCores: number;
  /** The host was so idle that the limit is beyond the range of the verdict. */
  isFar?: true;
}

/** Defines the finding about a broker that can use fewer cores than its host has. */
export const cpuLimitBelowCores = findingEntry<CpuLimitFacts>({
  severity: 'warning',
  en: ({ node, limitCores, hostCores, isFar }) =>
    `${nodeSentenceText(node)} is limited to ${quantityText(limitCores)} of ${quantityText(hostCores)} host cores (cgroup or affinity), and CPU use is measured on the host. ${isFar ? 'The host was not busy enough for this limit to matter at the rates of this verdict.' : 'Rates above the tested ones are not predicted. Raise the limit, or test up to the limit.'}`,
  zh: ({ node, limitCores, hostCores, isFar }) =>
    `${nodeText(node, 'zh')} 只能使用主机 ${quantityText(hostCores)} 核中的 ${quantityText(limitCores)} 核（cgroup 或 CPU 亲和性限制），而 CPU 使用率按主机测量。${isFar ? '主机负载很低，在本结论的速率范围内该限制不起作用。' : '不预测高于已测速率的情况。请调高该限制，或压测到触及该限制为止。'}`,
  evidence: {
    'CPU limit': ({ node, limitCores }) =>
      figure(limitCores, 'cores', `cpu.max, cpu.cfs_quota_us or Cpus_allowed_list of ${nodeText(node)}`),
    'host cores': ({ hostCores }) => figure(hostCores, 'cores', 'host inventory of this run'),
  },
  examples: [
    { node: '1', limitCores: 2, hostCores: 16 },
    { node: '1', limitCores: 8, hostCores: 16, isFar: true },
  ],
});
