// Texts of the plan pages, in English and Chinese.

import type { ClusterPlan } from '../../../core/documents/cluster-plan.ts';
import type { OperationName, OperationState, OperationStep } from '../../../core/documents/recorded-operation.ts';
import { bilingual, type Pair } from '../../../core/text/bilingual.ts';
import { closedUp } from '../../../core/text/punctuation.ts';

export const planLanguages = bilingual({
  explained: [
    'Planned changes by cluster, newest first: moves, waves and progress.',
    '各集群的变更计划，最新的排在最前：内容、批次和进度。',
  ],
  noCluster: ['New clusters', '新集群'],
  none: [
    'No plans yet. Plan a change with `plimsoll ops … --json` or clusters with `plimsoll size --json`, then add the output with `plimsoll history add`.',
    '还没有计划。`plimsoll ops … --json` 规划集群操作，`plimsoll size --json` 规划集群，`plimsoll history add` 录入其结果。',
  ],
  noneOf: (cluster: string) => [`No plans of ${cluster} yet.`, `还没有 ${cluster} 的计划。`],
  operations: {
    reassignment: ['Reassignment', '分区副本迁移'],
    partitions: ['More partitions', '增加分区'],
    queues: ['Queues', '调整队列数'],
    'scale-out': ['Scale-out', '扩容'],
    'scale-in': ['Scale-in', '缩容'],
    'name-servers': ['Name servers', '变更 NameServer'],
    switch: ['Switch of master and slave', '主从切换'],
  } satisfies Record<OperationName, Pair>,
  /** Between an operation and its subject. */
  colon: [': ', '：'],
  clusterPlan: ['Planned cluster', '规划的集群'],
  states: {
    planned: ['planned', '已计划'],
    'under-way': ['in progress', '进行中'],
    done: ['done', '已完成'],
    aborted: ['rolled back', '已回滚'],
  } satisfies Record<OperationState, Pair>,
  what: ['Plan', '内容'],
  state: ['State', '状态'],
  takes: ['Duration', '耗时'],
  extent: ['Size', '规模'],
  moves: ['Moves', '迁移'],
  replicas: (count: string) => [count === '1' ? '1 replica' : `${count} replicas`, `${count} 个副本`],
  leaders: ['Changed preferred leaders', '首选 Leader 变更'],
  copied: ['Data to copy', '复制量'],
  unsized: ['sizes unknown', '大小未知'],
  lowerBound: ['Least possible moves', '最少迁移量'],
  gap: ['Moves above the least possible', '高出最少迁移量'],
  duration: ['Estimated duration', '预计耗时'],
  span: (low: string, mid: string, high: string) => [
    `${mid} (${low} to ${high})`,
    closedUp(`${mid}（${low} 至 ${high}）`),
  ],
  unknownTime: [
    'Duration unknown: the plan lacks link speeds or partition sizes. Plan again with the cluster and `--network`. Without `--network` or `--throttle`, `--execute` refuses the plan.',
    '耗时未知：计划中没有网卡速率或分区大小。请连接集群并加上 `--network` 重新生成计划；没有 `--network` 或 `--throttle` 时，`--execute` 会拒绝该计划。',
  ],
  waves: ['Waves', '批次'],
  wavesExplained: [
    'A wave starts when the previous one ends. Bars show its estimated duration at the initial throttle. Thin lines are the range of that wave alone: shorter if idle links let the throttle rise, longer if replication of new messages uses part of it.',
    '上一批结束后下一批才开始。色条为按初始限流预计的耗时。细线为该批自身的可能范围（假定前面各批按预计时间结束）：左端最快（链路空闲，限流自动放宽），右端最慢（新消息的副本同步也占用限流带宽）。',
  ],
  wave: ['Wave', '批次'],
  waveOf: (wave: string) => [`Wave ${wave}`, `第 ${wave} 批`],
  partitions: (count: string) => [count === '1' ? '1 partition' : `${count} partitions`, `${count} 个分区`],
  withoutCopy: (count: string) => [`${count} without a copy`, `其中 ${count} 个不复制数据`],
  partitionsTitle: ['Partitions', '分区数'],
  stepsOf: (count: string) => [count === '1' ? '1 step' : `${count} steps`, `${count} 个步骤`],
  orderOnly: ['no time: only the order of replicas changes', '只调整副本顺序，不复制数据'],
  moreWaves: (count: string) => [`Further waves in the table: ${count}.`, `另有 ${count} 批，见表格。`],
  restInFile: (count: string) => [`Further waves in the JSON entry: ${count}.`, `另有 ${count} 批，见 JSON 记录。`],
  starts: ['Estimated start after', '预计开始时间（距变更开始）'],
  throttle: ['Initial throttle per broker', '初始限流（每个 Broker）'],
  atFirst: (rate: string) => [`${rate} at first`, `初始限流 ${rate}`],
  noThrottle: ['not set', '未设定'],
  load: ['Load during the moves', '迁移期间的负载'],
  loadExplained: (share: string) => [
    `Of all brokers: the busiest link (in or out, producer traffic included) and the fullest disk (space), each as a share of its capacity. The policy allows ${share} of a link.`,
    `全部 Broker 中使用率最高的网卡方向（入向或出向，含生产者流量）和空间使用率最高的磁盘。策略允许网卡使用率不超过 ${share}。`,
  ],
  noLoad: ['Unknown: the plan lacks link speeds or partition sizes.', '未知：计划中没有网卡速率或分区大小。'],
  network: ['Busiest link', '使用率最高的网卡'],
  disk: ['Fullest disk', '磁盘空间（最满的磁盘）'],
  into: ['Time since the start', '开始后'],
  moved: ['Moves', '迁移内容'],
  shown: (shown: string, all: string) => [
    `${shown} of ${all} partitions; the JSON entry has all.`,
    `共 ${all} 个分区，显示 ${shown} 个；更多见 JSON 记录。`,
  ],
  partition: ['Partition', '分区'],
  before: ['Replicas before (preferred leader first)', '原副本分布（首个为首选 Leader）'],
  after: ['Replicas after', '新副本分布'],
  fresh: ['new', '新增'],
  steps: ['Steps', '步骤'],
  step: ['Step', '步骤'],
  by: {
    plimsoll: ['Plimsoll', 'Plimsoll'],
    operator: ['a person', '人工'],
  } satisfies Record<OperationStep['by'], Pair>,
  who: ['By', '执行者'],
  stepStates: {
    'to do': ['to do', '待执行'],
    begun: ['in progress', '进行中'],
    done: ['done', '已完成'],
    undone: ['rolled back', '已回滚'],
  } satisfies Record<OperationStep['state'], Pair>,
  back: ['Rollback', '回滚'],
  noBack: ['none', '无'],
  holds: ['Blocked by', '当前阻碍'],
  until: (at: string) => [`the block ends at ${at} at the latest`, `该阻碍最迟于 ${at} 解除`],
  resume: [
    'Command to continue this change. If an earlier command of it still runs, stop that first (Ctrl-C):',
    '继续本次变更的命令。如之前的命令仍在运行，请先停止（Ctrl-C）：',
  ],
  notice: ['Notice to topic owners', '给业务方的通知'],
  beforeNotice: [
    'Before you send it: if the window has passed, plan again with a new `--window`.',
    '发送前请检查时间窗口：如已过，请用新的 `--window` 重新生成计划。',
  ],
  noticeIn: { en: ['In English', '英文'], zh: ['In Chinese', '中文'] },
  rollback: ['Rollback', '回滚方案'],
  rollbackDone: ['The change is rolled back: nothing is left to do.', '该变更已回滚，无需再执行回滚命令。'],
  rollbackWith: [
    'This command cancels moves in progress and undoes completed ones in waves. Alternatively, with Kafka’s own tools: repeat the second command until all moves are complete, which also removes the throttle; then elect the preferred leaders:',
    '该命令取消进行中的迁移，并分批迁回已迁移的分区。也可使用 Kafka 自带工具：反复执行第二条命令，直到全部迁移完成（同时移除限流），再选举首选 Leader：',
  ],
  rollbackElsewhere: [
    'The history does not contain all partitions of this plan. The rollback is in the file from which the plan was added:',
    '历史记录没有保存该计划的全部分区，回滚文件见录入时的来源：',
  ],
  rollbackOptions: [
    'Replace `…` by the options with which the change was started (`plimsoll ops status` shows them).',
    '请把 `…` 换成执行本次变更时使用的选项（见 `plimsoll ops status`）。',
  ],
  rollbackSteps: [
    'The command rolls back completed steps in reverse order, where a step has a rollback.',
    '该命令按相反顺序回滚已完成且可回滚的步骤。',
  ],
  rollbackNever: [
    'Kafka cannot remove partitions. To roll back, create a new topic with fewer.',
    'Kafka 不能减少分区；如需回滚，只能新建分区更少的 Topic。',
  ],
  happened: ['Events', '执行经过'],
  happenedNow: ['shown on this page', '本页所示'],
  isOld: (shownAt: string, changedAt: string, state: string) => [
    `This page shows the change as recorded at ${shownAt}. State since ${changedAt}: ${state}.`,
    `本页为 ${shownAt} 的记录；${changedAt} 起的状态：${state}。`,
  ],
  file: ['File', '文件'],
  why: ['Reason', '原因'],
  size: {
    brokers: ['Brokers', 'Broker 数'],
    masters: ['Brokers that accept messages', '可写 Broker 数'],
    peak: ['Peak demand (msg/s)', '峰值需求（条/秒）'],
    /** As planned by sizing. */
    span: (low: string, mid: string, high: string) => [
      `${mid} (80% interval ${low} to ${high})`,
      `${mid}（80% 区间 ${low} 至 ${high}）`,
    ],
    safe: ['Safe maximum (msg/s)', '安全上限（条/秒）'],
    afterLoss: ['Safe maximum at N-1 (msg/s)', 'N-1 安全上限（条/秒）'],
    survives: ['Failures survived at the peak', '峰值时可承受的故障'],
    zone: ['Zone', '可用区'],
    roles: {
      broker: ['broker', 'Broker'],
      master: ['master', '主节点'],
      slave: ['slave', '从节点'],
      member: ['member', '成员'],
    } satisfies Record<ClusterPlan['brokers'][number]['role'], Pair>,
  },
});

export type PlanTexts = (typeof planLanguages)['en'];
