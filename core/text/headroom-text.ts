// Describes the price of headroom in English and Chinese, for `plimsoll advise` and the page of a cluster.

import type { FindingLanguage } from '../documents/findings/finding-entry.ts';
import {
  headroomGapText,
  type HeadroomGap,
  type HeadroomPrice,
  type HeadroomReserve,
} from '../documents/headroom-price.ts';
import { bilingual, type Pair } from './bilingual.ts';
import { punctuation } from './punctuation.ts';
import { quantityText, rateNumberText, unitText } from './quantity-text.ts';

const brokersEn = (count: number) => `${count} ${count === 1 ? 'broker' : 'brokers'}`;

/** Texts by language. */
export const headroomLanguages = bilingual({
  title: ['Price of headroom', '预留与成本'],
  reserve: ['Reserve', '预留'],
  reserves: {
    forecast: ['uncertainty of the forecast', '预测的不确定性'],
    spare: ['unused capacity', '剩余容量'],
    loss: ['loss of one broker', '可承受一个 Broker 故障'],
    interval: ['uncertainty of the safe maximum', '安全上限的不确定性'],
    policy: ['policy limits', '策略上限'],
  } satisfies Record<HeadroomReserve, Pair>,
  shortage: [
    'shortage: safe maximum at N-1 / needed rate (factor below 1)',
    '容量缺口：N-1 安全上限 ÷ 所需速率（系数小于 1）',
  ],
  /** Column titles. */
  factor: ['Factor', '系数'],
  product: ['Multiplied so far, msg/s', '累乘后的速率（条/秒）'],
  perMonth: (currency: string | undefined) =>
    currency === undefined
      ? ['Per month', '每月成本']
      : [`${currency} per month`, `每月成本（${unitText(currency, 'zh')}）`],
  base: ['forecast peak', '预测峰值'],
  amount: (value: string, currency: string | undefined) => {
    if (currency === undefined) return [value, value];
    return [`${value} ${currency}`, `${value} ${unitText(currency, 'zh')}`];
  },
  rate: (tps: string) => [`${tps} msg/s`, `${tps} 条/秒`],
  total: (brokers: number, amount: string) => [
    `${brokersEn(brokers)} ${brokers === 1 ? 'costs' : 'cost'} ${amount} a month.`,
    `${brokers} 个 Broker 每月共 ${amount}。`,
  ],
  unknownReserves: ['Cost of each reserve (capacity kept unused, such as for the loss of a broker)', '各项预留的成本'],
  unknownRemovable: ['Brokers that can be removed', '可缩容的 Broker 数'],
  unknownNext: ['Cost of 10% more capacity', '再增加 10% 容量的成本'],
  unknownPrice: ['Cost of the cluster', '集群成本'],
  missing: (subject: string, gaps: readonly string[]) => [
    `${subject}: unknown. Missing: ${gaps.join('; ')}.`,
    `${subject}：未知。缺少：${gaps.join('；')}。`,
  ],
  removable: (brokers: number, saved: string | undefined, afterLoss: string, needed: string, until: string) => [
    `${brokersEn(brokers)} can be removed${saved === undefined ? '' : `, which saves ${saved} a month`}. After the removal and the loss of another broker, ${afterLoss} is safe; the peak of the forecast (until ${until}) needs ${needed}.`,
    `可缩容 ${brokers} 个 Broker${saved === undefined ? '' : `，每月节省 ${saved}`}：再失去一个 Broker 后安全上限为 ${afterLoss}，截至 ${until} 的预测峰值需要 ${needed}。`,
  ],
  noneRemovable: (needed: string) => [
    `No broker can be removed: after losing another one, the rest could not carry ${needed} (forecast peak and its uncertainty), or not hold all replicas or all messages of the retention time.`,
    `没有可缩容的 Broker：缩容后若再失去一个，其余 Broker 将无法承载预测峰值所需的 ${needed}，或放不下全部副本和保留期内的消息。`,
  ],
  uncheckedDisk: [
    'Disk space for the forecast was not checked: the verdict has no retention.',
    '未检查预测流量所需的磁盘空间：结论中没有消息保留时长。',
  ],
  next: (brokers: number, cost: string | undefined, now: string, afterLoss: string) => [
    `The smallest step, at least 10% more capacity after losing one broker: add ${brokersEn(brokers)}${cost === undefined ? '' : ` (${cost} a month)`}. The safe maximum after losing a broker, until it is back and has caught up, rises from ${now} to at least ${afterLoss}.`,
    `最小扩容：增加 ${brokers} 个 Broker${cost === undefined ? '' : `（每月 ${cost}）`}，失去一个 Broker 直到它恢复并追上期间的安全上限由 ${now} 至少升至 ${afterLoss}。`,
  ],
  forPeak: (brokers: number, needed: string) => [
    `The forecast peak needs ${needed} at N-1: add ${brokersEn(brokers)}.`,
    `预测峰值要求 N-1 安全上限达到 ${needed}：需增加 ${brokers} 个 Broker。`,
  ],
  assumption: [
    'Assumes that the load is distributed over the brokers as today.',
    '假设流量在各 Broker 之间的分布与当前相同。',
  ],
});

