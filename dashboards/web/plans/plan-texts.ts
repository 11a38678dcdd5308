// Texts of the plan pages, in English and Chinese.

import type { OperationName, OperationState, OperationStep } from '../../../core/documents/recorded-operation.ts';
import type { Language } from '../strings.ts';

export interface PlanTexts {
  title: string;
  explained: string;
  noCluster: string;
  none: string;
  noneOf(cluster: string): string;
  operations: Readonly<Record<OperationName, string>>;
  /** Between what is done and to what. */
  colon: string;
  clusterPlan: string;
  states: Readonly<Record<OperationState, string>>;
  what: string;
  state: string;
  takes: string;
  moves: string;
  replicas(count: string): string;
  leaders: string;
  copied: string;
  unsized: string;
  lowerBound: string;
  gap: string;
  duration: string;
  span(low: string, mid: string, high: string): string;
  unknownTime: string;
  waves: string;
  wavesExplained: string;
  wave: string;
  waveOf(wave: string): string;
  partitions(count: string): string;
  partitionsTitle: string;
  stepsOf(count: string): string;
  orderOnly: string;
  moreWaves(count: string): string;
  restInFile(count: string): string;
  starts: string;
  throttle: string;
  noThrottle: string;
  load: string;
  loadExplained(share: string): string;
  noLoad: string;
  network: string;
  disk: string;
  into: string;
  limit: string;
  moved: string;
  shown(shown: string, all: string): string;
  partition: string;
  before: string;
  after: string;
  fresh: string;
  steps: string;
  step: string;
  by: Readonly<Record<OperationStep['by'], string>>;
  who: string;
  stepStates: Readonly<Record<OperationStep['state'], string>>;
  back: string;
  noBack: string;
  holds: string;
  until(at: string): string;
  notice: string;
  noticeIn: Readonly<Record<Language, string>>;
  rollback: string;
  rollbackFile: string;
  rollbackWith: string;
  rollbackElsewhere: string;
  rollbackSteps: string;
  rollbackNever: string;
  planFile: string;
  happened: string;
  happenedNow: string;
  why: string;
  table: string;
  size: Readonly<
    Record<'brokers' | 'masters' | 'peak' | 'safe' | 'afterLoss' | 'survives' | 'role' | 'host' | 'zone', string>
  >;
}

const en: PlanTexts = {
  title: 'Plans',
  explained: 'Planned changes by cluster, newest first: moves, waves and progress.',
  noCluster: 'New clusters',
  none: 'No plans yet. Plan a change with `plimsoll ops … --json` or clusters with `plimsoll size --json`, then add the output with `plimsoll history add`.',
  noneOf: (cluster) => `No plans of ${cluster} yet.`,
  operations: {
    reassignment: 'Reassignment',
    partitions: 'More partitions',
    queues: 'Queues',
    'scale-out': 'Scale-out',
    'scale-in': 'Scale-in',
    'name-servers': 'Name servers',
    switch: 'Switch of master and slave',
  },
  colon: ': ',
  clusterPlan: 'Clusters',
  states: { planned: 'planned', 'under-way': 'in progress', done: 'done', aborted: 'rolled back' },
  what: 'Plan',
  state: 'State',
  takes: 'Duration',
  moves: 'Moves',
  replicas: (count) => (count === '1' ? '1 replica' : `${count} replicas`),
  leaders: 'Changed preferred leaders',
  copied: 'Copied',
  unsized: 'sizes unknown',
  lowerBound: 'Fewest moves possible',
  gap: 'Moves above the minimum',
  duration: 'Estimated duration',
  span: (low, mid, high) => `${mid} (${low} to ${high})`,
  unknownTime: 'Duration unknown: the plan has no link speeds or no partition sizes.',
  waves: 'Waves',
  wavesExplained: 'A wave starts when the previous one ends. Bars end at the estimate; thin lines show its interval.',
  wave: 'Wave',
  waveOf: (wave) => `Wave ${wave}`,
  partitions: (count) => (count === '1' ? '1 partition' : `${count} partitions`),
  partitionsTitle: 'Partitions',
  stepsOf: (count) => (count === '1' ? '1 step' : `${count} steps`),
  orderOnly: 'only the order of replicas changes, nothing is copied',
  moreWaves: (count) => `Further waves in the table: ${count}.`,
  restInFile: (count) => `Further waves in the JSON entry: ${count}.`,
  starts: 'Starts after',
  throttle: 'Throttle',
  noThrottle: 'none',
  load: 'Load during the moves',
  loadExplained: (share) =>
    `Busiest link (producer traffic included) and fullest disk, each as a share of its capacity. The policy allows ${share} of a link.`,
  noLoad: 'Unknown: the plan has no link speeds or no partition sizes.',
  network: 'Busiest link',
  disk: 'Fullest disk',
  into: 'Time',
  limit: 'Policy limit',
  moved: 'Moves',
  shown: (shown, all) => `${shown} of ${all} partitions; the JSON entry has all.`,
  partition: 'Partition',
  before: 'Brokers before',
  after: 'Brokers after',
  fresh: 'new',
  steps: 'Steps',
  step: 'Step',
  by: { plimsoll: 'Plimsoll', operator: 'a person' },
  who: 'By',
  stepStates: { 'to do': 'to do', begun: 'begun', done: 'done', undone: 'rolled back' },
  back: 'Rollback',
  noBack: 'none',
  holds: 'Blocked by',
  until: (at) => `until ${at} at the latest`,
  notice: 'Notice to topic owners',
  noticeIn: { en: 'In English', zh: 'In Chinese' },
  rollback: 'Rollback',
  rollbackFile: 'rollback.json',
  rollbackWith: '--abort cancels moves in progress and moves the others back in waves. By hand:',
  rollbackElsewhere:
    'The history does not contain all partitions of this plan. Its rollback is in the file it was added from:',
  rollbackSteps: '--abort rolls back completed steps in reverse order, where a step has a rollback.',
  rollbackNever: 'Kafka cannot remove partitions. To roll back, create a new topic with fewer.',
  planFile: 'plan.json',
  happened: 'Events',
  happenedNow: 'this entry',
  why: 'Reason',
  table: 'Table',
  size: {
    brokers: 'Brokers',
    masters: 'Masters',
    peak: 'Planned peak (msg/s)',
    safe: 'Safe maximum (msg/s)',
    afterLoss: 'N-1 (msg/s)',
    survives: 'Survives',
    role: 'Role',
    host: 'Host',
    zone: 'Zone',
  },
};

