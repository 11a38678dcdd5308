// Defines the findings that compare stated figures by the arithmetic of the protocol.

import { chineseRole } from '../../text/limit-text.ts';
import { bitRateText, percentText, pluralText } from '../../text/quantity-text.ts';
import {
  bytesRange,
  evidenceOf,
  exact,
  megabyteRate,
  rateRange,
  tpsRange,
  tpsText,
  type Span,
} from '../../text/stated-figure.ts';
import type { Reading } from '../written-reading.ts';
import { findingEntry, type FindingLanguage, piece, readingExample } from './finding-entry.ts';
import { readingText, trialText, type StatedTrial } from './stated-trial.ts';

type InOut = Readonly<Record<'in' | 'out', Span>>;

interface ArithmeticFacts {
  leader: string;
  followers: number;
  isDledger: boolean;
  groups: number;
  receivesCopies: boolean;
  /** Direction with the larger figure. */
  direction: 'in' | 'out';
  messageBytes: number;
  tps: number;
  bitsPerSecond: number;
  policyLimit: number;
  saturationTps: Span;
  safeTps: Span;
  bytesPerMessage: InOut;
  bytesPerSecond: InOut;
  /** Values assumed for settings missing in the text. */
  settings: string;
  stated?: Span & { reading: Reading };
  /** For `figures-agree`: the trial that reproduces the figures. */
  reproduced?: StatedTrial;
  /** For `figures-disagree`: closest first. */
  trials: readonly StatedTrial[];
}

/** Trials in the message; the evidence lists all. */
const shown = 7;

const fed: StatedTrial = {
  name: 'as-stated',
  leader: 'master',
  reading: { kind: 'fed', followers: 2, groups: 1, followersBehind: 0, consumersBehind: false, byHa: false },
  givesUp: [],
  predicted: { low: 105e6, high: 110e6 },
  fits: true,
  residual: 0.02,
};
const example: ArithmeticFacts = {
  leader: 'master',
  followers: 2,
  isDledger: true,
  groups: 1,
  receivesCopies: false,
  direction: 'out',
  messageBytes: 1024,
  tps: 32_000,
  bitsPerSecond: 1e9,
  policyLimit: 0.7,
  saturationTps: { low: 34_000, high: 36_000 },
  safeTps: { low: 24_000, high: 25_000 },
  bytesPerMessage: { in: { low: 1150, high: 1180 }, out: { low: 3400, high: 3500 } },
  bytesPerSecond: { in: { low: 36e6, high: 38e6 }, out: { low: 105e6, high: 110e6 } },
  settings: 'topic of 10 characters',
  stated: { low: 100e6, high: 105e6, reading: readingExample('network-bytes-per-second', 100e6) },
  trials: [],
};
const behind = {
  ...fed,
  name: 'follower-behind',
  givesUp: ['every-follower', 'every-consumer', 'end-to-end'],
} as const;

