// Defines the findings about GC pauses in the seconds with slow sends.

import { durationText } from '../../text/duration-text.ts';
import { nodeText, percentText } from '../../text/quantity-text.ts';
import type { SlowSeconds } from '../evidence/slow-seconds.ts';
import { figure, findingEntry, type FindingLanguage } from './finding-entry.ts';

/** Over all steps. */
export interface SlowSecondsFacts extends SlowSeconds {
  /** Absent where the pauses are of several brokers. */
  node?: string;
}

const whose = {
  en: ({ node }: SlowSecondsFacts) => (node === undefined ? 'the brokers' : nodeText(node)),
  zh: ({ node }: SlowSecondsFacts) => (node === undefined ? 'Broker' : nodeText(node)),
} satisfies Record<FindingLanguage, (facts: SlowSecondsFacts) => string>;

const counts = {
  en: ({ slowSeconds, slowSecondsWithPause, secondsWithPause, seconds }: SlowSecondsFacts) =>
    `${slowSecondsWithPause} of ${slowSeconds} seconds with a send p99 above that of their step contain a GC pause; of all seconds ${percentText(secondsWithPause / seconds)} do`,
  zh: ({ slowSeconds, slowSecondsWithPause, secondsWithPause, seconds }: SlowSecondsFacts) =>
    `发送 p99 高于所在步骤 p99 的 ${slowSeconds} 秒里，有 ${slowSecondsWithPause} 秒发生了 GC 停顿；全部时间中该比例为 ${percentText(secondsWithPause / seconds)}`,
} satisfies Record<FindingLanguage, (facts: SlowSecondsFacts) => string>;

const medians = {
  en: ({ p99WithPauseSeconds, p99WithoutPauseSeconds }: SlowSecondsFacts) =>
    p99WithPauseSeconds === undefined || p99WithoutPauseSeconds === undefined
      ? ''
      : ` The median p99 of a second is ${durationText(p99WithPauseSeconds)} with a pause and ${durationText(p99WithoutPauseSeconds)} without.`,
  zh: ({ p99WithPauseSeconds, p99WithoutPauseSeconds }: SlowSecondsFacts) =>
    p99WithPauseSeconds === undefined || p99WithoutPauseSeconds === undefined
      ? ''
      : `有停顿的秒 p99 中位数为 ${durationText(p99WithPauseSeconds)}，无停顿的为 ${durationText(p99WithoutPauseSeconds)}。`,
} satisfies Record<FindingLanguage, (facts: SlowSecondsFacts) => string>;

const histograms = 'send latency histogram of each second';
const pausesOf = ({ node }: SlowSecondsFacts) =>
  node === undefined ? 'GC pauses of the brokers' : `GC pauses of ${nodeText(node)}`;
const seconds = (value: number | undefined) =>
  value === undefined ? undefined : { value, unit: 's', source: histograms };

const evidence = {
  'slow seconds': ({ slowSeconds }: SlowSecondsFacts) => figure(slowSeconds, 'seconds', histograms),
  'slow seconds with a pause': (facts: SlowSecondsFacts) =>
    figure(facts.slowSecondsWithPause, 'seconds', pausesOf(facts)),
  'seconds with a pause': (facts: SlowSecondsFacts) =>
    figure(facts.secondsWithPause / facts.seconds, 'ratio', pausesOf(facts)),
  'paused in slow seconds': (facts: SlowSecondsFacts) =>
    facts.pauseShareOfSlowSeconds === undefined
      ? undefined
      : { value: facts.pauseShareOfSlowSeconds, unit: 'ratio', source: pausesOf(facts) },
  'p99 with a pause': ({ p99WithPauseSeconds }: SlowSecondsFacts) => seconds(p99WithPauseSeconds),
  'p99 without a pause': ({ p99WithoutPauseSeconds }: SlowSecondsFacts) => seconds(p99WithoutPauseSeconds),
};

export const slowSecondsWithGc = findingEntry<SlowSecondsFacts>({
  severity: 'warning',
  en: (facts) =>
    `${counts.en(facts)}.${medians.en(facts)} Reduce the pauses of ${whose.en(facts)}: more heap, or another collector; see the GC log with \`plimsoll gc\`.`,
  zh: (facts) =>
    `${counts.zh(facts)}。${medians.zh(facts)}请减少 ${whose.zh(facts)} 的 GC 停顿：增大堆内存或更换回收器，并用 \`plimsoll gc\` 分析 GC 日志。`,
  evidence,
  examples: [
    {
      node: '1',
      seconds: 60,
      secondsWithPause: 12,
      slowSeconds: 9,
      slowSecondsWithPause: 8,
      pauseShareOfSlowSeconds: 0.31,
      p99WithPauseSeconds: 0.6,
      p99WithoutPauseSeconds: 0.018,
    },
    {
      seconds: 60,
      secondsWithPause: 12,
      slowSeconds: 9,
      slowSecondsWithPause: 8,
    },
  ],
});

export const slowSecondsWithoutGc = findingEntry<SlowSecondsFacts>({
  severity: 'info',
  en: (facts) =>
    `${counts.en(facts)}.${medians.en(facts)} Garbage collection of ${whose.en(facts)} does not explain the slow seconds.`,
  zh: (facts) => `${counts.zh(facts)}。${medians.zh(facts)}${whose.zh(facts)} 的 GC 不是这些慢秒的原因。`,
  evidence,
  examples: [
    {
      node: '1',
      seconds: 60,
      secondsWithPause: 12,
      slowSeconds: 9,
      slowSecondsWithPause: 1,
      pauseShareOfSlowSeconds: 0.01,
      p99WithPauseSeconds: 0.02,
      p99WithoutPauseSeconds: 0.018,
    },
    { seconds: 60, secondsWithPause: 12, slowSeconds: 9, slowSecondsWithPause: 1 },
  ],
});
