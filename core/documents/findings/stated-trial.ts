// Formats alternative readings of a text whose figures disagree, each with its prediction and the statements it contradicts.

import { chineseRole } from '../../text/limit-text.ts';
import { changeText, pluralText } from '../../text/quantity-text.ts';
import { exact, rateRange, type Span } from '../../text/stated-figure.ts';
import type { InLanguages } from './finding-entry.ts';

/** Statements of the text that would be untrue. */
export type GivenUp =
  'every-follower' | 'every-consumer' | 'end-to-end' | 'dledger' | 'produced-rate' | 'read-from-card';

/** Alternative meaning of the figure. */
export type TrialReading =
  /** Only so many followers and groups keep up; the others fall behind. */
  | { kind: 'fed'; followers: number; groups: number; followersBehind: number; consumersBehind: boolean; byHa: boolean }
  | { kind: 'rates-added-up' | 'in-only' | 'both-directions' }
  | { kind: 'bodies-only'; followers: number };

export interface StatedTrial {
  /** Name of the hypothesis in the evidence. */
  name: string;
  leader: string;
  reading: TrialReading;
  givesUp: readonly GivenUp[];
  endToEndSeconds?: number | undefined;
  /** Predicted figure, bytes per second. */
  predicted: Span;
  /** Whether the card can carry both directions of this reading. */
  fits: boolean;
  /** Relative error. */
  residual: number;
}

export function trialText(trial: StatedTrial, stated: Span): InLanguages<string> {
  const { predicted, fits, givesUp } = trial;
  const miss = missText(predicted, stated);
  const lost = givesUp.map((each) => givenUpText(each, trial));
  return {
    en: [
      `${readingText(trial).en}: ${rateRange(predicted)}, ${miss.en}`,
      ...(fits ? [] : ['the card cannot carry the bytes of this interpretation']),
      ...(lost.length === 0 ? [] : [`contradicts: ${lost.map(({ en }) => en).join(', ')}`]),
    ].join('; '),
    zh: [
      `${readingText(trial).zh}：${rateRange(predicted, 'zh')}，${miss.zh}`,
      ...(fits ? [] : ['网卡无法传输所需的流量']),
      ...(lost.length === 0 ? [] : [`与以下陈述矛盾：${lost.map(({ zh }) => zh).join('、')}`]),
    ].join('；'),
  };
}

export function readingText({ reading, leader }: Pick<StatedTrial, 'reading' | 'leader'>): InLanguages<string> {
  switch (reading.kind) {
    case 'rates-added-up':
      return { en: 'the rate counts produced and consumed messages together', zh: '速率是生产与消费之和' };
    case 'in-only':
      return { en: 'the value is for the receiving direction', zh: '该数值是入向流量' };
    case 'both-directions':
      return { en: 'the value is the sum of both directions', zh: '该数值是两个方向之和' };
    case 'bodies-only': {
      const { followers } = reading;
      return {
        en: `the value was computed: the body in and to ${pluralText(followers, 'follower')}, without headers and consumers`,
        zh: `该数值是计算得出的：只含消息体的写入和发往 ${followers} 个 Follower 的流量，不含协议头和消费`,
      };
    }
    case 'fed': {
      const { followers, groups, followersBehind, consumersBehind, byHa } = reading;
      const copies = followers + groups;
      const left = {
        en: `${pluralText(copies, 'full copy', 'full copies')} ${copies === 1 ? 'leaves' : 'leave'} the ${leader}`,
        zh: `${chineseRole(leader).trimStart()}发出 ${copies} 份完整数据`,
      };
      const behind = {
        en: [
          ...(followersBehind === 0 ? [] : [`${pluralText(followersBehind, 'follower')} fell behind during the test`]),
          ...(consumersBehind ? ['consumers fell behind or read from another broker'] : []),
        ].join(' and '),
        zh: [
          ...(followersBehind === 0 ? [] : [`压测期间有 ${followersBehind} 个 Follower 落后`]),
          ...(consumersBehind ? ['消费者堆积或从其他 Broker 消费'] : []),
        ].join('，且'),
      };
      const fed = {
        en: `${pluralText(followers, 'follower')} and ${pluralText(groups, 'consumer group')} fed`,
        zh: `向 ${followers} 个 Follower 和 ${groups} 个消费组发送`,
      };
      return {
        en: `${byHa ? 'copies by HA instead of DLedger, ' : ''}${behind.en || fed.en} (${left.en})`,
        zh: `${byHa ? '以 HA 而非 DLedger 复制，' : ''}${behind.zh || fed.zh}（${left.zh}）`,
      };
    }
  }
}

function givenUpText(given: GivenUp, { leader, endToEndSeconds }: StatedTrial): InLanguages<string> {
  const seconds = endToEndSeconds === undefined ? '' : ` ${exact(endToEndSeconds)}`;
  return {
    'every-follower': { en: 'every message copied to every follower', zh: '每条消息都复制到每个 Follower' },
    'every-consumer': { en: `every message consumed from the ${leader}`, zh: `每条消息都从${chineseRole(leader)}消费` },
    'end-to-end': { en: `end to end within${seconds} s`, zh: `端到端延迟在${seconds} 秒以内` },
    dledger: { en: 'replication by DLedger', zh: '使用 DLedger 复制' },
    'produced-rate': { en: 'the rate as produced messages', zh: '速率为生产速率' },
    'read-from-card': { en: 'the value as read from the card', zh: '数值读取自网卡' },
  }[given];
}

function missText(predicted: Span, { low, high }: Span): InLanguages<string> {
  const from = (figure: number, to: string) =>
    [...new Set([predicted.low, predicted.high].map((end) => changeText(end / figure - 1)))].join(to);
  if (low === high) return { en: from(low, ' to '), zh: from(low, ' 到 ') };
  return {
    en: `${from(low, ' to ')} (${from(high, ' to ')} if MiB)`,
    zh: `${from(low, ' 到 ')}（若为 MiB 则 ${from(high, ' 到 ')}）`,
  };
}
