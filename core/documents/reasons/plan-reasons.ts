// Lists the reasons about the plan: whether it closes the gap, and why it has no cluster for a domain.

import { en, rate, zh, type ReasonEntry } from './reason-entry.ts';
import { refusalText } from './rejection-reasons.ts';

export const planReasons = {
  'plan-closes-gap': {
    decision: 'conditions',
    text: ({ tps, neededTps, subjects = [] }) => [
      Number(tps) >= Number(neededTps)
        ? `The current cluster carries the peak, ${rate(neededTps)} msg/s, but another condition is not met (see the table of conditions). The planned cluster carries the peak.`
        : `${subjects.length > 0 ? `With ${en({ subjects })} lost or catching up, the` : 'The'} current cluster safely carries ${rate(tps)} of the needed ${rate(neededTps)} msg/s (upper end of the peak). The planned cluster carries the peak.`,
      Number(tps) >= Number(neededTps)
        ? `现有集群可承载峰值 ${rate(neededTps)} 条/秒，但未满足其他条件（见条件表）；按规划扩容后可以承载峰值。`
        : `${subjects.length > 0 ? `${zh({ subjects })} 故障或恢复追赶期间，` : ''}现有集群只能安全承载 ${rate(tps)} 条/秒，低于所需的 ${rate(neededTps)} 条/秒；按规划扩容后可以承载峰值。`,
    ],
    action: () => ['Carry out the plan, and test the new cluster.', '执行扩容规划，并对新集群压测。'],
  },
  'plan-not-sure': {
    decision: 'no-go',
    text: () => [
      'The current cluster does not carry the peak safely, and it is not certain that the planned cluster does.',
      '现有集群无法安全承载峰值，规划的集群也未必足够。',
    ],
    action: () => [
      'Plan again for the peak, the loss and the message size of this report, with more headroom, or with more accurate figures of demand and capacity.',
      '按本报告的峰值、须承受的故障和消息大小，以更多余量或更准确的需求、容量数据重新规划。',
    ],
  },
  'refused-by-plan': {
    decision: 'no-go',
    text: () => ['No host type of the catalogue carries the demand.', '机型目录中没有机器能承载该需求。'],
    action: () => [
      'Split the domain over more clusters, or add larger host types to the catalogue.',
      '将业务域拆分到更多集群，或提供更大的机型。',
    ],
  },
  'plan-not-measured': {
    decision: 'no-go',
    text: () => [
      `The plan has no cluster for the domain: ${refusalText({ kind: 'not-measured' }, 'en').reason}.`,
      `规划中没有该业务域的集群：${refusalText({ kind: 'not-measured' }, 'zh').reason}。`,
    ],
    action: (facts) => [
      `Measure one of the modes (\`plimsoll run\`), or state a figure with its source under \`measurements\`, and plan again (\`plimsoll size\`). Modes: ${en(facts)}.`,
      `压测下列模式之一（\`plimsoll run\`），或在 \`measurements\` 中给出数据及来源，然后重新规划（\`plimsoll size\`）。模式：${zh(facts)}。`,
    ],
  },
  'plan-without-build': {
    decision: 'no-go',
    text: () => [
      `The plan has no cluster for the domain: ${refusalText({ kind: 'no-build' }, 'en').reason}.`,
      `规划中没有该业务域的集群：${refusalText({ kind: 'no-build' }, 'zh').reason}。`,
    ],
    action: () => [
      'Change the placement of the domain (zones, replicas, modes, or what it must survive), and plan again (`plimsoll size`).',
      '调整业务域的 placement（可用区、副本数、模式或需要承受的故障），然后重新规划（`plimsoll size`）。',
    ],
  },
} as const satisfies Record<string, ReasonEntry>;
