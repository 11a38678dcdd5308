// Defines the cost of the reserves of a running cluster, which brokers can be removed, and the cost of the next 10%.

import { z } from 'zod';
import type { FindingLanguage, InLanguages } from './findings/finding-entry.ts';
import { amount, count, ofKind, positive, time } from './values.ts';

const tps = amount.describe('messages per second');
const perMonth = z.number().describe('per month, in `price.currency`; absent without a price');

/** Ordered from the forecast peak to the capacity of the brokers. */
export const headroomReserves = ['forecast', 'spare', 'loss', 'interval', 'policy'] as const;
export type HeadroomReserve = (typeof headroomReserves)[number];

const gaps = {
  verdict: { en: 'valid verdict of the cluster', zh: '该集群的有效结论' },
  brokers: { en: 'list of brokers in the verdict', zh: '结论中的 Broker 列表' },
  maximum: {
    en: 'safe maximum (the verdict has none: no limit was reached, or it is a single reading)',
    zh: '安全上限（现有结论未给出安全上限：压测未触及任何上限，或仅为单次读数）',
  },
  loss: {
    en: 'for each broker, the safe maximum without it and while it catches up (add host metrics for every broker, or test closer to the limit)',
    zh: '逐一失去每个 Broker 后及恢复追赶期间的安全上限（请补齐每个 Broker 的主机指标，或以更接近上限的速率压测）',
  },
  'second-broker': {
    en: 'a second broker (without its only broker, the cluster accepts no messages)',
    zh: '第二个 Broker（失去唯一的 Broker 后集群无法接收消息）',
  },
  saturation: { en: 'saturation rate', zh: '饱和点' },
  forecast: { en: 'complete forecast', zh: '完整的预测' },
  promotion: {
    en: 'forecast until the last promotion of the calendar ends (`service.schedule.history` must be at least 41 days longer than `service.schedule.horizon`)',
    zh: '覆盖日历中最后一场大促的预测（`service.schedule.history` 须比 `service.schedule.horizon` 至少长 41 天）',
  },
  copies: { en: 'replication factor of the topics', zh: 'Topic 的副本数' },
  'broker-limit': {
    en: 'a broker as the bottleneck (it is a consumer group, the number of connections or of in-sync replicas, which more brokers do not relieve)',
    zh: '以 Broker 为瓶颈的结论（当前瓶颈是消费组、连接数或同步副本数，增减 Broker 没有影响）',
  },
  price: {
    en: 'price of a broker (`service.prices` in plimsoll.yaml)',
    zh: 'Broker 单价（plimsoll.yaml 的 `service.prices`）',
  },
} as const satisfies Record<string, InLanguages<string>>;

export const HeadroomGap = z.enum(Object.keys(gaps) as [keyof typeof gaps, ...(keyof typeof gaps)[]]);
export type HeadroomGap = z.infer<typeof HeadroomGap>;

export const headroomGapText = (gap: HeadroomGap, language: FindingLanguage): string => gaps[gap][language];

const Unknown = ofKind('unknown', { missing: z.array(HeadroomGap).min(1) });

export const HeadroomPrice = z.strictObject({
  price: z
    .strictObject({
      perBroker: amount.describe('per month'),
      currency: z.string().optional(),
      perMonth: amount.optional().describe('of all brokers; absent without a valid verdict that lists them'),
    })
    .optional()
    .describe('absent where none is configured'),
  brokers: count.optional().describe('slaves included; absent where the verdict lists none'),
  reserves: z.discriminatedUnion('kind', [
    ofKind('known', {
      peakTps: tps.describe('forecast peak, without reserves'),
      saturationTps: tps.describe('estimate'),
      baseCost: perMonth.optional().describe('of the forecast peak alone'),
      entries: z.array(
        z.strictObject({
          reserve: z
            .enum(headroomReserves)
            .describe(
              'forecast: from the peak to the needed rate; spare: from there to the safe maximum at N-1 (a factor below 1: too little); loss: to the safe maximum of all brokers; interval: to its estimate; policy: to saturation',
            ),
          factor: positive,
          cost: perMonth.optional(),
        }),
      ),
      product: positive,
    }),
    Unknown,
  ]),
  removable: z.discriminatedUnion('kind', [
    ofKind('known', {
      brokers: count.describe('slaves included; 0 for none'),
      savedCost: perMonth.optional(),
      afterLossTps: tps.describe('safe maximum without them, after losing one more, until it has caught up; lower end'),
      neededTps: tps,
      forecastEndsAt: time.describe('end of the forecast; the load after it is not considered'),
      uncheckedDisk: z
        .literal(true)
        .optional()
        .describe('the verdict has no retention: disk space for the forecast is not checked'),
    }),
    Unknown,
  ]),
  nextTenth: z.discriminatedUnion('kind', [
    ofKind('known', {
      brokers: count.describe('slaves included'),
      cost: perMonth.optional(),
      afterLossTps: tps.describe('safe maximum with them, after losing one, until it has caught up; lower end'),
      nowTps: tps.describe('the same without them'),
      forPeak: z
        .strictObject({ brokers: count.describe('slaves included'), neededTps: tps })
        .optional()
        .describe(
          'brokers to add for the forecast peak; absent without a complete forecast, or if these suffice or no number does',
        ),
    }),
    Unknown,
  ]),
});
export type HeadroomPrice = z.infer<typeof HeadroomPrice>;
