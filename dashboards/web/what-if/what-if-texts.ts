// Texts of the what-if page, in English and Chinese.

import type { Language } from '../strings.ts';
import type { QuantityFault, QuantityName } from './quantities.ts';

interface FaultFacts {
  text: string;
  least: string;
  most: string;
}

const en = {
  title: 'What if',
  explained:
    'Compute the safe maximum for another workload or cluster from the last load test. Empty fields keep the measured value.',
  choose: 'Cluster',
  noClusters: 'No clusters configured. Run `plimsoll init` to write a config and `plimsoll config check` to check it.',
  quantities: {
    messageBytes: 'Message size',
    groups: 'Consumer groups',
    replicas: 'Replicas of a message',
    acks: 'Acknowledgements',
    compression: 'Compression ratio (compressed/plain)',
    nic: 'Network card per broker',
    disks: 'Data disks per broker',
    brokers: 'Brokers (RocketMQ: masters)',
  } satisfies Readonly<Record<QuantityName, string>>,
  examples: {
    messageBytes: 'such as 500 or 4KiB',
    groups: 'each reads every message',
    replicas: 'including the leader',
    acks: '',
    compression: '1 means not compressed',
    nic: 'such as 10gbit',
    disks: 'of equal speed',
    brokers: 'of the same kind',
  } satisfies Readonly<Record<QuantityName, string>>,
  acks: { all: 'all replicas', leader: 'leader', none: 'none' } satisfies Readonly<
    Record<'all' | 'leader' | 'none', string>
  >,
  measured: (value: string) => `measured: ${value}`,
  notRecorded: 'not recorded by the run',
  slider: (name: string) => `${name}: slider`,
  bounds: (least: string, most: string) => `${least} to ${most}`,
  carryOver: 'Compute',
  allAsMeasured: 'Reset to measured values',
  faults: {
    number: ({ text }) => `“${text}” is not a number.`,
    whole: ({ text }) => `“${text}” is not a whole number.`,
    size: ({ text }) => `“${text}” is not a size. Write it like 500 or 4KiB.`,
    speed: ({ text }) => `“${text}” is not a speed. Write it like 10gbit or 500mbit.`,
    choice: ({ text }) => `“${text}” is not one of the choices.`,
    bounds: ({ text, least, most }) => `${text} is out of range. Use ${least} to ${most}.`,
    copies: ({ text, most }) =>
      `Replicas need as many brokers: ${text} replicas, brokers available: ${most}. Add brokers.`,
  } satisfies Readonly<Record<QuantityFault, (facts: FaultFacts) => string>>,
  pending: 'Correct the marked fields first.',
  noTest:
    'No readable load test of this cluster. Run `plimsoll run`, then add it with its folder: `plimsoll history add RUN`.',
  busy: 'The service is computing for others. Try again in a few seconds.',
  tooLong:
    'The computation takes longer than the service allows. Use `plimsoll analyze RUN --what-if CHANGES`, which has no time limit.',
  refused: 'This cannot be computed:',
  now: 'As measured',
  otherwise: 'What if',
  test: 'load test',
  unchanged: 'No changes yet.',
  change: (percent: string) => `${percent} compared with the measurement`,
  byAssumption: (quantities: string) => `Assumed, not measured: ${quantities}`,
  tooFar:
    'Test at a higher rate, or on a cluster like this one: this load test cannot predict the bottleneck, which is',
  limits: 'Policy limit of each resource',
  limitsExplained:
    'The first node to reach the limit, for each resource. Hollow bars are beyond what the load test can predict. Bars that reach the edge are cut off; the table shows their values.',
  beyondReach: 'beyond what the load test can predict',
  noLimits: 'The load test shows no limit of any resource.',
  carried: 'Method',
  quantity: 'Quantity',
  asMeasured: 'Measured',
  whatIf: 'What if',
  how: 'How',
  known: 'Basis',
  knownBy: { measured: 'measurement', assumed: 'assumption' } satisfies Readonly<
    Record<'measured' | 'assumed', string>
  >,
  answered: 'Computed.',
};

export type WhatIfTexts = typeof en;

const zh: WhatIfTexts = {
  title: '假如',
  explained: '把最近一次压测换算到别的负载或别的集群。留空表示与实测相同。',
  choose: '集群',
  noClusters: '还没有配置集群。`plimsoll init` 生成配置，`plimsoll config check` 检查配置。',
  quantities: {
    messageBytes: '消息大小',
    groups: '消费组数',
    replicas: '消息副本数',
    acks: '确认方式',
    compression: '压缩后与压缩前之比',
    nic: '每个 Broker 的网卡',
    disks: '每个 Broker 的数据盘',
    brokers: 'Broker 数（RocketMQ 为主节点数）',
  },
  examples: {
    messageBytes: '如 500 或 4KiB',
    groups: '每组都读取全部消息',
    replicas: '含 Leader',
    acks: '',
    compression: '1 表示不压缩',
    nic: '如 10gbit',
    disks: '速度相同',
    brokers: '规格相同',
  },
  acks: { all: '全部副本', leader: '仅 Leader', none: '不确认' },
  measured: (value) => `实测：${value}`,
  notRecorded: '压测未记录该值',
  slider: (name) => `${name}：滑块`,
  bounds: (least, most) => `${least} 至 ${most}`,
  carryOver: '换算',
  allAsMeasured: '全部恢复为实测值',
  faults: {
    number: ({ text }) => `“${text}”不是数字。`,
    whole: ({ text }) => `“${text}”不是整数。`,
    size: ({ text }) => `“${text}”不是大小，请写成 500 或 4KiB。`,
    speed: ({ text }) => `“${text}”不是速率，请写成 10gbit 或 500mbit。`,
    choice: ({ text }) => `“${text}”不在可选项之内。`,
    bounds: ({ text, least, most }) => `${text} 超出范围，取值范围为 ${least} 至 ${most}。`,
    copies: ({ text, most }) => `${text} 个副本需要同样多的 Broker，而现在只有 ${most} 个，请增加 Broker。`,
  },
  pending: '请先改正标出的各项，之后才会换算。',
  noTest: '没有可读取的该集群压测记录。先运行 `plimsoll run`，再用 `plimsoll history add RUN` 把它连同目录录入。',
  busy: '正在为其他人计算，请几秒后再试。',
  tooLong: '换算该压测记录所需时间超过服务的限制。请改用 `plimsoll analyze RUN --what-if CHANGES`，它不限时。',
  refused: '无法换算：',
  now: '实测',
  otherwise: '假如',
  test: '压测记录',
  unchanged: '尚未改动任何一项。',
  change: (percent) => `与实测相比 ${percent}`,
  byAssumption: (quantities) => `未经实测，按假设换算：${quantities}`,
  tooFar: '瓶颈的上限超出本次压测所能预测的范围，请以更高速率压测，或在同样的集群上压测。瓶颈：',
  limits: '各资源达到策略上限的位置',
  limitsExplained: '每种资源取最先到达的节点。空心条超出压测所能说明的范围；顶到边缘的条更长，具体数值见表格。',
  beyondReach: '超出压测所能说明的范围',
  noLimits: '压测未能得出任何资源的上限。',
  carried: '换算方法',
  quantity: '项目',
  asMeasured: '实测',
  whatIf: '假如',
  how: '方法',
  known: '依据',
  knownBy: { measured: '实测', assumed: '假设' },
  answered: '已换算。',
};

export const whatIfLanguages = { en, zh } as const satisfies Readonly<Record<Language, WhatIfTexts>>;
