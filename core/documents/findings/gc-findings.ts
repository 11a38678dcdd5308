// Defines the findings about garbage collection: its share, the longest pause, and pauses during slow sends.

import { durationText } from '../../text/duration-text.ts';
import { nodeText, percentText, pluralText, rateText } from '../../text/quantity-text.ts';
import { evidenceOf, exact } from '../../text/stated-figure.ts';
import type { Cited } from '../../policy/policy.ts';
import type { Reading } from '../written-reading.ts';
import type { SlowSeconds } from '../evidence/slow-seconds.ts';
import { figure, findingEntry, type FindingLanguage, piece, readingExample } from './finding-entry.ts';

/** Totals over all steps. */
interface SlowSecondsFacts extends SlowSeconds {
  /** Absent if the pauses come from several brokers. */
  node?: string;
}

const whose = {
  en: ({ node }: SlowSecondsFacts) => (node === undefined ? 'the brokers' : nodeText(node)),
  zh: ({ node }: SlowSecondsFacts) => (node === undefined ? 'Broker' : nodeText(node, 'zh')),
} satisfies Record<FindingLanguage, (facts: SlowSecondsFacts) => string>;

const counts = {
  en: ({ slowSeconds, slowSecondsWithPause, secondsWithPause, seconds }: SlowSecondsFacts) =>
    `${slowSecondsWithPause} of ${slowSeconds} slow seconds (send p99 above that of the step) had a GC pause, compared with ${percentText(secondsWithPause / seconds)} of all seconds`,
  zh: ({ slowSeconds, slowSecondsWithPause, secondsWithPause, seconds }: SlowSecondsFacts) =>
    `发送 p99 高于所在台阶 p99 的秒数共 ${slowSeconds} 个，其中 ${slowSecondsWithPause} 个发生了 GC 停顿；全部时间中该比例为 ${percentText(secondsWithPause / seconds)}`,
} satisfies Record<FindingLanguage, (facts: SlowSecondsFacts) => string>;

const medians = {
  en: ({ p99WithPauseSeconds, p99WithoutPauseSeconds }: SlowSecondsFacts) =>
    p99WithPauseSeconds === undefined || p99WithoutPauseSeconds === undefined
      ? ''
      : ` The median p99 of a second is ${durationText(p99WithPauseSeconds)} with a pause and ${durationText(p99WithoutPauseSeconds)} without.`,
  zh: ({ p99WithPauseSeconds, p99WithoutPauseSeconds }: SlowSecondsFacts) =>
    p99WithPauseSeconds === undefined || p99WithoutPauseSeconds === undefined
      ? ''
      : `有停顿的秒 p99 中位数为 ${durationText(p99WithPauseSeconds, 'zh')}，无停顿的为 ${durationText(p99WithoutPauseSeconds, 'zh')}。`,
} satisfies Record<FindingLanguage, (facts: SlowSecondsFacts) => string>;

const histograms = 'send latency histogram of each second';
const pausesOf = ({ node }: SlowSecondsFacts) =>
  node === undefined ? 'GC pauses of the brokers' : `GC pauses of ${nodeText(node)}`;

const evidence = {
  'slow seconds': ({ slowSeconds }: SlowSecondsFacts) => figure(slowSeconds, 'seconds', histograms),
  'slow seconds with a pause': (facts: SlowSecondsFacts) =>
    figure(facts.slowSecondsWithPause, 'seconds', pausesOf(facts)),
  'seconds with a pause': (facts: SlowSecondsFacts) =>
    figure(facts.secondsWithPause / facts.seconds, 'ratio', pausesOf(facts)),
  'paused in slow seconds': (facts: SlowSecondsFacts) =>
    figure(facts.pauseShareOfSlowSeconds, 'ratio', pausesOf(facts)),
  'p99 with a pause': ({ p99WithPauseSeconds }: SlowSecondsFacts) => figure(p99WithPauseSeconds, 's', histograms),
  'p99 without a pause': ({ p99WithoutPauseSeconds }: SlowSecondsFacts) =>
    figure(p99WithoutPauseSeconds, 's', histograms),
};

/** Collections of a JVM during the steps, as counted by jstat. */
interface CollectionFacts {
  host: string;
  share: number;
  young: number;
  full: number;
  /** Part of `full` counted before JDK 11, where each concurrent cycle of CMS counts as two. */
  possiblyCms: number;
  much: Cited;
}

