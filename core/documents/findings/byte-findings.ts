// Defines the findings about measured bytes per message that the protocols do not predict, and what explains them.

import { chineseRole } from '../../text/limit-text.ts';
import { quantityText } from '../../text/quantity-text.ts';
import type { Span } from '../../wire/expected-bytes.ts';
import { findingEntry, piece, type InLanguages } from './finding-entry.ts';

/** One change of the described load that would explain the bytes. */
export type ByteChange =
  | { name: 'missing-replica' | 'extra-replica' | 'missing-group' | 'extra-group'; count: number; stated: number }
  | { name: 'base64'; bodyBytes: number; encodedBytes: number }
  | { name: 'compression'; ratio: number }
  | { name: 'delayed' | 'transactional' | ByteMistake };

/** Unit errors, by the factor on all bytes. */
export const byteMistakes = {
  mebibytes: 2 ** 20 / 1e6,
  megabytes: 1e6 / 2 ** 20,
  bits: 8,
  bytes: 1 / 8,
  'per-minute': 60,
  'per-second': 1 / 60,
  'faster-interface': 10,
  'slower-interface': 1 / 10,
} as const;
export type ByteMistake = keyof typeof byteMistakes;

interface ByteFacts {
  measured: readonly { direction: 'in' | 'out'; value: number; expected: Span }[];
  /** Leader whose card was measured, in the notation of its broker kind; absent for all brokers together. */
  leader?: string;
  /** Changes that explain the bytes, closest first; empty if none does. */
  fitting: readonly { change: ByteChange; distance: number }[];
}

const evidence = ({ measured, fitting }: ByteFacts) => [
  ...measured.flatMap(({ direction, value, expected }) => {
    const source = 'sizes of the protocols (docs/explanation/bytes.md)';
    return [
      piece(`measured ${direction}`, value, 'bytes/message', 'interface counters'),
      piece(`expected ${direction}, least`, expected.low, 'bytes/message', source),
      piece(`expected ${direction}, most`, expected.high, 'bytes/message', source),
    ];
  }),
  ...fitting.map(({ change, distance }) => piece(change.name, distance, 'ratio', 'distance from what it predicts')),
];

const measured = [{ direction: 'out', value: 2150, expected: { low: 3220, high: 3320 } }] as const;

export const byteFindings = {
  'bytes-unexplained': findingEntry<ByteFacts>({
    severity: 'warning',
    en: (facts) =>
      `${missText(facts).en} No tested cause explains it: number of copies or groups, encoding, compression, unit, link speed. Do not scale this figure to another cluster before it is explained.`,
    zh: (facts) =>
      `${missText(facts).zh}已尝试的原因都无法解释：副本或消费组数量、编码、压缩、单位、链路速率。查明之前不要将该数据折算到其他集群。`,
    evidence,
    examples: [{ measured, fitting: [] }],
  }),
  'bytes-differ': findingEntry<ByteFacts>({
    severity: 'warning',
    en: (facts) => explainedText(facts, 'en'),
    zh: (facts) => explainedText(facts, 'zh'),
    evidence,
    examples: [
      {
        measured,
        leader: 'leader',
        fitting: [
          { change: { name: 'missing-replica', count: 2, stated: 3 }, distance: 0.002 },
          { change: { name: 'missing-group', count: 1, stated: 2 }, distance: 0.004 },
        ],
      },
      ...(
        [
          { name: 'extra-replica', count: 4, stated: 3 },
          { name: 'extra-group', count: 3, stated: 2 },
          { name: 'base64', bodyBytes: 1000, encodedBytes: 1336 },
          { name: 'compression', ratio: 3.2 },
          { name: 'delayed' },
          { name: 'transactional' },
          ...Object.keys(byteMistakes).map((name) => ({ name: name as ByteMistake })),
        ] as const
      ).map((change) => ({ measured, fitting: [{ change, distance: 0.002 }] })),
    ],
  }),
};

function missText({ measured: all, leader }: ByteFacts): InLanguages<string> {
  const moved = all.map(({ direction, value }) => [quantityText(value), direction] as const);
  const expected = all.map(({ direction, expected: { low, high } }) => {
    const ends = [...new Set([low, high].map(quantityText))];
    return [ends, direction] as const;
  });
  const of = {
    en: leader === undefined ? 'all brokers together' : `the ${leader}`,
    zh: leader === undefined ? '所有 Broker 合计' : `该${chineseRole(leader)}`.trimEnd(),
  };
  return {
    en: `Traffic per message was ${moved.map(([value, way]) => `${value} bytes ${way}`).join(' and ')} at ${of.en}, but the protocols need ${expected.map(([ends, way]) => `${ends.join(' to ')} ${way}`).join(' and ')}.`,
    zh: `${of.zh} 每条消息的流量为 ${moved.map(([value, way]) => `${ways[way]} ${value} 字节`).join('、')}，而按协议应为 ${expected.map(([ends, way]) => `${ways[way]} ${ends.join(' 到 ')}`).join('、')} 字节。`,
  };
}

const ways = { in: '入向', out: '出向' } as const;

function explainedText({ fitting, ...rest }: ByteFacts, language: keyof InLanguages<string>): string {
  const [first, ...others] = fitting.map(({ change }) => changeText(change));
  const { cause, consequence } = first ?? {};
  const also = others.map((each) => each.cause[language]);
  return language === 'en'
    ? [
        missText({ fitting, ...rest }).en,
        `The measured bytes match ${cause?.en}: ${consequence?.en}.`,
        ...(also.length > 0 ? [`They also match ${also.join('; ')}.`] : []),
      ].join(' ')
    : `${missText({ fitting, ...rest }).zh}如果 ${cause?.zh}，则相符：${consequence?.zh}。${also.length > 0 ? `以下情况也相符：${also.join('；')}。` : ''}`;
}

