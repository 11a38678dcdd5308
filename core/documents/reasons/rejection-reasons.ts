// Defines why a sizing rejected a host type or a domain: typed facts, and their text in English and Chinese.

import { chineseName } from '../../text/limit-text.ts';
import { z } from 'zod';
import { durationText } from '../../text/duration-text.ts';
import {
  capacityText,
  countText,
  percentText,
  pluralText,
  quantityText,
  rateText,
  unitText,
} from '../../text/quantity-text.ts';
import { inLanguage, type Pair } from '../../text/bilingual.ts';
import { forKind, type KindTable } from '../../kind-table.ts';
import type { FindingLanguage, InLanguages } from '../findings/finding-entry.ts';
import { amount, count, ofKind } from '../values.ts';

/** A state that the cluster must survive at the peak. */
export const LossCase = z.strictObject({
  kind: z.enum(['everything-up', 'usual-day', 'brokers-lost', 'brokers-filled', 'zone-lost', 'group-lost']),
  brokers: count.optional().describe('lost, or being rebuilt'),
  elects: z.literal(true).optional().describe('until leaders are elected'),
});
export type LossCase = z.infer<typeof LossCase>;

/** Shortage of a resource on one broker. */
const Shortage = z.strictObject({
  needed: z.number(),
  available: z.number(),
  unit: z.string(),
  noneLeft: z.literal(true).optional(),
  during: LossCase.optional(),
});
type Shortage = z.infer<typeof Shortage>;

/** The lowest step of a load test was above the latency that a domain requires. */
export const MissedLatency = z.strictObject({ source: z.string(), seconds: amount, tps: amount, p99Seconds: amount });
export type MissedLatency = z.infer<typeof MissedLatency>;

const nouns = ['broker', 'group', 'master'] as const;
const brokers = { masters: count.describe('brokers that accept messages'), noun: z.enum(nouns) };

export const RejectionCause = z.discriminatedUnion('kind', [
  ofKind('not-measured', {
    broker: z.string(),
    mode: z.string(),
    copies: count,
    missed: MissedLatency.optional().describe('measured, but its lowest step missed latencyP99'),
  }),
  ofKind('no-majority', {}),
  ofKind('single-copy', { domain: z.string() }),
  ofKind('fixed-master', { domain: z.string() }),
  ofKind('too-few-copies', {
    copies: count,
    zones: count.optional().describe('zones of which one is lost'),
    lostBrokers: count.optional(),
    left: count,
    needed: count,
  }),
  ofKind('no-controller-majority', {
    controllers: count,
    zones: count,
    left: count.describe('after the loss of a zone'),
    needed: count,
  }),
  ofKind('one-queue', { shortage: Shortage }),
  ofKind('too-many-brokers', {
    ...brokers,
    clusters: count,
    resource: z.string(),
    mostMasters: count,
    mostClusters: count,
    shortage: Shortage.optional().describe('with as many as are allowed'),
  }),
  ofKind('too-many-clusters', { clusters: count, mostClusters: count }),
  ofKind('costs', {
    ...brokers,
    clusters: count,
    hosts: count,
    resource: z.string(),
    leastForCopies: count.optional().describe('the number of brokers is the minimum for this number of copies'),
    leastForZones: count.optional().describe('and for as many brokers in each of these zones'),
    fewer: z
      .strictObject({ masters: count, shortage: Shortage })
      .optional()
      .describe('why fewer brokers are not enough'),
    cost: amount,
    planCost: amount,
    costUnit: z.string(),
    enoughShare: z.number().optional().describe('of a cheaper one: share of simulations in which it is enough'),
  }),
]);
export type RejectionCause = z.infer<typeof RejectionCause>;

export const RefusalCause = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.enum(['not-measured', 'no-build']),
    excluded: z
      .strictObject({ rules: z.array(z.string()), brokers: z.array(z.string()) })
      .optional()
      .describe('measured broker kinds that rules exclude'),
  }),
  ofKind('too-small', { shape: z.string(), nearest: RejectionCause }),
]);
export type RefusalCause = z.infer<typeof RefusalCause>;

