// Defines the assumptions of a sizing that were not measured: typed facts, and their text in English and Chinese.

import { chineseName } from '../../text/limit-text.ts';
import { z } from 'zod';
import { percentText, rateNumberText, rateText } from '../../text/quantity-text.ts';
import { inLanguage, type Pair } from '../../text/bilingual.ts';
import { forKind, type KindTable } from '../../kind-table.ts';
import type { FindingLanguage } from '../findings/finding-entry.ts';
import { amount, ofKind } from '../values.ts';

const ratio = z.number().positive();
const copies = z.number().int().positive();

export const PlanAssumption = z.discriminatedUnion('kind', [
  ofKind('average-is-peak', { domain: z.string() }),
  ofKind('figure-without-interval', { domain: z.string(), figure: z.string(), spread: amount }),
  ofKind('rate-without-interval', { tps: amount, spread: amount }),
  ofKind('safe-by-policy', { limit: ratio, resource: z.string(), source: z.string().describe('of the policy limit') }),
  ofKind('saturation-by-policy', { limit: ratio, isStated: z.literal(true).optional() }),
  ofKind('no-limit-reached', { source: z.string(), tps: amount }),
  ofKind('part-of-cluster', { source: z.string(), masters: copies, shown: copies }),
  ofKind('single-reading', { source: z.string(), limit: ratio, spread: amount }),
  ofKind('costlier-messages', {
    work: ratio,
    bytes: ratio,
    deliveries: ratio,
    requests: ratio.optional(),
    requestUse: amount.optional().describe('of CPU and queues in the measurement, as a share of their policy limits'),
  }),
  ofKind('batches-assumed', { measured: ratio.optional().describe('messages per request; absent if unknown') }),
  ofKind('smaller-messages', { bytes: ratio }),
  ofKind('scaled-by-cores', { shape: z.string(), measuredShape: z.string(), ratio }),
  ofKind('other-copies', { measured: copies, planned: copies }),
  ofKind('cpu-limit-unknown', { resource: z.string() }),
  ofKind('same-disk-speed', { shape: z.string(), measuredShape: z.string() }),
]);
export type PlanAssumption = z.infer<typeof PlanAssumption>;

export const assumptionText = (assumption: PlanAssumption, language: FindingLanguage): string =>
  inLanguage(forKind(assumption, texts), language);