/** `cause` continues “It comes out” and “若”. */
interface ChangeText {
  cause: InLanguages<string>;
  consequence: InLanguages<string>;
}

function changeText(change: ByteChange): ChangeText {
  switch (change.name) {
    case 'missing-replica':
    case 'extra-replica':
    case 'missing-group':
    case 'extra-group':
      return { cause: countCause(change), consequence: countConsequences[change.name] };
    case 'base64': {
      const [encoded, body] = [quantityText(change.encodedBytes), quantityText(change.bodyBytes)];
      return {
        cause: {
          en: `with bodies of ${encoded} bytes, which is what base64 makes of ${body}`,
          zh: `消息体为 ${encoded} 字节（${body} 字节经 base64 编码）`,
        },
        consequence: {
          en: 'a third of the traffic is encoding; binary bodies move as many messages with less of the link',
          zh: '三分之一的流量来自编码；使用原始字节可以减少带宽占用',
        },
      };
    }
    case 'compression': {
      const ratio = quantityText(change.ratio);
      return {
        cause: { en: `with bodies compressed to 1/${ratio}`, zh: `消息体压缩到 1/${ratio}` },
        consequence: {
          en: 'the limit in messages holds only for data that compresses as well',
          zh: '消息数上限只适用于同样压缩率的数据',
        },
      };
    }
    case 'delayed':
    case 'transactional': {
      const isDelayed = change.name === 'delayed';
      return {
        cause: {
          en: `with messages that are ${change.name}, which the broker stores ${isDelayed ? 'twice' : 'as a half message first'}`,
          zh: isDelayed ? '消息为延迟消息（Broker 存储两次）' : '消息为事务消息（Broker 先存储半消息）',
        },
        consequence: {
          en: 'the limit holds for such messages; normal messages use less of disk and link',
          zh: '上限只适用于这类消息；普通消息占用的磁盘和带宽更少',
        },
      };
    }
    default:
      return mistakeTexts[change.name];
  }
}

function countCause({ name, count, stated }: Extract<ByteChange, { count: number }>): InLanguages<string> {
  if (name.endsWith('replica')) {
    return {
      en: `with ${count} ${count === 1 ? 'copy' : 'copies'} of a message instead of ${stated}`,
      zh: `每条消息有 ${count} 个副本而不是 ${stated} 个`,
    };
  }
  return {
    en: `with ${count} ${count === 1 ? 'group that reads' : 'groups that read'} every message instead of ${stated}`,
    zh: `有 ${count} 个消费组读取全部消息而不是 ${stated} 个`,
  };
}

const countConsequences = {
  'missing-replica': {
    en: 'a follower does not replicate, so the load is that of fewer copies: the limit is lower once it replicates, and losing a broker loses messages',
    zh: '有副本没有同步，因此测到的是较少副本的负载：恢复同步后上限会降低，且 Broker 故障会丢消息',
  },
  'extra-replica': {
    en: 'something else reads the log like a follower, such as replication to another cluster or a reassignment in progress: the limit is higher without it',
    zh: '有程序像副本一样读取日志（例如镜像或正在进行的迁移）：没有它时上限更高',
  },
  'missing-group': {
    en: 'a group paused, fell behind or read from another broker: the limit is lower once it reads',
    zh: '有消费组暂停、堆积或从其他 Broker 消费：恢复消费后上限会降低',
  },
  'extra-group': {
    en: 'something else consumes the topic, such as another group or a mirror to another cluster, and uses part of the link',
    zh: '另有消费者读取该 Topic（例如其他消费组或跨集群镜像），占用了部分带宽',
  },
} as const;

const mistake = (en: readonly [string, string], zh: readonly [string, string]): ChangeText => ({
  cause: { en: en[0], zh: zh[0] },
  consequence: { en: en[1], zh: zh[1] },
});

const mistakeTexts: Readonly<Record<ByteMistake, ChangeText>> = {
  mebibytes: mistake(
    ['if MB are MiB', 'every value of this source is 4.9% too high'],
    ['MB 实为 MiB', '该来源的所有数据偏高 4.9%'],
  ),
  megabytes: mistake(
    ['if MiB are MB', 'every value of this source is 4.6% too low'],
    ['MiB 实为 MB', '该来源的所有数据偏低 4.6%'],
  ),
  bits: mistake(
    ['if the values are bits, not bytes', 'every value of this source is 8 times too high'],
    ['字节实为比特', '该来源的所有数据都是实际值的 8 倍'],
  ),
  bytes: mistake(
    ['if the values are bytes, not bits', 'every value of this source is 8 times too low'],
    ['比特实为字节', '该来源的所有数据只有实际值的 1/8'],
  ),
  'per-minute': mistake(
    ['if the values are per minute, not per second', 'every value of this source is 60 times too high'],
    ['每秒的数据实为每分钟', '该来源的所有数据都是实际值的 60 倍'],
  ),
  'per-second': mistake(
    ['if the values are per second, not per minute', 'every value of this source is 60 times too low'],
    ['每分钟的数据实为每秒', '该来源的所有数据只有实际值的 1/60'],
  ),
  'faster-interface': mistake(
    [
      'if the share of the link was computed for a link ten times as fast',
      'the card is slower than stated, and saturates at a tenth of the rate',
    ],
    ['使用率是按带宽为实际 10 倍的链路计算的', '网卡比声明的慢，在十分之一的速率就会饱和'],
  ),
  'slower-interface': mistake(
    ['if the share of the link was computed for a link ten times as slow', 'the card is faster than stated'],
    ['使用率是按带宽只有实际 1/10 的链路计算的', '网卡比声明的快'],
  ),
};
