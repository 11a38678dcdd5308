// Texts of the what-if page, in English and Chinese.

import type { QuantityName } from '../../../core/documents/what-if.ts';
import type { QuantityFault } from './quantities.ts';
import { bilingual, type Pair } from '../../../core/text/bilingual.ts';

interface FaultFacts {
  text: string;
  least: string;
  most: string;
}

export const whatIfLanguages = bilingual({
  title: ['What if', '假设分析'],
  explained: [
    'Compute the safe maximum for another workload or cluster from the last load test. Empty fields keep the measured value.',
    '把最近一次压测的结果换算到其他负载或其他集群规格。留空表示与实测相同。',
  ],
  quantities: {
    messageBytes: ['Message size', '消息大小'],
    groups: ['Consumer groups', '消费组数'],
    replicas: ['Replicas of a message', '消息副本数'],
    acks: ['Acknowledgements', '确认方式'],
    compression: ['Compressed size (compressed/plain)', '压缩后大小占比（压缩后 ÷ 压缩前）'],
    nic: ['Network speed per broker', '每个 Broker 的网卡带宽'],
    disks: ['Data disks per broker', '每个 Broker 的数据盘数'],
    brokers: ['Brokers (RocketMQ: masters)', 'Broker 数（RocketMQ 为主节点数）'],
  } satisfies Record<QuantityName, Pair>,
  examples: {
    messageBytes: ['written as 500 or 4KiB', '格式：500 或 4KiB'],
    groups: ['each reads every message', '每组都读取全部消息'],
    replicas: ['including the leader (RocketMQ: master)', '含 Leader（RocketMQ 为主节点）'],
    acks: ['', ''],
    compression: [
      '1: not compressed; for a compression ratio of 3.1× enter 0.32',
      '1 表示不压缩；压缩比 3.1× 请填 0.32',
    ],
    nic: ['written as 10gbit', '格式：10gbit'],
    disks: ['of equal speed', '速度相同'],
    brokers: ['of the same kind', '规格相同'],
  } satisfies Record<QuantityName, Pair>,
  acks: {
    all: ['all replicas', '全部副本'],
    leader: ['leader (RocketMQ: master)', '仅 Leader（RocketMQ 为主节点）'],
    none: ['none', '不确认'],
  },
  separator: ['; ', '；'],
  measured: (value: string) => [`measured: ${value}`, `实测 ${value}`],
  notRecorded: ['not recorded by the run', '压测未记录该值'],
  slider: (name: string) => [`${name}: slider`, `${name}：滑块`],
  bounds: (least: string, most: string) => [`allowed: ${least} to ${most}`, `可填 ${least} 至 ${most}`],
  carryOver: ['Compute', '换算'],
  allAsMeasured: ['Reset to measured values', '全部恢复为实测值'],
  faults: {
    number: ({ text }) => [`“${text}” is not a number.`, `“${text}”不是数字。`],
    whole: ({ text }) => [`“${text}” is not a whole number.`, `“${text}”不是整数。`],
    size: ({ text }) => [
      `“${text}” is not a size. Write it like 500 or 4KiB.`,
      `“${text}”不是大小，请写成 500 或 4KiB。`,
    ],
    speed: ({ text }) => [
      `“${text}” is not a speed. Write it like 10gbit or 500mbit.`,
      `“${text}”不是速率，请写成 10gbit 或 500mbit。`,
    ],
    choice: ({ text }) => [`“${text}” is not one of the choices.`, `“${text}”不在可选项之内。`],
    bounds: ({ text, least, most }) => [
      `${text} is out of range. Use ${least} to ${most}.`,
      `${text} 超出范围，取值范围为 ${least} 至 ${most}。`,
    ],
    copies: ({ text, most }) => [
      `${text} replicas need as many brokers, but only ${most} are available. Add brokers.`,
      `${text} 个副本需要同样多的 Broker，而现在只有 ${most} 个，请增加 Broker。`,
    ],
  } satisfies Record<QuantityFault, (facts: FaultFacts) => Pair>,
  pending: ['Correct the marked fields first.', '请先改正标出的各项，之后才会换算。'],
  noTest: [
    'No readable load test of this cluster. Run `plimsoll run`, then add it with its folder: `plimsoll history add RUN`.',
    '没有可读取的该集群压测记录。先运行 `plimsoll run`，再用 `plimsoll history add RUN` 把它连同目录录入。',
  ],
  busy: ['The service is busy with other users. Try again in a few seconds.', '正在为其他人计算，请几秒后再试。'],
  tooLong: [
    'The computation takes longer than the service allows. Use `plimsoll analyze RUN --what-if CHANGES`, which has no time limit.',
    '换算该压测记录所需时间超过服务的限制。请改用 `plimsoll analyze RUN --what-if CHANGES`，它不限时。',
  ],
  refused: ['This cannot be computed:', '无法换算：'],
  now: ['Measured workload', '压测条件'],
  otherwise: ['Changed workload', '假设条件'],
  test: ['load test', '压测记录'],
  unchanged: ['No changes yet.', '尚未改动任何一项。'],
  change: (percent: string) => [`${percent} compared with the measured workload`, `与压测条件相比 ${percent}`],
  byAssumption: (quantities: string) => [`Assumed, not measured: ${quantities}`, `未经实测，按假设换算：${quantities}`],
  tooFar: [
    'The bottleneck is beyond what this load test can predict. Test at a higher rate, or test such a cluster. Bottleneck:',
    '瓶颈的上限超出本次压测所能推算的范围，请以更高速率压测，或在同样的集群上压测。瓶颈：',
  ],
  limits: ['Rate at the policy limit of each resource', '各资源达到策略上限的速率'],
  limitsExplained: [
    'For each resource, the rate of the cluster at which its first node reaches the policy limit, with the measured and with the changed workload. Hollow bars are beyond what the load test can predict. Bars that reach the edge are cut off; the table has their values.',
    '对每种资源，取最先达到策略上限的节点，列出该节点达到上限时的集群速率；分别按压测条件和假设条件计算。空心条超出压测所能推算的范围；到达图右缘的条已截断，数值见表格。',
  ],
  beyondReach: ['beyond what the load test can predict', '超出压测所能推算的范围'],
  unlessDisk: [
    'Valid only if the disks do not limit: their use per message is unknown.',
    '该结果以磁盘不成为瓶颈为前提：每条消息的磁盘用量未知。',
  ],
  diskUnknown: [
    'disk-io: unknown, with the measured and with the changed workload. The load test could not measure what a message writes to the disks.',
    '磁盘读写：未知（压测条件与假设条件均如此）。压测未能测出每条消息的磁盘写入量。',
  ],
  noLimits: ['The load test found no limit of any resource.', '压测未能得出任何资源的上限。'],
  carried: ['Method', '换算方法'],
  quantity: ['Quantity', '项目'],
  asMeasured: ['Measured', '实测'],
  how: ['How', '方法'],
  known: ['Basis', '依据'],
  knownBy: {
    measured: ['follows from measurements', '可由实测推算'],
    assumed: ['assumed, not measured', '假设，未经实测'],
  },
  answered: ['Computed.', '已换算。'],
});

export type WhatIfTexts = (typeof whatIfLanguages)['en'];
