// Defines the finding about figures that are limited by the load generator.

import { chineseName } from '../../text/limit-text.ts';
import { nodeText, percentText, rateNumberText, rateText } from '../../text/quantity-text.ts';
import { generatorLimitText, type GeneratorLimit } from '../generator-calibration.ts';
import { findingEntry, piece, type InLanguages } from './finding-entry.ts';

interface Judged {
  targetTps: number;
  measured: number;
  limit: { value: number; source: string };
}

/** Steps that were sustained nevertheless. */
interface Sustained {
  rates: readonly number[];
  /** Limit that the highest of them exceeded. */
  exceeded: GeneratorLimit;
}

export type GeneratorFacts =
  | ({ cause: 'event-loop' | 'thread' | 'send-delay' } & Judged)
  | ({ cause: 'own-resource'; resource: string } & Judged)
  | ({ cause: 'shared-cores'; node: string } & Judged)
  | { cause: 'calibration'; targetTps: number; exceeded: GeneratorLimit }
  | ({ cause: 'latency-floor' } & Sustained)
  | ({ cause: 'calibrated-maximum'; ceilingTps: number } & Sustained);

const judged: Judged = { targetTps: 20_000, measured: 0.97, limit: { value: 0.85, source: 'policy' } };

export const generatorFindings = {
  'generator-limited': findingEntry<GeneratorFacts>({
    severity: ({ cause }) => (cause === 'latency-floor' ? 'info' : 'warning'),
    en: (facts) => texts(facts).en,
    zh: (facts) => texts(facts).zh,
    evidence: (facts) => {
      const { name, unit } = figureNames(facts);
      const { measured, limit } =
        'exceeded' in facts
          ? { ...facts.exceeded, limit: { value: facts.exceeded.limit, source: 'calibration in run.json' } }
          : facts;
      return [piece(name, measured, unit, 'journal.ndjson'), piece('limit', limit.value, unit, limit.source)];
    },
    examples: [
      { cause: 'event-loop', ...judged },
      { cause: 'thread', ...judged },
      { cause: 'own-resource', resource: 'network-out', ...judged },
      { cause: 'shared-cores', node: '1', ...judged },
      { cause: 'send-delay', ...judged, measured: 0.012, limit: { value: 0.005, source: 'policy' } },
      { cause: 'calibration', targetTps: 20_000, exceeded: { by: 'ceiling', measured: 19_000, limit: 17_000 } },
      { cause: 'latency-floor', rates: [200, 400], exceeded: { by: 'latency', measured: 0.002, limit: 0.003 } },
      {
        cause: 'calibrated-maximum',
        rates: [18_000],
        ceilingTps: 20_000,
        exceeded: { by: 'ceiling', measured: 18_000, limit: 17_000 },
      },
    ],
  }),
};

const ratesText = (rates: readonly number[], language: 'en' | 'zh') =>
  `${rates.map((rate) => rateNumberText(rate)).join(language === 'zh' ? '、' : ', ')} ${language === 'zh' ? '条/秒' : 'msg/s'}`;

function texts(facts: GeneratorFacts): InLanguages<string> {
  switch (facts.cause) {
    case 'latency-floor':
      return {
        en: `At ${ratesText(facts.rates, 'en')} latency was less than three times that of an idle broker: a large part of it comes from the load generator, so the cluster is possibly faster.`,
        zh: `在 ${ratesText(facts.rates, 'zh')} 时，响应时间不到空载 Broker（收到即应答、不存储）的三倍：这些延迟很大一部分来自压测端，集群本身可能更快。`,
      };
    case 'calibrated-maximum': {
      return {
        en: `At ${ratesText(facts.rates, 'en')} the load generator used more than 85% of its calibrated maximum of ${rateText(facts.ceilingTps)}. The step was sustained; a higher one would be limited by the generator. Give it more workers or another host.`,
        zh: `在 ${ratesText(facts.rates, 'zh')} 时，压测端已超过其校准最大值 ${rateText(facts.ceilingTps, 'zh')} 的 85%。该台阶稳定承载，但更高的速率会受压测端限制。请增加 Worker 或换用其他机器。`,
      };
    }
    default: {
      const cause = causeText(facts);
      const late = facts.cause === 'send-delay';
      return {
        en: `The load generator was the limit: ${cause.en}${facts.cause === 'calibration' ? ',' : ''} at ${rateText(facts.targetTps)}${late ? ', not because of the broker' : ''}. The cluster did not reach a limit; give the generator more workers or another host.`,
        zh: `瓶颈在压测端：${rateText(facts.targetTps, 'zh')} 时${cause.zh}${late ? '，且并非在等待 Broker' : ''}。集群没有达到上限；请增加 Worker 或换用其他机器。`,
      };
    }
  }
}

type InvalidStep = Exclude<GeneratorFacts, Sustained>;

function causeText(facts: InvalidStep): InLanguages<string> {
  switch (facts.cause) {
    case 'calibration':
      return { en: generatorLimitText(facts.exceeded), zh: generatorLimitText(facts.exceeded, 'zh') };
    case 'event-loop':
    case 'thread': {
      const by = facts.cause === 'thread' ? 'cpu' : facts.cause;
      const exceeded = { by, measured: facts.measured, limit: facts.limit.value } as const;
      return { en: generatorLimitText(exceeded), zh: generatorLimitText(exceeded, 'zh') };
    }
    case 'own-resource': {
      const use = percentText(facts.measured);
      return {
        en: `its own ${facts.resource} reached ${use}`,
        zh: `压测端自身的${chineseName(facts.resource)}使用率为 ${use}`,
      };
    }
    case 'shared-cores': {
      const use = percentText(facts.measured);
      return {
        en: `it used ${use} of the busy time of the cores it shares with ${nodeText(facts.node)}`,
        zh: `在与 ${nodeText(facts.node, 'zh')} 共用的 CPU 核的繁忙时间中，压测端占 ${use}`,
      };
    }
    case 'send-delay': {
      const delay = Math.round(facts.measured * 1000);
      return { en: `half of the sends left more than ${delay} ms late`, zh: `一半的消息晚发超过 ${delay} ms` };
    }
  }
}

const ratio = (name: string) => ({ name, unit: 'ratio' });

/** Name and unit of the evidence. */
function figureNames(facts: GeneratorFacts): { name: string; unit: string } {
  switch (facts.cause) {
    case 'event-loop':
      return ratio('event loop utilisation');
    case 'thread':
      return ratio('CPU of a worker');
    case 'own-resource':
      return ratio(facts.resource);
    case 'shared-cores':
      return ratio('share of busy cores');
    case 'send-delay':
      return { name: 'send delay p50', unit: 's' };
    case 'latency-floor':
      return { name: 'service time p99', unit: 's' };
    case 'calibration':
    case 'calibrated-maximum':
      return calibratedFigures[facts.exceeded.by];
  }
}

const calibratedFigures = {
  ceiling: { name: 'rate achieved', unit: 'messages/s' },
  latency: { name: 'service time delay p99', unit: 's' },
  cpu: ratio('CPU of a worker'),
  'event-loop': ratio('event loop utilisation'),
} as const satisfies Record<GeneratorLimit['by'], { name: string; unit: string }>;
