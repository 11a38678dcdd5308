// Defines the findings about a closed loop, whose senders wait for responses, and its scaling law.

import { durationText } from '../../text/duration-text.ts';
import { limitText } from '../../text/limit-text.ts';
import { percentText, pluralText, quantityText, rateText } from '../../text/quantity-text.ts';
import { exact, tpsText } from '../../text/stated-figure.ts';
import type { Limit } from '../analysis.ts';
import { findingEntry, piece, type FindingLanguage, type InLanguages } from './finding-entry.ts';

export interface Level {
  senders: number;
  tps: number;
  latencySeconds: number;
}

/** What limited the growth between the two largest levels. */
export type LoopSide =
  | { kind: 'unknown' }
  | ({ before: Level; last: Level } & (
      | { kind: 'growing' | 'near' }
      | { kind: 'generator'; by: 'event-loop' | 'thread'; share: number }
      | { kind: 'cluster'; full: readonly { limit: Limit; share: number }[] }
    ));

type LoopFacts =
  | { basis: 'too-short' }
  | { basis: 'steps'; levels: readonly Level[]; side: LoopSide }
  | { basis: 'stated'; producers: number; threadsPerProducer: number; tps: number; roundTripSeconds: number };

const levels = [
  { senders: 8, tps: 4000, latencySeconds: 0.002 },
  { senders: 16, tps: 4200, latencySeconds: 0.0038 },
] as const;
const between = { before: levels[0], last: levels[1] };

export const closedLoopFindings = {
  'closed-loop': findingEntry<LoopFacts>({
    severity: ({ basis }) => (basis === 'too-short' ? 'warning' : 'info'),
    en: (facts) => loopText(facts, 'en'),
    zh: (facts) => loopText(facts, 'zh'),
    evidence: (facts) => {
      if (facts.basis === 'steps') {
        return facts.levels.flatMap(({ senders, tps, latencySeconds }) => [
          piece(`rate of ${senders} senders`, tps, 'messages/s', 'journal.ndjson'),
          piece(`mean latency of ${senders} senders`, latencySeconds, 's', 'journal.ndjson'),
        ]);
      }
      if (facts.basis === 'too-short') return [];
      const { producers, threadsPerProducer, roundTripSeconds } = facts;
      return [
        piece('threads', producers * threadsPerProducer, 'threads', 'producers × threads of each'),
        piece('mean-round-trip', roundTripSeconds, 's', "Little's law: threads over rate"),
      ];
    },
    examples: [
      {
        basis: 'steps',
        levels,
        side: { kind: 'cluster', ...between, full: [{ limit: { resource: 'cpu', node: '1' }, share: 0.97 }] },
      },
      { basis: 'steps', levels, side: { kind: 'cluster', ...between, full: [] } },
      { basis: 'steps', levels, side: { kind: 'generator', ...between, by: 'thread', share: 0.97 } },
      { basis: 'steps', levels, side: { kind: 'growing', ...between } },
      { basis: 'steps', levels, side: { kind: 'near', ...between } },
      { basis: 'steps', levels: [levels[0]], side: { kind: 'unknown' } },
      { basis: 'too-short' },
      { basis: 'stated', producers: 4, threadsPerProducer: 16, tps: 32_000, roundTripSeconds: 0.002 },
    ],
  }),
  'scaling-law': findingEntry<ScalingFacts>({
    severity: 'info',
    en: (facts) => scalingText(facts, 'en'),
    zh: (facts) => scalingText(facts, 'zh'),
    evidence: ({ model, lambda, sigma, kappa, r2, peak, levels: count }) => {
      const source = `least squares over ${count} numbers of senders`;
      return [
        piece('model', model, 'name', source),
        piece('lambda', lambda, 'messages/s', source),
        piece('sigma', sigma, 'ratio', source),
        ...(model === 'usl' ? [piece('kappa', kappa, 'ratio', source)] : []),
        piece('r2', r2, 'ratio', source),
        ...(peak ? [piece('peak', peak.senders, 'senders', source)] : []),
      ];
    },
    examples: [
      { ...scaling(), model: 'usl', peak: { senders: 60, low: 40, high: 90, tps: 21_000 }, kneeSenders: 24 },
      { ...scaling(), model: 'usl', peak: { senders: 60, low: 40, tps: 21_000 } },
      { ...scaling(), model: 'usl', atLeast: { tps: 19_000, senders: 64, isBeyondTested: true } },
      { ...scaling(), model: 'usl', atLeast: { tps: 19_000, senders: 64, isBeyondTested: false } },
      { ...scaling(), model: 'amdahl' },
      { ...scaling(), model: 'linear', sigma: 0 },
    ],
  }),
};