const texts: KindTable<PlanAssumption, Pair> = {
  'average-is-peak': ({ domain }) => [
    `${domain}: averageTps is not given, so the usual peak is used as the average, and the planned disks are possibly larger than needed`,
    `${domain}：未给出 averageTps，以日常峰值作为平均值，因此磁盘偏大`,
  ],
  'figure-without-interval': ({ domain, figure, spread }) => [
    `${domain}: ${figure} has no interval: ±${percentText(spread)} is assumed`,
    `${domain}：${figure} 没有区间，按 ±${percentText(spread)} 计`,
  ],
  'rate-without-interval': ({ tps, spread }) => [
    `${rateText(tps)} has no interval: ±${percentText(spread)} is assumed`,
    `${rateText(tps, 'zh')}没有区间，按 ±${percentText(spread)} 计`,
  ],
  'safe-by-policy': ({ limit, resource, source }) => [
    `the safe maximum is assumed to be ${limit} times the stated saturation (policy limit of ${resource}: ${source})`,
    `安全上限取所述饱和点的 ${limit}（${chineseName(resource)}的策略上限：${source}）`,
  ],
  'saturation-by-policy': ({ limit, isStated }) => [
    `saturation is assumed to be the ${isStated ? 'stated ' : ''}safe maximum divided by ${limit}`,
    `饱和点取${isStated ? '所述' : ''}安全上限除以 ${limit}`,
  ],
  'no-limit-reached': ({ source, tps }) => [
    `${source} reached no limit: ${rateNumberText(tps)} msg/s is the highest tested rate, and the plan uses no higher rate`,
    `${source} 没有达到任何上限：压测的最高速率为 ${rateNumberText(tps)} 条/秒，规划不超过该速率`,
  ],
  'part-of-cluster': ({ source, masters, shown }) => [
    `${source} has ${shown} brokers that accept messages; as \`masters\` states, ${masters} of them took the load`,
    `${source} 有 ${shown} 个可写 Broker，按 \`masters\` 的设置由其中 ${masters} 个承担负载`,
  ],
  'single-reading': ({ source, limit, spread }) => [
    `${source} is a single reading: ${limit} times its rate is assumed to be safe, ±${percentText(spread)}`,
    `${source} 只是一次读数：取其 ${limit} 为安全值，误差 ±${percentText(spread)}`,
  ],
  'costlier-messages': (factors) => {
    const [work, bytes, deliveries] = [factors.work, factors.bytes, factors.deliveries].map(twoDigits);
    const { requests, requestUse } = factors;
    const use = requestUse === undefined ? undefined : percentText(requestUse);
    const [ofRequests, ofRequestsZh] =
      requests === undefined
        ? ['', '']
        : [
            `, ${twoDigits(requests)} times the requests${use === undefined ? '' : ` with CPU and queues at ${use} of their limits`}`,
            `，请求 ${twoDigits(requests)} 倍${use === undefined ? '' : `（所测 CPU 和队列用到其上限的 ${use}）`}`,
          ];
    return [
      `a message of the domain costs ${work} times as much as a measured message (${bytes} times the bytes, ${deliveries} times the deliveries${ofRequests}): the measured rate is divided by this factor`,
      `该业务域一条消息的开销是所测消息的 ${work} 倍（字节 ${bytes} 倍，投递 ${deliveries} 倍${ofRequestsZh}），所测速率除以该倍数`,
    ];
  },
  'batches-assumed': ({ measured }) =>
    measured === undefined
      ? [
          'the batches of the measurement are unknown and assumed to be those of the domains',
          '测量的批次大小未知，视为与业务域相同',
        ]
      : [
          `domains without \`messagesPerRequest\` are assumed to send the batches of the measurement (${twoDigits(measured)} messages)`,
          `未给出 \`messagesPerRequest\` 的业务域按所测批次大小（${twoDigits(measured)} 条）计算`,
        ],
  'smaller-messages': ({ bytes }) => [
    `a message of the domain causes only ${twoDigits(bytes)} times the bytes of a measured one, but the measured rate is not raised`,
    `该业务域一条消息的字节数是所测消息的 ${twoDigits(bytes)} 倍，所测速率不上调`,
  ],
  'scaled-by-cores': ({ shape, measuredShape, ratio: times }) => [
    `no measurement on ${shape}: the rate of ${measuredShape} is scaled by cores, times ${twoDigits(times)}`,
    `没有 ${shape} 的测量：将 ${measuredShape} 的速率按核数换算，乘以 ${twoDigits(times)}`,
  ],
  'other-copies': ({ measured, planned }) => [
    `copies of each message: ${measured} in the measurement, ${planned} in the plan`,
    `测量时每条消息 ${measured} 个副本，规划为 ${planned} 个`,
  ],
  'cpu-limit-unknown': ({ resource }) => [
    `${resource} was saturated before the CPU, so the CPU limit is unknown, and the measured rate is not raised`,
    `${chineseName(resource)}先于 CPU 用满，因此 CPU 的上限未知，所测速率不上调`,
  ],
  'same-disk-speed': ({ shape, measuredShape }) => [
    `the catalogue has no diskWrite of ${shape} or ${measuredShape}: the disk of ${shape} is assumed to be as fast as the measured one`,
    `机型目录中缺少 ${shape} 或 ${measuredShape} 的 diskWrite：假设 ${shape} 的磁盘与所测磁盘一样快`,
  ],
};

const twoDigits = (value: number) => value.toFixed(2);