/** Text beside the reserve table, one or two sentences per entry. @param moment formats an ISO 8601 time */
export function headroomLines(
  headroom: HeadroomPrice,
  language: FindingLanguage,
  moment: (at: string) => string,
): string[] {
  const texts = headroomLanguages[language];
  const { price, brokers, reserves, removable, nextTenth } = headroom;
  const amount = (cost: number | undefined) =>
    cost === undefined ? undefined : texts.amount(quantityText(cost), price?.currency);
  const rate = (tps: number) => texts.rate(rateNumberText(tps));
  const missing = (subject: string, gaps: readonly HeadroomGap[]) =>
    texts.missing(
      subject,
      gaps.map((gap) => headroomGapText(gap, language)),
    );
  const unlisted = reserves.kind === 'unknown' && reserves.missing.includes('verdict') ? 'verdict' : 'brokers';
  const unknown = [
    { subject: texts.unknownReserves, part: reserves },
    { subject: texts.unknownRemovable, part: removable },
    { subject: texts.unknownNext, part: nextTenth },
  ].flatMap(({ subject, part }) => (part.kind === 'unknown' ? [{ subject, missing: part.missing }] : []));
  const sameGaps = Map.groupBy(unknown, ({ missing: gaps }) => gaps.join(' '));
  const forPeak = nextTenth.kind === 'known' ? nextTenth.forPeak : undefined;
  const isAnyKnown = removable.kind === 'known' || nextTenth.kind === 'known';
  return [
    price === undefined
      ? missing(texts.unknownPrice, ['price'])
      : brokers === undefined
        ? missing(texts.unknownPrice, [unlisted])
        : texts.total(brokers, amount(price.perMonth) ?? ''),
    ...[...sameGaps.values()].map((parts) => {
      const subjects = parts.map(({ subject }, index) =>
        subject.replace(/^./, (c) => (index > 0 ? c.toLowerCase() : c)),
      );
      return missing(subjects.join(punctuation[language].list), parts[0]?.missing ?? []);
    }),
    ...(forPeak !== undefined
      ? [texts.forPeak(forPeak.brokers, rate(forPeak.neededTps))]
      : removable.kind === 'unknown'
        ? []
        : removable.brokers === 0
          ? [texts.noneRemovable(rate(removable.neededTps))]
          : [
              texts.removable(
                removable.brokers,
                amount(removable.savedCost),
                rate(removable.afterLossTps),
                rate(removable.neededTps),
                moment(removable.forecastEndsAt),
              ),
            ]),
    ...(removable.kind === 'known' && removable.brokers > 0 && removable.uncheckedDisk ? [texts.uncheckedDisk] : []),
    ...(nextTenth.kind === 'unknown'
      ? []
      : [texts.next(nextTenth.brokers, amount(nextTenth.cost), rate(nextTenth.nowTps), rate(nextTenth.afterLossTps))]),
    ...(isAnyKnown ? [texts.assumption] : []),
  ];
}
