// Names the reserves of a planned cluster and explains their factors, in English and Chinese.

import { z } from 'zod';
import type { FindingLanguage, InLanguages } from '../findings/finding-entry.ts';
import { LossCase, lossText } from './rejection-reasons.ts';

export const reserveKinds = [
  ...(['growth', 'promotion', 'skew', 'headroom', 'catch-up', 'rebuild', 'interval'] as const),
  ...(['policy', 'daily-share', 'loss', 'whole-brokers'] as const),
];
export type ReserveKind = (typeof reserveKinds)[number];

const count = z.number().int().nonnegative();

export const ReserveFacts = z.strictObject({
  source: z.string().optional().describe('source of the skew'),
  loss: LossCase.optional(),
  left: count.optional().describe('brokers after the loss'),
  masters: count.optional().describe('brokers before it'),
});
export type ReserveFacts = z.infer<typeof ReserveFacts>;

export const reserveNames: InLanguages<Readonly<Record<ReserveKind, string>>> = {
  en: {
    growth: 'growth',
    promotion: 'promotion',
    skew: 'skew between brokers',
    headroom: 'extra headroom (policy.headroom)',
    'catch-up': 'catch-up',
    rebuild: 'replica rebuild',
    interval: 'uncertainty (interval)',
    policy: 'policy limit',
    'daily-share': 'daily share',
    loss: 'N-1',
    'whole-brokers': 'whole brokers',
  },
  zh: {
    growth: '增长',
    promotion: '大促',
    skew: 'Broker 间负载不均',
    headroom: '额外余量',
    'catch-up': '追赶堆积',
    rebuild: '重建副本',
    interval: '不确定性',
    policy: '策略上限',
    'daily-share': '日常占比',
    loss: '可承受的故障',
    'whole-brokers': '取整',
  },
};

const texts: Readonly<Record<ReserveKind, (facts: ReserveFacts) => InLanguages<string>>> = {
  growth: () => ({ en: 'usual peak of the planned day, divided by that of today', zh: '规划日的日常峰值与现在之比' }),
  promotion: () => ({ en: 'peak of the promotion, divided by a usual peak', zh: '大促峰值与日常峰值之比' }),
  skew: ({ source }) => ({
    en: `busiest broker divided by the mean${source === undefined ? '' : `: ${source}`}`,
    zh: `最忙的 Broker 与平均值之比${source === undefined ? '' : `：${source}`}`,
  }),
  headroom: () => ({ en: 'policy.headroom of the domains file', zh: '业务域文件中的 policy.headroom' }),
  'catch-up': () => ({ en: 'consumers that catch up after an outage', zh: '消费者在故障后追赶堆积' }),
  rebuild: () => ({ en: 'replication of a lost copy', zh: '重新同步丢失的副本' }),
  interval: () => ({
    en: 'demand in the simulation that decides the number of brokers, divided by the expected demand',
    zh: '决定 Broker 数的那次模拟与期望值之比',
  }),
  'daily-share': () => ({
    en: 'usual traffic must stay below this share of the maximum',
    zh: '日常流量不超过最大值的这一比例',
  }),
  policy: () => ({ en: 'saturation divided by the use that the policy allows', zh: '资源用满时与策略允许用量之比' }),
  loss: ({ loss = { kind: 'brokers-lost' }, left, masters }) => ({
    en: `${lossText(loss).en}: ${left} of ${masters} brokers left`,
    zh: `${lossText(loss).zh}：${masters} 个中剩 ${left} 个`,
  }),
  'whole-brokers': () => ({ en: 'rounding up to whole brokers', zh: 'Broker 数向上取整' }),
};

export const reserveWhy = (
  { reserve, facts }: { reserve: ReserveKind; facts?: ReserveFacts | undefined },
  language: FindingLanguage,
): string => texts[reserve](facts ?? {})[language];

/** Losses that a plan covers. */
export const survivedText = ({ losses }: { losses: readonly LossCase[] }, language: FindingLanguage): string =>
  losses.map((loss) => lossText(loss)[language]).join(language === 'en' ? '; ' : '；');
