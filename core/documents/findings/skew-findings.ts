// Defines the finding about a broker that reaches its limit well before its peers, with causes and remedies.

import { chineseName } from '../../text/limit-text.ts';
import {
  bitRateText,
  capacityText,
  nodeSentenceText,
  nodeText,
  percentText,
  pluralText,
  rateNumberText,
  rateText,
} from '../../text/quantity-text.ts';
import type { Constraint } from '../../resource.ts';
import { findingEntry, piece, type InLanguages } from './finding-entry.ts';

/** A change that raises the limit of the first broker. */
export type Remedy =
  | {
      kind: 'leaders' | 'replicas' | 'queues';
      from: string;
      to: readonly { node: string; count: number }[];
    }
  | { kind: 'faster-card'; node: string; bitsPerSecond: number; like: string }
  | { kind: 'even-spread'; resource: Constraint; nodes: number };

interface SkewFacts {
  node: string;
  resource: Constraint;
  tps: number;
  /** Nodes of the same kind, including itself. */
  nodes: number;
  /** Use per message above the mean of the nodes. */
  extraShare?: number;
  /** Set if clearly smaller than the largest of the others. */
  capacity?: { value: number; largest: number; unit: string };
  ratioToMean: number;
  safeTps: number;
  gains: readonly { remedy: Remedy; tps: number }[];
}

const example: SkewFacts = {
  node: '1',
  resource: 'network-out',
  tps: 6100,
  nodes: 3,
  extraShare: 0.4,
  ratioToMean: 1.31,
  safeTps: 6100,
  gains: [],
};
const smaller = { value: 125e6, largest: 250e6, unit: 'bytes/s' };
const moved = [
  { node: '2', count: 1 },
  { node: '3', count: 3 },
];

export const skewFindings = {
  'broker-skew': findingEntry<SkewFacts>({
    severity: ({ gains }) => (gains.length > 0 ? 'warning' : 'info'),
    en: (facts) =>
      [
        `${nodeSentenceText(facts.node)} reaches its ${facts.resource} limit at ${rateText(facts.tps)}, before ${pluralText(facts.nodes - 1, 'peer')}: ${causeText(facts).en}.`,
        ...facts.gains.map(({ remedy, tps }) => {
          const text = remedyText(remedy).en;
          return `${text[0]?.toUpperCase()}${text.slice(1)} raises the safe maximum from ${rateNumberText(facts.safeTps)} to ${rateText(tps)}.`;
        }),
      ].join(' '),
    zh: (facts) =>
      [
        `${nodeText(facts.node, 'zh')} 的${chineseName(facts.resource)}在 ${rateText(facts.tps, 'zh')} 达到上限，早于其他 ${facts.nodes - 1} 个节点：${causeText(facts).zh}。`,
        ...facts.gains.map(
          ({ remedy, tps }) =>
            `${remedyText(remedy).zh}，可将安全上限从 ${rateNumberText(facts.safeTps)} 提高到 ${rateText(tps, 'zh')}。`,
        ),
      ].join(''),
    evidence: ({ resource, ratioToMean, gains }) => [
      piece('highest over mean', ratioToMean, 'ratio', `fits of ${resource}`),
      ...gains.map(({ remedy, tps }) => piece(remedyText(remedy).en, tps, 'messages/s', 'byte arithmetic')),
    ],
    examples: [
      {
        ...example,
        gains: [
          { remedy: { kind: 'leaders', from: '1', to: moved }, tps: 8200 },
          { remedy: { kind: 'faster-card', node: '1', bitsPerSecond: 10e9, like: '2' }, tps: 7900 },
          { remedy: { kind: 'even-spread', resource: 'network-out', nodes: 3 }, tps: 7600 },
        ],
      },
      { ...example, capacity: smaller },
      {
        node: '1',
        resource: 'network-out',
        tps: 6100,
        nodes: 2,
        capacity: smaller,
        ratioToMean: 1.31,
        safeTps: 6100,
        gains: [],
      },
    ],
  }),
};

function causeText({ resource, nodes, extraShare, capacity }: SkewFacts): InLanguages<string> {
  const more = extraShare === undefined ? undefined : percentText(extraShare);
  const size = (value: number, language: 'en' | 'zh') => capacityText(value, capacity?.unit ?? '', language);
  const room = capacity && {
    en: `has ${size(capacity.value, 'en')} where others have ${size(capacity.largest, 'en')}`,
    zh: `容量为 ${size(capacity.value, 'zh')}，其他节点为 ${size(capacity.largest, 'zh')}`,
  };
  if (more === undefined) {
    return { en: `for about the same use per message it ${room?.en}`, zh: `每条消息的消耗大致相同，但${room?.zh}` };
  }
  return {
    en: `per message it uses ${more} more ${resource} than the mean of ${nodes} nodes${room ? `, and ${room.en}` : ''}`,
    zh: `每条消息占用的${chineseName(resource)}比 ${nodes} 个节点的平均值高 ${more}${room ? `，且${room.zh}` : ''}`,
  };
}

const moveTexts = {
  leaders: ['leader', '个 Leader '],
  replicas: ['replica', '个副本'],
  queues: ['queue', '个队列'],
} as const;

function remedyText(remedy: Remedy): InLanguages<string> {
  switch (remedy.kind) {
    case 'faster-card': {
      const speed = bitRateText(remedy.bitsPerSecond);
      return {
        en: `a card of ${speed} at ${nodeText(remedy.node)} (like ${nodeText(remedy.like)})`,
        zh: `为 ${nodeText(remedy.node, 'zh')} 换上与 ${nodeText(remedy.like, 'zh')} 相同的 ${speed} 网卡`,
      };
    }
    case 'even-spread':
      return {
        en: `an even spread of ${remedy.resource} over the ${remedy.nodes} nodes`,
        zh: `将${chineseName(remedy.resource)}均匀分布到 ${remedy.nodes} 个节点`,
      };
    default: {
      const [en, zh] = moveTexts[remedy.kind];
      const to = remedy.to.map(
        ({ node, count }, index) =>
          `${pluralText(count, en)}${index === 0 ? ` from ${nodeText(remedy.from)}` : ''} to ${nodeText(node)}`,
      );
      return {
        en: `moving ${to.join(' and ')}`,
        zh: `从 ${nodeText(remedy.from, 'zh')} 迁移 ${remedy.to.map(({ node, count }) => `${count} ${zh}到 ${nodeText(node, 'zh')}`).join('、')}`,
      };
    }
  }
}
