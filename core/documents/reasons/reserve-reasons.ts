// Names the reserves of a planned cluster and explains their factors, in English and Chinese.

import { z } from 'zod';
import { bilingual, inLanguage, type Pair } from '../../text/bilingual.ts';
import type { FindingLanguage } from '../findings/finding-entry.ts';
import { LossCase, lossText } from './rejection-reasons.ts';
import { count } from '../values.ts';

export const reserveKinds = [
  ...(['growth', 'promotion', 'skew', 'headroom', 'catch-up', 'rebuild', 'interval'] as const),
  ...(['policy', 'daily-share', 'loss', 'whole-brokers'] as const),
];
export type ReserveKind = (typeof reserveKinds)[number];

export const ReserveFacts = z.strictObject({
  source: z.string().optional().describe('source of the skew'),
  loss: LossCase.optional(),
  left: count.optional().describe('brokers after the loss'),
  masters: count.optional().describe('brokers before it'),
});
export type ReserveFacts = z.infer<typeof ReserveFacts>;

export const reserveNames = bilingual({
  growth: ['growth', '增长'],
  promotion: ['promotion', '大促'],
  skew: ['skew between brokers', 'Broker 间负载不均'],
  headroom: ['extra headroom (policy.headroom)', '额外余量'],
  'catch-up': ['catch-up', '追赶堆积'],
  rebuild: ['replica rebuild', '重建副本'],
  interval: ['uncertainty (interval)', '不确定性'],
  policy: ['policy limit', '策略上限'],
  'daily-share': ['daily share', '日常占比'],
  loss: ['N-1', '故障（N-1）'],
  'whole-brokers': ['whole brokers', '取整'],
} satisfies Record<ReserveKind, Pair>);

const texts: Readonly<Record<ReserveKind, (facts: ReserveFacts) => Pair>> = {
  growth: () => ['usual peak of the planned day, divided by that of today', '目标日期的日常峰值 ÷ 当前日常峰值'],
  promotion: () => ['peak of the promotion, divided by a usual peak', '大促峰值与日常峰值之比'],
  skew: ({ source }) => [
    `busiest broker divided by the mean${source === undefined ? '' : `: ${source}`}`,
    `最忙的 Broker 与平均值之比${source === undefined ? '' : `：${source}`}`,
  ],
  headroom: () => ['policy.headroom of the domains file', '业务域文件中的 policy.headroom'],
  'catch-up': () => ['consumers that catch up after an outage', '消费者在故障后追赶堆积'],
  rebuild: () => ['copying the replicas of a lost broker again', '重新同步丢失的副本'],
  interval: () => [
    'demand in the simulation that decides the number of brokers, divided by the expected demand',
    '决定 Broker 数的那次模拟与期望值之比',
  ],
  'daily-share': () => ['usual traffic must stay below a set share of the maximum', '日常流量不得超过最大值的规定比例'],
  policy: () => ['saturation divided by the use that the policy allows', '资源饱和时的用量与策略允许用量之比'],
  loss: ({ loss = { kind: 'brokers-lost' }, left, masters }) => [
    `${lossText(loss).en}: ${left} of ${masters} brokers left`,
    `${lossText(loss).zh}：${masters} 个 Broker 剩 ${left} 个`,
  ],
  'whole-brokers': () => ['rounding up to whole brokers', 'Broker 数向上取整'],
};

export const reserveWhy = (
  { reserve, facts }: { reserve: ReserveKind; facts?: ReserveFacts | undefined },
  language: FindingLanguage,
): string => inLanguage(texts[reserve](facts ?? {}), language);

/** Losses that a plan covers. */
export const survivedText = ({ losses }: { losses: readonly LossCase[] }, language: FindingLanguage): string =>
  losses.map((loss) => lossText(loss)[language]).join(language === 'en' ? '; ' : '；');