function loopText(facts: LoopFacts, language: FindingLanguage): string {
  switch (facts.basis) {
    case 'too-short':
      return {
        en: 'A closed loop sends only as fast as responses return, so it has no target rate, and no maximum is reported. Its steps were too short to show whether the broker or the client was the limit.',
        zh: '闭环压测的发送速度取决于响应速度，没有目标速率，因此不给出最大值。各台阶时间太短，无法判断瓶颈在 Broker 还是客户端。',
      }[language];
    case 'steps':
      return [
        {
          en: `A closed loop sends only as fast as responses return, so no rate was held and no maximum is reported. ${sideText(facts.side).en}`,
          zh: `闭环压测的发送速度取决于响应速度，没有维持固定速率，因此不给出最大值。${sideText(facts.side).zh}`,
        }[language],
        ...facts.levels.map(({ senders, tps, latencySeconds }) => {
          const [rate, latency] = [rateText(tps, language), durationText(latencySeconds, language)];
          const product = `${rate} × ${latency} = ${quantityText(tps * latencySeconds)}`;
          return {
            en: `${pluralText(senders, 'sender')}: ${product} in flight.`,
            zh: `${quantityText(senders)} 个发送线程：${product} 个在途请求。`,
          }[language];
        }),
      ].join('\n');
    case 'stated': {
      const { producers, threadsPerProducer, tps, roundTripSeconds } = facts;
      const milliseconds = `${exact(1000 * roundTripSeconds)} ms`;
      return {
        en: `By Little's law ${pluralText(producers, 'producer')} × ${pluralText(threadsPerProducer, 'thread')} that wait for each response achieve ${tpsText(tps)} msg/s with a mean round trip of ${milliseconds}. The text has no send latency to compare. Such senders slow down with the broker: they show a rate that it can sustain, not its behaviour at higher rates.`,
        zh: `根据 Little 定律，${producers} 个生产者 × ${threadsPerProducer} 个同步等待响应的线程达到 ${tpsText(tps)} 条/秒 时，平均往返时间为 ${milliseconds}。文本没有给出发送延迟，无法核对。这类发送者会随 Broker 变慢：只能得到它跟得上的速率，而不是更高速率下的表现。`,
      }[language];
    }
  }
}

function sideText(side: LoopSide): InLanguages<string> {
  if (side.kind === 'unknown') {
    return {
      en: 'One number of senders does not show which side was the limit: test several.',
      zh: '只测了一个并发数，无法判断瓶颈在哪一侧：请用多个并发数压测。',
    };
  }
  const { before, last } = side;
  const [from, to] = [quantityText(before.senders), quantityText(last.senders)];
  const [rate, latency] = [last.tps / before.tps, last.latencySeconds / before.latencySeconds];
  const grew = {
    en: `From ${from} to ${to} senders the rate ${changeText(rate).en} and the latency ${changeText(latency).en}`,
    zh: `发送者从 ${from} 增加到 ${to}，速率${changeText(rate).zh}，延迟${changeText(latency).zh}`,
  };
  switch (side.kind) {
    case 'growing':
      return {
        en: `${grew.en}: the test was too small to find a limit, since more senders achieve more.`,
        zh: `${grew.zh}：测试规模太小，未到瓶颈，增加发送者还能提高速率。`,
      };
    case 'near':
      return { en: `${grew.en}: the limit is near, but not reached.`, zh: `${grew.zh}：接近瓶颈，但尚未达到。` };
    case 'generator': {
      const share = percentText(side.share);
      const isLoop = side.by === 'event-loop';
      return {
        en: `${grew.en}, and ${isLoop ? `the event loop of a worker was ${share} busy` : `a worker thread used ${share} of a core`}: the load generator was the limit.`,
        zh: `${grew.zh}，且${isLoop ? `一个 Worker 的事件循环繁忙度为 ${share}` : `一个 Worker 线程占用了一个核的 ${share}`}：瓶颈在压测端。`,
      };
    }
    case 'cluster': {
      const full = {
        en: side.full.map(({ limit, share }) => `${limitText(limit)} was at ${percentText(share)}`),
        zh: side.full.map(({ limit, share }) => `${limitText(limit, 'zh')} 使用率为 ${percentText(share)}`),
      };
      return {
        en: `${grew.en}: broker or network was the limit, since more senders only wait longer; ${full.en.join(' and ') || 'no measured resource was saturated'}.`,
        zh: `${grew.zh}：瓶颈在 Broker 或链路，增加发送者只会等待更久；${full.zh.join('，') || '已测量的资源都没有用满'}。`,
      };
    }
  }
}