export const lossText = ({ kind, brokers: lost = 1, elects }: LossCase): InLanguages<string> => {
  const many = lost === 1 ? 'a broker' : `${lost} brokers`;
  const until = { en: elects ? ', until a leader is elected' : '', zh: elects ? '，选主完成之前' : '' };
  return {
    'everything-up': { en: 'everything up', zh: '全部正常' },
    'usual-day': { en: 'a usual day', zh: '日常' },
    'brokers-lost': { en: `${many} lost${until.en}`, zh: `${lost} 个 Broker 故障${until.zh}` },
    'brokers-filled': { en: `${many} rebuilt`, zh: `${lost} 个 Broker 重新同步` },
    'zone-lost': {
      en: `a zone lost${elects ? ', until leaders are elected' : ''}`,
      zh: `一个可用区故障${until.zh}`,
    },
    'group-lost': { en: 'a whole broker group lost', zh: '一整组故障' },
  }[kind];
};

export const rejectionText = (cause: RejectionCause, language: FindingLanguage): string =>
  inLanguage(forKind(cause, causeTexts), language);

const causeTexts: KindTable<RejectionCause, Pair> = {
  'not-measured': ({ broker, mode, copies, missed }) =>
    missed
      ? missedText(missed)
      : [
          `no measurement of ${broker} in mode ${mode}, so its capacity is unknown; other modes have other capacities. Measure this mode (\`plimsoll run\`, copies: ${copies}), or state a figure with its source under measurements`,
          `没有 ${broker}（${mode} 模式）的测量数据，容量未知，也不能用其他模式代替。请压测（\`plimsoll run\`，${copies} 副本），或在 measurements 中给出数据及来源`,
        ],
  'no-majority': () => [
    'DLedger with fewer than three members has no majority after a loss',
    'DLedger 少于三个成员时，故障后没有多数派',
  ],
  'single-copy': ({ domain }) => [
    `${domain} must never lose a message, but there is only one copy`,
    `${domain} 不允许丢消息，但只有一个副本`,
  ],
  'fixed-master': ({ domain }) => [
    `${domain} must never lose a message: after the loss of a fixed master, messages that its slave did not have are unavailable, and no slave takes over`,
    `${domain} 不允许丢消息：固定主从模式下，主节点故障后没有从节点接管，尚未同步到从节点的消息在主节点恢复前读不到，主节点损坏则丢失`,
  ],
  'too-few-copies': ({ copies, zones, lostBrokers, left, needed }) => [
    `copies${zones === undefined ? '' : ` in ${pluralText(zones, 'zone')}`}: ${copies}; left after the loss of ${zones === undefined ? `its brokers (${lostBrokers})` : 'a zone'}: ${left}; needed to write: ${needed}`,
    `${copies} 个副本${zones === undefined ? '' : `分布在 ${zones} 个可用区`}，${zones === undefined ? `其中 ${lostBrokers} 个所在的 Broker ` : '一个可用区'}故障后剩 ${left} 个，而写入需要 ${needed} 个`,
  ],
  'no-controller-majority': ({ controllers, zones, left, needed }) => [
    `controllers in ${pluralText(zones, 'zone')}: ${controllers}; left after the loss of a zone: ${left}; needed to elect leaders (a majority): ${needed}. With a third zone, a majority is left`,
    `${controllers} 个 Controller 分布在 ${zones} 个可用区，一个可用区故障后剩 ${left} 个，而多数派需要 ${needed} 个，否则无法选主。使用三个可用区即可保留多数派`,
  ],
  'one-queue': ({ shortage }) => [
    `global order allows only one queue on one broker: ${shortageText(shortage, 'it').en}`,
    `全局有序只能使用一个 Broker 上的一个队列：${shortageText(shortage).zh}`,
  ],
  'too-many-brokers': ({ clusters, masters, resource, mostMasters, mostClusters, shortage, noun }) => {
    const short = shortage && shortageText(shortage);
    return [
      `${resource} requires ${pluralText(clusters, 'cluster')} with ${pluralText(masters, nounsEn[noun])}${clusters === 1 ? '' : ' each'}, but at most ${mostMasters} in ${mostClusters === 1 ? 'one cluster' : `each of ${countText(mostClusters)} clusters`} are allowed${short ? `; with ${mostMasters}, ${short.en}` : ''}`,
      `${clusters} 个集群为满足${resourceZh(resource)}各需 ${masters} ${nounsZh[noun]}，而最多允许 ${mostClusters} 个集群、每个 ${mostMasters} ${nounsZh[noun]}${short ? `：此时${short.zh}` : ''}`,
    ];
  },
  'too-many-clusters': ({ clusters, mostClusters }) => [
    `the demand needs ${pluralText(clusters, 'cluster')}, and at most ${countText(mostClusters)} ${mostClusters === 1 ? 'is' : 'are'} allowed`,
    `需要 ${clusters} 个集群，而最多允许 ${mostClusters} 个`,
  ],
  costs: costTexts,
};

