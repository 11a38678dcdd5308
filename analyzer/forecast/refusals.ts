// Lists the reasons why a load has no forecast, with texts in English and Chinese.

import type { InLanguages } from '../../core/documents/findings/finding-entry.ts';
import { durationText } from '../../core/text/duration-text.ts';
import type { Grid } from './grid.ts';

export interface RefusedLoad {
  kind: 'refused';
  reason: string;
  /** The reason in Chinese. */
  reasonZh: string;
}

interface RefusalFacts {
  'few-readings': { readings: number };
  'rare-readings': { spacingSeconds: number };
  'incomplete-hours': object;
  /** `possibleDays`: the longest horizon for this history; 0 or less for none. */
  'short-history': { days: number; neededDays: number; horizonDays: number; possibleDays: number };
  'unknown-steps': { known: number; steps: number; step: Grid['step'] };
  gaps: object;
  'unknown-promotions': object;
}

const texts: { readonly [Code in keyof RefusalFacts]: (facts: RefusalFacts[Code]) => InLanguages<string> } = {
  'few-readings': ({ readings }) => ({
    en: `the history has ${readings} readings`,
    zh: `历史数据只有 ${readings} 个读数`,
  }),
  'rare-readings': ({ spacingSeconds }) => ({
    en: `readings are ${durationText(spacingSeconds)} apart: one a day is the least, one every few minutes is better`,
    zh: `读数间隔为 ${durationText(spacingSeconds, 'zh')}：至少需要每天一个，最好每几分钟一个`,
  }),
  'incomplete-hours': () => ({
    en: 'no hour of the history has half of its readings',
    zh: '历史数据中没有一个小时的读数达到应有的一半',
  }),
  'short-history': ({ days, neededDays, horizonDays, possibleDays }) => ({
    en: `the history has ${days} days, and a forecast of ${horizonDays} needs ${neededDays} to be checked against: wait for ${neededDays - days} more${possibleDays >= 1 ? `, or use --horizon ${possibleDays}d` : ''}`,
    zh: `历史数据只有 ${days} 天，${horizonDays} 天的预测需要 ${neededDays} 天数据用于回测：请再等 ${neededDays - days} 天${possibleDays >= 1 ? `，或将预测时长缩短到 ${possibleDays} 天` : ''}`,
  }),
  'unknown-steps': ({ known, steps, step }) => ({
    en: `${known} of ${steps} ${step}s are known outside promotions: 70% are needed`,
    zh: `${steps} ${step === 'hour' ? '个小时' : '天'}中只有 ${known} ${step === 'hour' ? '个小时' : '天'}有大促以外的数据：至少需要 70%`,
  }),
  gaps: () => ({
    en: 'no forecast method could be backtested: the history has too many gaps',
    zh: '没有可以回测的预测方法：历史数据缺失过多',
  }),
  'unknown-promotions': () => ({
    en: 'the horizon is within promotions that the history has no data for',
    zh: '预测时段全部处于大促期间，而历史数据中没有这些大促',
  }),
};

export function refusedLoad<Code extends keyof RefusalFacts>(code: Code, facts: RefusalFacts[Code]): RefusedLoad {
  const { en, zh } = texts[code](facts);
  return { kind: 'refused', reason: en, reasonZh: zh };
}