function changeText(ratio: number): InLanguages<string> {
  const change = percentText(Math.abs(ratio - 1));
  return ratio < 1
    ? { en: `fell by ${change}`, zh: `下降 ${change}` }
    : { en: `grew by ${change}`, zh: `上升 ${change}` };
}

interface ScalingFacts {
  model: string;
  lambda: number;
  sigma: number;
  kappa: number;
  r2: number;
  /** Levels tested (numbers of senders), and the largest. */
  levels: number;
  mostSenders: number;
  peak?: { senders: number; low: number; high?: number | undefined; tps: number };
  /** Set if no peak is known: it is beyond the tested levels, or a fit without the last levels does not predict them. */
  atLeast?: { tps: number; senders: number; isBeyondTested: boolean };
  kneeSenders?: number;
}

function scaling() {
  return { lambda: 1000, sigma: 0.02, kappa: 0.0002, r2: 0.99, levels: 5, mostSenders: 64 };
}

function scalingText(facts: ScalingFacts, language: FindingLanguage): string {
  const { kneeSenders } = facts;
  const senders = kneeSenders === undefined ? '' : quantityText(kneeSenders);
  const knee = {
    en: ` From ${senders} senders on, additional ones mostly wait.`,
    zh: `超过 ${senders} 个后，新增的发送者大多在等待。`,
  };
  return `${peakText(facts)[language]}${kneeSenders === undefined ? '' : knee[language]}`;
}

function peakText({ model, lambda, sigma, mostSenders, peak, atLeast }: ScalingFacts): InLanguages<string> {
  const most = quantityText(mostSenders);
  if (atLeast !== undefined) {
    const senders = quantityText(atLeast.senders);
    const why = atLeast.isBeyondTested
      ? { en: `the fitted peak is beyond the ${most} tested`, zh: `拟合的峰值超出已测试的 ${most} 个` }
      : {
          en: 'a fit without the last steps fails to predict them',
          zh: '去掉最后几个台阶重新拟合，无法预测这几个台阶',
        };
    return {
      en: `Senders slow each other down: the rate reaches at least ${rateText(atLeast.tps)} with ${senders} of them. No peak is reported, since ${why.en}.`,
      zh: `发送线程相互拖慢：${senders} 个时速率至少达到 ${rateText(atLeast.tps, 'zh')}。不给出峰值，因为${why.zh}。`,
    };
  }
  if (peak !== undefined) {
    const [at, low] = [quantityText(peak.senders), quantityText(peak.low)];
    const high = peak.high === undefined ? undefined : quantityText(peak.high);
    return {
      en: `Senders slow each other down: the rate peaks at ${at} senders (interval ${low} to ${high ?? 'an unknown upper end'}), near ${rateText(peak.tps)}.`,
      zh: `发送线程相互拖慢：${at} 个时（区间 ${low} 至${high === undefined ? '任意数量' : ` ${high}`}）速率达到峰值，约 ${rateText(peak.tps, 'zh')}。`,
    };
  }
  if (model === 'amdahl' && sigma > 0) {
    return {
      en: `Senders wait for a serial resource in ${percentText(sigma)} of their work: no number of senders achieves more than ${rateText(lambda / sigma)}.`,
      zh: `发送线程有 ${percentText(sigma)} 的工作在等待串行处理：无论多少个，速率都不会超过 ${rateText(lambda / sigma, 'zh')}。`,
    };
  }
  return {
    en: `Up to ${most} senders the rate grows in proportion.`,
    zh: `在 ${most} 个发送线程以内，速率与线程数成正比。`,
  };
}
