// Texts of the explanation of a verdict, in English and Chinese.

import type { ExplainedFigure } from '../../../core/documents/explained-figure.ts';
import { bilingual } from '../../../core/text/bilingual.ts';

export const languages = bilingual({
  title: ['Computation of the safe maximum', '安全上限的计算过程'],
  /** There is no chain of computation. */
  nothing: [
    'There is no number to explain; the verdict states what is missing.',
    '没有可解释的数值；结论中已说明缺少什么。',
  ],
  from: ['from', '来自'],
  source: ['source', '出处'],
  binding: ['Probability that each limit is reached first', '各上限最先达到的概率'],
  next: ['Next limit, after the first is removed', '消除首个瓶颈后的下一个上限'],
  tested: ['Rates tested', '已测试的速率范围'],
  extrapolated: ['Estimate divided by the highest rate tested', '估计值与已测最高速率之比'],
  retention: ['Average rate that fits the disks over the retention time', '在消息保留期内磁盘可承受的平均速率'],
  estimatedBytes: ['bytes on disk estimated from the message size', '磁盘字节数按消息大小估算'],
  without: ['Safe maximum after losing', '失去以下节点后的安全上限'],
  missing: ['Missing', '缺少'],
  interval: (low: string, high: string | undefined, confidence: string) => [
    `${confidence} interval ${low} to ${high ?? 'no upper end'}`,
    `${confidence} 区间 ${low} ${high === undefined ? '起，上端未定' : `至 ${high}`}`,
  ],
  /** By the id of the figure; for `step.N.…` without the number, which replaces `#`. */
  figures: {
    'step.rate': ['achieved rate of step #', '第 # 个台阶的实际速率'],
    'step.use': ['use in step #', '第 # 个台阶的资源用量'],
    'law.a': ['fit: use at no load', '模型：空载用量'],
    'law.b': ['fit: use per message', '模型：每条消息用量'],
    'law.c': ['fit: third coefficient', '模型：第三系数'],
    'law.hold-out-error': ['leave-one-out error', '留一法检验误差'],
    'seconds.p99': ['p99 of seconds divided by their mean', '每秒用量的 p99 与均值之比'],
    capacity: ['capacity', '容量'],
    'policy.share': ['share that the policy allows', '允许使用的比例'],
    limit: ['use at the limit', '达到上限时的用量'],
    estimate: ['estimate', '估计值'],
    'interval.low': ['lower end', '区间下端'],
    'interval.high': ['upper end', '区间上端'],
    answer: ['safe maximum', '安全上限'],
  },
});

export type Language = keyof typeof languages;
export type ExplainTexts = (typeof languages)['en'];
type FigureName = keyof ExplainTexts['figures'];

/** Chinese formulas, because an analysis states them in English. */
const chineseFormulas: Readonly<Partial<Record<FigureName, string>>> = {
  'step.rate': '稳定时段内确认的消息数 / 秒数',
  'step.use': '稳定时段内各采样的均值',
  'law.hold-out-error': '(u − û) / û 的均方根，每个台阶由其余台阶预测',
  'seconds.p99': '各台阶中每秒用量与该台阶均值之比，全部合并后取 p99',
  estimate: '满足 u(x) · seconds.p99 = limit 的 x；没有模型时取相邻两个台阶之间',
  'interval.low': '自助法（bootstrap）抽样的下分位数，且不低于确定未超上限的最高台阶的速率',
  'interval.high': '自助法（bootstrap）抽样的上分位数',
};

/** @returns name and formula of a figure; a figure of a newer version keeps the English ones of the document */
export function figureText(
  { id, name, formula }: ExplainedFigure,
  language: Language,
): { name: string; formula?: string } {
  const { figures } = languages[language];
  const [, step = '', part] = /^step\.(\d+)\.(.+)/.exec(id) ?? [];
  const key = part === undefined ? id : `step.${part}`;
  if (!isFigureName(key)) return { name, ...(formula !== undefined && { formula }) };
  const how = (language === 'zh' ? chineseFormulas[key] : undefined) ?? formula;
  return { name: figures[key].replace('#', step), ...(how !== undefined && { formula: how }) };
}

const isFigureName = (key: string): key is FigureName => Object.hasOwn(languages.en.figures, key);