export const writtenArithmeticFindings = {
  'figures-agree': findingEntry<ArithmeticFacts>({
    severity: 'info',
    en: (facts) => {
      const { reproduced } = facts;
      const only =
        reproduced === undefined || reproduced.name === 'as-stated' ? '' : ` if ${readingText(reproduced).en}`;
      return `The figures agree with each other${only}. ${arithmeticText(facts, 'en')}`;
    },
    zh: (facts) => {
      const { reproduced } = facts;
      const only =
        reproduced === undefined || reproduced.name === 'as-stated' ? '' : `（如果${readingText(reproduced).zh}）`;
      return `各数据相互一致${only}。${arithmeticText(facts, 'zh')}`;
    },
    evidence: (facts) => arithmeticEvidence(facts),
    examples: [
      { ...example, reproduced: fed },
      { ...example, reproduced: { ...fed, name: 'in-only', reading: { kind: 'in-only' } } },
    ],
  }),
  'figures-disagree': findingEntry<ArithmeticFacts>({
    severity: 'warning',
    en: (facts) =>
      [`The figures do not agree with each other. ${arithmeticText(facts, 'en')}`, ...nearestTexts(facts, 'en')].join(
        '\n',
      ),
    zh: (facts) => [`各数据相互矛盾。${arithmeticText(facts, 'zh')}`, ...nearestTexts(facts, 'zh')].join('\n'),
    evidence: (facts) => {
      const { trials, stated } = facts;
      return [
        ...arithmeticEvidence(facts),
        ...(stated === undefined ? [] : trials).map((trial) =>
          piece(
            `if-${trial.name}`,
            Math.round(trial.residual * 1000) / 1000,
            'ratio',
            stated === undefined ? '' : trialText(trial, stated).en,
          ),
        ),
      ];
    },
    examples: [
      {
        ...example,
        trials: [
          fed,
          {
            ...behind,
            endToEndSeconds: 1,
            fits: false,
            reading: {
              ...fed.reading,
              kind: 'fed',
              followers: 1,
              groups: 0,
              followersBehind: 1,
              consumersBehind: true,
              byHa: true,
            },
          },
          { ...fed, name: 'rates-added-up', reading: { kind: 'rates-added-up' }, givesUp: ['produced-rate'] },
          { ...fed, name: 'both-directions', reading: { kind: 'both-directions' } },
          {
            ...fed,
            name: 'bodies-only',
            reading: { kind: 'bodies-only', followers: 2 },
            givesUp: ['read-from-card', 'dledger'],
          },
        ],
      },
    ],
  }),
  'physically-infeasible': findingEntry<
    | {
        basis: 'bodies';
        messageBytes: number;
        direction: 'in' | 'out';
        followers: number;
        tps: number;
        master: string;
        neededBytes: number;
        payloadBytes: number;
        bitsPerSecond: number;
        mostTps: number;
      }
    | {
        basis: 'reading';
        statedBytes: number;
        direction: 'in' | 'out';
        master: string;
        bitsPerSecond: number;
        reading: Reading;
      }
  >({
    severity: 'critical',
    en: (facts) => {
      const card = bitRateText(facts.bitsPerSecond);
      if (facts.basis === 'reading') {
        return `These figures cannot all be true: ${megabyteRate(facts.statedBytes)} ${facts.direction} of ${facts.master} is more than the ${megabyteRate(facts.bitsPerSecond / 8)} that ${card} carries in one direction. Either the value is the sum of both directions or of several cards, or the link speed is different.`;
      }
      const { messageBytes, direction, followers, tps, master, neededBytes, payloadBytes, mostTps } = facts;
      const moved = direction === 'out' ? `to ${pluralText(followers, 'follower')}` : 'received';
      return `These figures cannot all be true in steady state. Bodies alone, ${exact(messageBytes)} bytes ${moved} at ${tpsText(tps)} msg/s, need ${megabyteRate(neededBytes)} ${direction} of ${master}; a ${card} card carries ${megabyteRate(payloadBytes)} of payload. Even without headers it saturates at ${tpsText(mostTps)} msg/s. Either a value is wrong, or replicas lagged, so that the rate was not sustained.`;
    },
    zh: (facts) => {
      const card = bitRateText(facts.bitsPerSecond);
      const way = facts.direction === 'out' ? '出向' : '入向';
      if (facts.basis === 'reading') {
        return `这些数据不可能同时成立：${facts.master} ${way} ${megabyteRate(facts.statedBytes)} 超过了 ${card} 单方向的 ${megabyteRate(facts.bitsPerSecond / 8)}。可能是两个方向或多块网卡之和，或链路速率不同。`;
      }
      const { messageBytes, direction, followers, tps, master, neededBytes, payloadBytes, mostTps } = facts;
      const moved = direction === 'out' ? `发往 ${followers} 个 Follower` : '写入';
      return `这些数据在稳定状态下不可能同时成立。仅消息体 ${exact(messageBytes)} 字节以 ${tpsText(tps)} 条/秒 ${moved}，${master} ${way}就需要 ${megabyteRate(neededBytes)}；${card} 网卡只能承载 ${megabyteRate(payloadBytes)} 的有效数据。即使不计协议头，也会在 ${tpsText(mostTps)} 条/秒 饱和。要么数据有误，要么副本落后、该速率没有稳定维持。`;
    },
    evidence: (facts) =>
      facts.basis === 'reading'
        ? [evidenceOf(facts.reading)]
        : [
            piece('bodies-bytes-per-second', facts.neededBytes, 'bytes/s', 'rate × message size × copies'),
            piece('payload-ceiling-bytes-per-second', facts.payloadBytes, 'bytes/s', 'Ethernet framing, IEEE 802.3'),
            piece('bodies-only-tps', facts.mostTps, 'messages/s', 'payload ceiling over bodies'),
          ],
    examples: [
      {
        basis: 'bodies',
        messageBytes: 1024,
        direction: 'out',
        followers: 2,
        tps: 80_000,
        master: 'broker-a',
        neededBytes: 164e6,
        payloadBytes: 118e6,
        bitsPerSecond: 1e9,
        mostTps: 57_600,
      },
      {
        basis: 'reading',
        statedBytes: 180e6,
        direction: 'out',
        master: 'broker-a',
        bitsPerSecond: 1e9,
        reading: readingExample('network-bytes-per-second', 180e6),
      },
    ],
  }),
};

