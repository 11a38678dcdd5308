// Defines what a sizing takes to be so without a measurement: typed facts, and their text in English and Chinese.

import { chineseName } from '../../text/limit-text.ts';
import { z } from 'zod';
import { percentText, quantityText, rateNumberText } from '../../text/quantity-text.ts';
import type { FindingLanguage, InLanguages } from '../findings/finding-entry.ts';

const ratio = z.number().positive();
const copies = z.number().int().positive();

export const PlanAssumption = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('average-is-peak'), domain: z.string() }),
  z.strictObject({
    kind: z.literal('figure-without-interval'),
    domain: z.string(),
    figure: z.string(),
    spread: z.number().nonnegative(),
  }),
  z.strictObject({
    kind: z.literal('rate-without-interval'),
    tps: z.number().nonnegative(),
    spread: z.number().nonnegative(),
  }),
  z.strictObject({
    kind: z.literal('safe-by-policy'),
    limit: ratio,
    resource: z.string(),
    source: z.string().describe('of the policy limit'),
  }),
  z.strictObject({ kind: z.literal('saturation-by-policy'), limit: ratio, isStated: z.literal(true).optional() }),
  z.strictObject({ kind: z.literal('no-limit-reached'), source: z.string(), tps: z.number().nonnegative() }),
  z.strictObject({ kind: z.literal('part-of-cluster'), source: z.string(), masters: copies, shown: copies }),
  z.strictObject({
    kind: z.literal('single-reading'),
    source: z.string(),
    limit: ratio,
    spread: z.number().nonnegative(),
  }),
  z.strictObject({ kind: z.literal('costlier-messages'), work: ratio, bytes: ratio, deliveries: ratio }),
  z.strictObject({ kind: z.literal('smaller-messages'), bytes: ratio }),
  z.strictObject({ kind: z.literal('scaled-by-cores'), shape: z.string(), measuredShape: z.string(), ratio }),
  z.strictObject({ kind: z.literal('other-copies'), measured: copies, planned: copies }),
  z.strictObject({ kind: z.literal('cpu-limit-unknown'), resource: z.string() }),
  z.strictObject({ kind: z.literal('same-disk-speed'), shape: z.string(), measuredShape: z.string() }),
]);
export type PlanAssumption = z.infer<typeof PlanAssumption>;

export const assumptionText = (assumption: PlanAssumption, language: FindingLanguage): string =>
  texts(assumption)[language];

function texts(assumption: PlanAssumption): InLanguages<string> {
  switch (assumption.kind) {
    case 'average-is-peak':
      return {
        en: `${assumption.domain}: averageTps is not given, so the usual peak is used as the average, and disks are possibly larger than needed`,
        zh: `${assumption.domain}：未给出 averageTps，以日常峰值作为平均值，因此磁盘偏大`,
      };
    case 'figure-without-interval': {
      const { domain, figure, spread } = assumption;
      return {
        en: `${domain}: ${figure} has no interval: ±${percentText(spread)} is assumed`,
        zh: `${domain}：${figure} 没有区间，按 ±${percentText(spread)} 计`,
      };
    }
    case 'rate-without-interval': {
      const { tps, spread } = assumption;
      return {
        en: `${quantityText(tps)} msg/s has no interval: ±${percentText(spread)} is assumed`,
        zh: `${quantityText(tps)} 条/秒没有区间，按 ±${percentText(spread)} 计`,
      };
    }
    case 'safe-by-policy': {
      const { limit, resource, source } = assumption;
      return {
        en: `the safe maximum is assumed to be ${limit} of the stated saturation (policy limit of ${resource}: ${source})`,
        zh: `安全上限取所述饱和速率的 ${limit}（${chineseName(resource)}的策略上限：${source}）`,
      };
    }
    case 'saturation-by-policy': {
      const { limit, isStated } = assumption;
      return {
        en: `saturation is assumed to be the ${isStated ? 'stated ' : ''}safe maximum divided by ${limit}`,
        zh: `饱和速率取${isStated ? '所述' : ''}安全上限除以 ${limit}`,
      };
    }
    case 'no-limit-reached': {
      const { source, tps } = assumption;
      return {
        en: `${source} reached no limit: ${rateNumberText(tps)} msg/s is the highest tested rate, and the plan uses no higher rate`,
        zh: `${source} 没有达到任何上限：压测的最高速率为 ${rateNumberText(tps)} 条/秒，规划不超过该速率`,
      };
    }
    case 'part-of-cluster': {
      const { source, masters, shown } = assumption;
      return {
        en: `${source} has ${shown} brokers that accept messages, of which ${masters} took the load, as \`masters\` states`,
        zh: `${source} 有 ${shown} 个可写 Broker，按 \`masters\` 的设置由其中 ${masters} 个承担负载`,
      };
    }
    case 'single-reading': {
      const { source, limit, spread } = assumption;
      return {
        en: `${source} is a single reading: ${limit} of it is assumed to be safe, ± ${percentText(spread)}`,
        zh: `${source} 只是一次读数：取其 ${limit} 为安全值，误差 ±${percentText(spread)}`,
      };
    }
    case 'costlier-messages': {
      const [work, bytes, deliveries] = [assumption.work, assumption.bytes, assumption.deliveries].map(twoDigits);
      return {
        en: `a message of the domain costs ${work} times as much as a measured message (${bytes} times the bytes, ${deliveries} times the deliveries): the measured rate is divided by this factor`,
        zh: `该业务域一条消息的开销是所测消息的 ${work} 倍（字节 ${bytes} 倍，投递 ${deliveries} 倍），所测速率除以该倍数`,
      };
    }
    case 'smaller-messages':
      return {
        en: `a message of the domain moves ${twoDigits(assumption.bytes)} of the measured bytes: the measured rate is not raised`,
        zh: `该业务域一条消息的字节数是所测消息的 ${twoDigits(assumption.bytes)} 倍，所测速率不上调`,
      };
    case 'scaled-by-cores': {
      const { shape, measuredShape, ratio: times } = assumption;
      return {
        en: `no measurement on ${shape}: the rate of ${measuredShape} is scaled by cores, times ${twoDigits(times)}`,
        zh: `没有 ${shape} 的测量：将 ${measuredShape} 的速率按核数换算，乘以 ${twoDigits(times)}`,
      };
    }
    case 'other-copies':
      return {
        en: `copies of a message: ${assumption.measured} measured, ${assumption.planned} planned`,
        zh: `测量时每条消息 ${assumption.measured} 个副本，规划为 ${assumption.planned} 个`,
      };
    case 'cpu-limit-unknown':
      return {
        en: `${assumption.resource} was saturated before the CPU, so the CPU limit is unknown: the measured rate is not raised`,
        zh: `${chineseName(assumption.resource)}先于 CPU 用满，因此 CPU 的上限未知，所测速率不上调`,
      };
    case 'same-disk-speed': {
      const { shape, measuredShape } = assumption;
      return {
        en: `the catalogue has no diskWrite of ${shape} or ${measuredShape}: the disk of ${shape} is assumed to be as fast as the measured one`,
        zh: `机型目录中缺少 ${shape} 或 ${measuredShape} 的 diskWrite：假设 ${shape} 的磁盘与所测磁盘一样快`,
      };
    }
  }
}

const twoDigits = (value: number) => value.toFixed(2);