export const missedText = ({ source, seconds, tps, p99Seconds }: MissedLatency): Pair => [
  `latencyP99 of ${durationText(seconds)} is exceeded at every tested rate: in ${source} the p99 of publish latency was ${durationText(p99Seconds)} at ${rateText(tps)}, the lowest rate tested, so the rate that meets it is unknown. Measure lower rates, or raise latencyP99`,
  `所有测试速率都不满足 latencyP99（${durationText(seconds, 'zh')}）：${source} 中最低的压测速率 ${rateText(tps, 'zh')} 时，发送延迟 p99 已为 ${durationText(p99Seconds, 'zh')}，满足该目标的速率未知。请压测更低的速率，或放宽 latencyP99`,
];

/** Planned quantities other than resources of a machine. */
const plannedZh: Readonly<Record<string, string>> = { messages: '消息速率', partitions: '分区数' };
const resourceZh = (resource: string): string => plannedZh[resource] ?? chineseName(resource);

const nounsEn = { broker: 'broker', group: 'broker group', master: 'master' } as const;
const nounsZh = { broker: '个 Broker', group: '个 Broker 组', master: '个主节点' } as const;

function costTexts(cause: Extract<RejectionCause, { kind: 'costs' }>): Pair {
  const { clusters, masters, noun, hosts, resource, leastForCopies, leastForZones: zones, fewer, enoughShare } = cause;
  const short = fewer && shortageText(fewer.shortage);
  const why =
    leastForCopies !== undefined
      ? {
          en: `${masters} is the minimum for the copies (${leastForCopies}${zones === undefined ? '' : ` in ${zones} zones`})`,
          zh: `${zones === undefined ? '' : `在 ${zones} 个可用区均匀部署 `}${leastForCopies} 个副本至少需要 ${masters} 个`,
        }
      : short
        ? { en: `with ${fewer.masters}, ${short.en}`, zh: `${fewer.masters} 个时${short.zh}` }
        : {
            en: 'the cheapest number if the expected loss from missing capacity counts too',
            zh: '综合闲置成本与容量不足的损失，这个数量的总成本最低',
          };
  const [cost, planCost] = [quantityText(cause.cost), quantityText(cause.planCost)];
  const currencyZh = unitText(cause.costUnit, 'zh');
  const isHosts = cause.costUnit === 'hosts';
  const money = {
    en: isHosts
      ? `${cost} hosts, the chosen plan ${planCost}`
      : `${cost} ${cause.costUnit} a month, the chosen plan ${planCost} ${cause.costUnit}`,
    zh: isHosts
      ? `${cost} 台主机，采用的方案为 ${planCost} 台`
      : `每月 ${cost} ${currencyZh}，采用的方案为 ${planCost} ${currencyZh}`,
  };
  const enough = enoughShare === undefined ? undefined : percentText(enoughShare);
  return [
    `needs ${clusters > 1 ? `${clusters} clusters of ` : ''}${pluralText(masters, nounsEn[noun])} (${pluralText(hosts, 'host')}) for ${resource}: ${why.en}; ${enough === undefined ? money.en : `cheaper (${money.en}), and enough in only ${enough} of simulations`}`,
    `需要 ${clusters > 1 ? `${clusters} 个集群，各 ` : ''}${masters} ${nounsZh[noun]}（${hosts} 台主机）才能满足${resourceZh(resource)}：${why.zh}；${enough === undefined ? money.zh : `更便宜（${money.zh}），但只在 ${enough} 的模拟中足够`}`,
  ];
}