const zh: PlanTexts = {
  title: '变更计划',
  explained: '各集群的计划，最新的排在最前：迁移什么、分几批、进展如何。',
  noCluster: '新集群',
  none: '还没有计划。`plimsoll ops … --json` 规划集群操作，`plimsoll size --json` 规划集群，`plimsoll history add` 录入其结果。',
  noneOf: (cluster) => `还没有 ${cluster} 的计划。`,
  operations: {
    reassignment: '分区副本迁移',
    partitions: '增加分区',
    queues: '调整队列数',
    'scale-out': '扩容',
    'scale-in': '缩容',
    'name-servers': '变更 NameServer',
    switch: '主从切换',
  },
  colon: '：',
  clusterPlan: '集群规划',
  states: { planned: '已计划', 'under-way': '进行中', done: '已完成', aborted: '已回滚' },
  what: '内容',
  state: '状态',
  takes: '耗时',
  moves: '迁移',
  replicas: (count) => `${count} 个副本`,
  leaders: '首选 Leader 变更',
  copied: '复制量',
  unsized: '大小未知',
  lowerBound: '理论下限',
  gap: '高出理论下限',
  duration: '预计耗时',
  span: (low, mid, high) => `${mid}（${low} 至 ${high}）`,
  unknownTime: '耗时未知：计划中没有网卡速率或分区大小。',
  waves: '批次',
  wavesExplained: '上一批结束后下一批才开始。色条的长度为预计耗时，细线为其区间。',
  wave: '批次',
  waveOf: (wave) => `第 ${wave} 批`,
  partitions: (count) => `${count} 个分区`,
  partitionsTitle: '分区数',
  stepsOf: (count) => `${count} 个步骤`,
  orderOnly: '只调整副本顺序，不复制数据',
  moreWaves: (count) => `另有 ${count} 批，见表格。`,
  restInFile: (count) => `另有 ${count} 批，见 JSON 记录。`,
  starts: '开始前等待',
  throttle: '限速',
  noThrottle: '无',
  load: '迁移期间的负载',
  loadExplained: (share) =>
    `最忙的链路（含同时写入的流量）和最满的磁盘，各占其容量的比例。策略允许用到链路的 ${share}。`,
  noLoad: '未知：计划中没有网卡速率或分区大小。',
  network: '最忙链路',
  disk: '最满磁盘',
  into: '开始后',
  limit: '策略上限',
  moved: '迁移内容',
  shown: (shown, all) => `共 ${all} 个分区，显示 ${shown} 个；更多见 JSON 记录。`,
  partition: '分区',
  before: '原 Broker',
  after: '新 Broker',
  fresh: '新增',
  steps: '步骤',
  step: '步骤',
  by: { plimsoll: 'Plimsoll', operator: '人工' },
  who: '执行',
  stepStates: { 'to do': '待执行', begun: '已开始', done: '已完成', undone: '已回滚' },
  back: '回滚',
  noBack: '无',
  holds: '当前阻碍',
  until: (at) => `最迟到 ${at}`,
  notice: '给业务方的通知',
  noticeIn: { en: '英文', zh: '中文' },
  rollback: '回滚方案',
  rollbackFile: 'rollback.json',
  rollbackWith: '--abort 取消进行中的迁移，并分批迁回已迁移的分区；也可手工执行：',
  rollbackElsewhere: '历史记录没有保存该计划的全部分区，回滚文件见录入时的来源：',
  rollbackSteps: '--abort 按相反顺序回滚已完成且可回滚的步骤。',
  rollbackNever: 'Kafka 不能减少分区；如需回滚，只能新建分区更少的 Topic。',
  planFile: 'plan.json',
  happened: '执行经过',
  happenedNow: '本条记录',
  why: '原因',
  table: '表格',
  size: {
    brokers: 'Broker 数',
    masters: '主节点数',
    peak: '计划峰值（条/秒）',
    safe: '安全上限（条/秒）',
    afterLoss: 'N-1 时的安全上限（条/秒）',
    survives: '可承受故障',
    role: '角色',
    host: '主机',
    zone: '可用区',
  },
};

export const planLanguages = { en, zh } satisfies Record<Language, PlanTexts>;