/** Collections as a written result states them. */
interface StatedFacts {
  fullCollections: number;
  young?: { seconds: number; text?: string | undefined };
  readings: readonly Reading[];
}

const share = (facts: CollectionFacts) => percentText(facts.share);

const collected = {
  en: ({ young, full, possiblyCms }: CollectionFacts) =>
    `${young} young, ${full} full${possiblyCms > 0 ? ' (before JDK 11 jstat counts each CMS cycle as two full collections)' : ''}`,
  zh: ({ young, full, possiblyCms }: CollectionFacts) =>
    `Young GC ${young} 次，Full GC ${full} 次${possiblyCms > 0 ? '（JDK 11 之前 jstat 把每个 CMS 周期计为两次 Full GC）' : ''}`,
} satisfies Record<FindingLanguage, (facts: CollectionFacts) => string>;

const jstatEvidence = ({ host, share: value, full, much }: CollectionFacts) => [
  piece('time collecting', value, 'ratio', `jstat of ${host}`),
  piece('full collections', full, 'collections', `jstat of ${host}`),
  piece('much', much.value, 'ratio', much.source),
];

function youngText({ young }: StatedFacts, language: 'en' | 'zh'): string | undefined {
  if (young === undefined) return undefined;
  const { text, seconds } = young;
  if (language === 'en') return text ?? `every ${exact(seconds)} s`;
  return text === undefined ? `每 ${exact(seconds)} 秒一次` : `“${text}”`;
}

const much: Cited = { value: 0.05, source: 'HotSpot GC Tuning Guide' };
const example: CollectionFacts = { host: 'kafka-1', share: 0.012, young: 40, full: 0, possiblyCms: 0, much };
const stated: StatedFacts = { fullCollections: 0, readings: [readingExample('full-gc-count', 0)] };

const slow = { seconds: 60, secondsWithPause: 12, slowSeconds: 9, slowSecondsWithPause: 8 };