function shortageText(
  { needed, available, unit, noneLeft, during }: Shortage,
  subject: 'each broker' | 'it' = 'each broker',
): InLanguages<string> {
  const when = during && lossText(during);
  const [wanted, there] = [capacityText(needed, unit), capacityText(available, unit)];
  const [wantedZh, thereZh] = [capacityText(needed, unit, 'zh'), capacityText(available, unit, 'zh')];
  return {
    en: `${noneLeft ? 'no broker is left' : `${subject} would need ${wanted} but has ${there}`}${when ? ` (${when.en})` : ''}`,
    zh: `${noneLeft ? '无可用 Broker' : `单个 Broker 需要 ${wantedZh}，可用 ${thereZh}`}${when ? `（${when.zh}）` : ''}`,
  };
}

interface RefusalText {
  reason: string;
  hint: string;
}

/** Why no cluster is planned for a domain, and what to change. */
export function refusalText(cause: RefusalCause, language: FindingLanguage): RefusalText {
  if (cause.kind !== 'too-small') {
    const text = refusalTexts[cause.kind][language];
    return cause.excluded === undefined ? text : excludedText(cause.excluded, text)[language];
  }
  const { shape, nearest } = cause;
  const why = rejectionText(nearest, language);
  return {
    en: {
      reason: `no host type of the catalogue is large enough for the domain within the limits. ${shape} comes closest: ${why}`,
      hint: 'add a larger host type to the catalogue, raise policy.clusterBrokers or placement.clusters.most, or split the domain',
    },
    zh: {
      reason: `机型目录中没有机型能在规模上限内承载；最接近的是 ${shape}：${why}`,
      hint: '在机型目录中增加更大的机型，提高 policy.clusterBrokers 或 placement.clusters.most，或拆分业务域',
    },
  }[language];
}

function excludedText(
  { rules, brokers: measured }: { rules: readonly string[]; brokers: readonly string[] },
  { reason, hint }: RefusalText,
): InLanguages<RefusalText> {
  const placement = `placement.brokers: [${measured.join(', ')}]`;
  return {
    en: {
      reason: `${reason}; ${rules.length === 1 ? `rule ${rules.join('')} excludes` : `rules ${rules.join(', ')} exclude`} ${measured.join(', ')}, although measured`,
      hint: `to use it anyway, set ${placement}; or ${hint}`,
    },
    zh: {
      reason: `${reason}；规则 ${rules.join('、')} 排除了已有测量数据的 ${measured.join('、')}`,
      hint: `如仍要使用，请设置 ${placement}；或者${hint}`,
    },
  };
}

const refusalTexts: Readonly<Record<'not-measured' | 'no-build', InLanguages<RefusalText>>> = {
  'not-measured': {
    en: {
      reason: 'no mode that could carry the domain was measured',
      hint: 'measure one of the modes that plimsoll size lists for it, or state a figure with its source under measurements',
    },
    zh: {
      reason: '能承载该业务域的部署模式都没有测量数据',
      hint: '压测 plimsoll size 为其列出的模式之一，或在 measurements 中给出数据及来源',
    },
  },
  'no-build': {
    en: {
      reason: 'no broker type and mode meet the requirements of the domain',
      hint: 'change its placement: zones, replicas, modes or what it must survive',
    },
    zh: {
      reason: '没有满足其要求的 Broker 和部署模式',
      hint: '调整 placement：可用区、副本数、模式或需要承受的故障',
    },
  },
};