function arithmeticText(facts: ArithmeticFacts, language: FindingLanguage): string {
  const { leader, direction, messageBytes, tps, bytesPerMessage, bytesPerSecond, stated, policyLimit } = facts;
  const { followers, isDledger, groups, receivesCopies, saturationTps, safeTps } = facts;
  const card = bitRateText(facts.bitsPerSecond);
  const limit = percentText(policyLimit);
  if (language === 'zh') {
    const way = direction === 'out' ? '出向' : '入向';
    return [
      `按协议计算，向 ${followers} 个${isDledger ? ' DLedger' : ''} Follower 和 ${groups} 个消费组发送数据${receivesCopies ? '、并从其他 Leader 接收同样多数据' : ''}的${chineseRole(leader).trimEnd()}，每条 ${exact(messageBytes)} 字节的消息产生${way} ${bytesRange(bytesPerMessage[direction], 'zh')} 字节，`,
      `因此 ${card} 网卡在 ${tpsRange(saturationTps, 'zh')} 条/秒饱和（用到 ${limit} 时为 ${tpsRange(safeTps, 'zh')} 条/秒）；`,
      `${tpsText(tps)} 条/秒需要出向 ${rateRange(bytesPerSecond.out, 'zh')}、入向 ${rateRange(bytesPerSecond.in, 'zh')}${stated === undefined ? '' : `，而文本给出的是 ${rateRange(stated, 'zh')}`}。`,
    ].join('');
  }
  const fedTo = `${pluralText(followers, isDledger ? 'DLedger follower' : 'follower')} and ${pluralText(groups, 'consumer group')}`;
  return [
    `By the arithmetic of the protocol, a ${leader} with ${fedTo}${receivesCopies ? ' that replicates the same amount from other leaders' : ''} ${direction === 'out' ? 'sends' : 'receives'} ${bytesRange(bytesPerMessage[direction])} bytes for a message of ${exact(messageBytes)} bytes,`,
    `so ${card} is saturated at ${tpsRange(saturationTps)} msg/s (${tpsRange(safeTps)} at ${limit});`,
    `${tpsText(tps)} would need ${rateRange(bytesPerSecond.out)} out and ${rateRange(bytesPerSecond.in)} in${stated === undefined ? '.' : `, but the text states ${rateRange(stated)}.`}`,
  ].join(' ');
}

function nearestTexts({ trials, stated }: ArithmeticFacts, language: FindingLanguage): string[] {
  if (stated === undefined) return [];
  const intro = {
    en: `No interpretation of ${trials.length} tested reproduces all figures. Those nearest to ${rateRange(stated)}:`,
    zh: `${trials.length} 种解释都无法重现全部数据。最接近 ${rateRange(stated, 'zh')} 的是：`,
  };
  const end = { en: '.', zh: '。' };
  return [
    intro[language],
    ...trials.slice(0, shown).map((trial) => `- ${trialText(trial, stated)[language]}${end[language]}`),
  ];
}

function arithmeticEvidence({
  saturationTps,
  safeTps,
  bytesPerMessage,
  bytesPerSecond,
  settings,
  stated,
}: ArithmeticFacts) {
  const source = `byte arithmetic of the protocol: ${settings}`;
  const ends = (name: string, { low, high }: Span, unit: string) => [
    piece(`${name}-low`, Math.round(low), unit, source),
    piece(`${name}-high`, Math.round(high), unit, source),
  ];
  return [
    ...ends('full-card-tps', saturationTps, 'messages/s'),
    ...ends('policy-tps', safeTps, 'messages/s'),
    ...ends('network-out-bytes-per-message', bytesPerMessage.out, 'bytes'),
    ...ends('network-in-bytes-per-message', bytesPerMessage.in, 'bytes'),
    ...ends('network-out-bytes-per-second', bytesPerSecond.out, 'bytes/s'),
    ...ends('network-in-bytes-per-second', bytesPerSecond.in, 'bytes/s'),
    ...(stated === undefined ? [] : [evidenceOf(stated.reading)]),
  ];
}