export const gcFindings = {
  'gc-in-slow-seconds': findingEntry<SlowSecondsFacts>({
    severity: 'warning',
    en: (facts) =>
      `${counts.en(facts)}.${medians.en(facts)} Reduce the pauses of ${whose.en(facts)}: more heap, or another collector; see the GC log with \`plimsoll gc\`.`,
    zh: (facts) =>
      `${counts.zh(facts)}。${medians.zh(facts)}请减少 ${whose.zh(facts)} 的 GC 停顿：增大堆内存或更换收集器，并用 \`plimsoll gc\` 分析 GC 日志。`,
    evidence,
    examples: [
      {
        ...slow,
        node: '1',
        pauseShareOfSlowSeconds: 0.31,
        p99WithPauseSeconds: 0.6,
        p99WithoutPauseSeconds: 0.018,
      },
      slow,
    ],
  }),
  'slow-seconds-without-gc': findingEntry<SlowSecondsFacts>({
    severity: 'info',
    en: (facts) =>
      `${counts.en(facts)}.${medians.en(facts)} Garbage collection of ${whose.en(facts)} does not explain the slow seconds.`,
    zh: (facts) => `${counts.zh(facts)}。${medians.zh(facts)}${whose.zh(facts)} 的 GC 不是这些慢秒的原因。`,
    evidence,
    examples: [
      {
        ...slow,
        node: '1',
        slowSecondsWithPause: 1,
        pauseShareOfSlowSeconds: 0.01,
        p99WithPauseSeconds: 0.02,
        p99WithoutPauseSeconds: 0.018,
      },
      { ...slow, slowSecondsWithPause: 1 },
    ],
  }),
  'gc-share': findingEntry<{ node: string; tps: number; share: number; much: Cited }>({
    severity: 'warning',
    en: ({ node, tps, share: paused }) =>
      `At ${rateText(tps)} ${nodeText(node)} was paused for garbage collection for ${percentText(paused)} of the time. A larger heap or another collector may raise the maximum: see its GC log with \`plimsoll gc\`.`,
    zh: ({ node, tps, share: paused }) =>
      `${rateText(tps, 'zh')} 时 ${nodeText(node, 'zh')} 有 ${percentText(paused)} 的时间因 GC 停顿。增大堆内存或更换收集器可能提高上限：请用 \`plimsoll gc\` 查看 GC 日志。`,
    evidence: {
      'time in pauses': ({ node, share: paused }) => figure(paused, 'ratio', `pauses of ${nodeText(node)}`),
      limit: ({ much: { value, source } }) => figure(value, 'ratio', source),
    },
    examples: [{ node: '1', tps: 3100, share: 0.09, much }],
  }),
  'gc-pause': findingEntry<{ node: string; tps: number; pauseSeconds: number; p99Seconds: number; slo?: Cited }>({
    severity: ({ slo }) => (slo === undefined ? 'info' : 'warning'),
    en: ({ node, tps, pauseSeconds, p99Seconds, slo }) =>
      `The longest pause of ${nodeText(node)} at ${rateText(tps)} took ${durationText(pauseSeconds)}, compared with ${slo === undefined ? 'a p99 of' : 'an SLO (p99) of'} ${durationText(p99Seconds)}: ${slo === undefined ? 'the slowest responses possibly waited for the garbage collector rather than because of the load' : 'the pause alone uses more than half of it'}.`,
    zh: ({ node, tps, pauseSeconds, p99Seconds, slo }) =>
      `${nodeText(node, 'zh')} 在 ${rateText(tps, 'zh')} 时的最长停顿为 ${durationText(pauseSeconds, 'zh')}，而${slo === undefined ? '' : ' SLO 的'} p99 为 ${durationText(p99Seconds, 'zh')}：${slo === undefined ? '最慢的响应等待的可能是 GC 而不是负载' : '仅这一次停顿就用掉了 SLO 的一半以上'}。`,
    evidence: {
      'longest pause': ({ node, pauseSeconds }) =>
        figure(pauseSeconds, 's', `longest pause of ${nodeText(node)} in the step`),
      p99: ({ p99Seconds, slo }) =>
        figure(p99Seconds, 's', slo?.source ?? 'from the intended send time to the acknowledgement'),
    },
    examples: [
      { node: '1', tps: 3100, pauseSeconds: 0.04, p99Seconds: 0.05, slo: { value: 0.05, source: 'slo' } },
      { node: '1', tps: 3100, pauseSeconds: 0.04, p99Seconds: 0.05 },
    ],
  }),
  'gc-calm': findingEntry<CollectionFacts | StatedFacts>({
    severity: 'info',
    en: (facts) => {
      if ('share' in facts) {
        return `The JVM on ${facts.host} was paused for garbage collection for ${share(facts)} of the steps. Collections: ${collected.en(facts)}. This is not the bottleneck.`;
      }
      const young = youngText(facts, 'en');
      return `Almost no full collections${young === undefined ? '' : `; a young collection ${young}`}. The heap is not a limit; its size during the test is not stated.`;
    },
    zh: (facts) => {
      if ('share' in facts) {
        return `${facts.host} 上的 JVM 在各台阶中有 ${share(facts)} 的时间因 GC 停顿：${collected.zh(facts)}。GC 不是瓶颈。`;
      }
      const young = youngText(facts, 'zh');
      return `几乎没有 Full GC${young === undefined ? '' : `，Young GC ${young}`}。堆不是瓶颈；没有给出压测期间的堆大小。`;
    },
    evidence: (facts) => ('share' in facts ? jstatEvidence(facts) : facts.readings.map(evidenceOf)),
    examples: [
      example,
      { ...example, full: 2, possiblyCms: 2 },
      { ...stated, young: { seconds: 40 } },
      { ...stated, young: { seconds: 40, text: 'every 40 s' } },
      stated,
    ],
  }),
  'gc-busy': findingEntry<CollectionFacts>({
    severity: 'warning',
    en: (facts) =>
      `The JVM on ${facts.host} was paused for garbage collection for ${share(facts)} of the steps. Collections: ${collected.en(facts)}. Check its GC log with \`plimsoll gc\` before acting on any other limit.`,
    zh: (facts) =>
      `${facts.host} 上的 JVM 在各台阶中有 ${share(facts)} 的时间因 GC 停顿：${collected.zh(facts)}。处理其他瓶颈之前，请先用 \`plimsoll gc\` 检查 GC 日志。`,
    evidence: jstatEvidence,
    examples: [{ ...example, share: 0.11, full: 3 }],
  }),
  'full-gc': findingEntry<StatedFacts>({
    severity: 'warning',
    en: ({ fullCollections }) =>
      `${pluralText(fullCollections, 'full collection')} during the test: read the GC log before relying on the rate.`,
    zh: ({ fullCollections }) => `压测期间发生 ${fullCollections} 次 Full GC：采信该速率前请先查看 GC 日志。`,
    evidence: ({ readings }) => readings.map(evidenceOf),
    examples: [{ fullCollections: 3, readings: [readingExample('full-gc-count', 3)] }],
  }),
};
