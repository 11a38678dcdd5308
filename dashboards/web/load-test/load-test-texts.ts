// Provides the texts of the load test page in English and Chinese.

import type { Language } from '../strings.ts';
import type { ChosenLoad, LoadTestNow } from './load-test-view.ts';

interface LoadTestTexts {
  title: string;
  explained: string;
  permission: string;
  approver: string;
  most: string;
  mostNic: string;
  topics: string;
  window: string;
  always: string;
  notPermitted: string;
  operatorsOnly: string;
  plan: string;
  fields: Record<keyof ChosenLoad, string>;
  hints: Record<keyof ChosenLoad, string>;
  check: string;
  refused: string;
  confirm: string;
  duration: string;
  messages: string;
  payload: string;
  checkedAtStart: string;
  start(cluster: string): string;
  stop: string;
  stopExplained: string;
  stopped(by: string, at: string): string;
  completing: string;
  load: string;
  underWay: string;
  last: string;
  startedBy(by: string, at: string): string;
  elsewhere(cluster: string, by: string, at: string): string;
  phases: Record<LoadTestNow['phase'], string>;
  phase: string;
  step: string;
  stepOf(step: string, steps: string | undefined): string;
  left: string;
  rate: string;
  rateOf(achieved: string, target: string | undefined): string;
  p99: string;
  lag: string;
  failed: string;
  guard: string;
  guardWatches: string;
  guardStopped: string;
  ended: string;
  endedAt(at: string): string;
  verdict: string;
  noVerdict: string;
  bundle: string;
  open: string;
}

const en: LoadTestTexts = {
  title: 'Load test',
  explained:
    'Sends messages to topics of the test in rising steps, measures the cluster, and computes its safe maximum. The guard stops the test before the cluster is harmed.',
  permission: 'Permission',
  approver: 'Approver',
  most: 'Highest rate',
  mostNic: 'Highest link use',
  topics: 'Topics and groups',
  window: 'Window',
  always: 'any time',
  notPermitted: 'No load test is permitted. The owner of the cluster permits it with `loadTest` in plimsoll.yaml.',
  operatorsOnly: 'Operators start and stop load tests.',
  plan: 'Plan a load test',
  fields: {
    rates: 'Rate of each step (msg/s)',
    stepDuration: 'Duration of each step',
    messageSize: 'Message size',
    groups: 'Consumer groups',
  },
  hints: {
    rates: 'such as 1000, 2000, 4000',
    stepDuration: 'such as 30s or 2m',
    messageSize: 'such as 500B or 1KiB',
    groups: '0 to 20',
  },
  check: 'Check the plan',
  refused: 'This load test is refused',
  confirm: 'Confirm the load test',
  duration: 'Duration',
  messages: 'Messages',
  payload: 'Payload',
  checkedAtStart:
    'Metrics of all brokers, free disk space and guard inputs are checked before the first message; the test does not start without them.',
  start: (cluster) => `Start the load test of ${cluster}`,
  stop: 'Stop the load test',
  stopExplained: 'What was measured until then is kept and analyzed.',
  stopped: (by, at) => `${by} stopped it at ${at}.`,
  completing: 'It completes its run bundle.',
  load: 'Load',
  underWay: 'Load test under way',
  last: 'Last load test',
  startedBy: (by, at) => `Started by ${by}, ${at}`,
  elsewhere: (cluster, by, at) =>
    `A load test of ${cluster} is running, started by ${by}, ${at}. Only one runs at a time.`,
  phases: {
    preparing: 'checks before the start',
    starting: 'starting',
    'warm-up': 'warm-up',
    driving: 'sending',
    'between-steps': 'between two steps',
    stopped: 'stopped by the guard',
    ended: 'completing the run bundle',
    analyzing: 'analysis',
  },
  phase: 'Phase',
  step: 'Step',
  stepOf: (step, steps) => (steps === undefined ? step : `${step} of ${steps}`),
  left: 'Time left',
  rate: 'Rate (msg/s)',
  rateOf: (achieved, target) => (target === undefined ? achieved : `${achieved} of ${target}`),
  p99: 'Latency (p99)',
  lag: 'Consumer lag (messages)',
  failed: 'Failed sends',
  guard: 'Guard',
  guardWatches: 'within all limits',
  guardStopped: 'limit reached',
  ended: 'Ended',
  endedAt: (at) => `ended ${at}`,
  verdict: 'Verdict',
  noVerdict: 'No verdict',
  bundle: 'Run bundle',
  open: 'Load test…',
};

const zh: LoadTestTexts = {
  title: '压测',
  explained: '向压测专用 Topic 按台阶逐级加压，测量集群并计算安全上限。防护规则会在危及集群之前停止压测。',
  permission: '压测许可',
  approver: '批准人',
  most: '最高速率',
  mostNic: '网卡使用率上限',
  topics: 'Topic 与消费组',
  window: '时间窗口',
  always: '任何时间',
  notPermitted: '该集群未获准压测。集群负责人可在 plimsoll.yaml 中用 `loadTest` 授权。',
  operatorsOnly: '只有操作员可以启动和停止压测。',
  plan: '规划压测',
  fields: {
    rates: '各台阶速率（条/秒）',
    stepDuration: '每个台阶的时长',
    messageSize: '消息大小',
    groups: '消费组数量',
  },
  hints: {
    rates: '例如 1000, 2000, 4000',
    stepDuration: '例如 30s 或 2m',
    messageSize: '例如 500B 或 1KiB',
    groups: '0 到 20',
  },
  check: '检查方案',
  refused: '该压测被拒绝',
  confirm: '确认压测',
  duration: '时长',
  messages: '消息数',
  payload: '消息体总量',
  checkedAtStart:
    '发送第一条消息之前，会检查所有 Broker 的监控指标、磁盘剩余空间和防护规则的输入；缺少任何一项则不会启动。',
  start: (cluster) => `开始压测 ${cluster}`,
  stop: '停止压测',
  stopExplained: '已测得的数据会保留并进行分析。',
  stopped: (by, at) => `${by} 已于 ${at} 停止压测。`,
  completing: '正在写入压测数据目录。',
  load: '负载',
  underWay: '压测进行中',
  last: '最近一次压测',
  startedBy: (by, at) => `${by} 于 ${at} 启动`,
  elsewhere: (cluster, by, at) => `${by} 于 ${at} 启动的 ${cluster} 压测正在进行。同一时间只能有一个压测。`,
  phases: {
    preparing: '启动前检查',
    starting: '正在启动',
    'warm-up': '预热',
    driving: '加压中',
    'between-steps': '台阶切换',
    stopped: '已被防护规则停止',
    ended: '正在写入压测数据',
    analyzing: '分析中',
  },
  phase: '阶段',
  step: '台阶',
  stepOf: (step, steps) => (steps === undefined ? `第 ${step} 个` : `第 ${step} 个，共 ${steps} 个`),
  left: '剩余时间',
  rate: '速率（条/秒）',
  rateOf: (achieved, target) => (target === undefined ? achieved : `${achieved}，目标 ${target}`),
  p99: '延迟（p99）',
  lag: '消费堆积（条）',
  failed: '发送失败',
  guard: '防护规则',
  guardWatches: '均未触发',
  guardStopped: '已触发',
  ended: '结束',
  endedAt: (at) => `${at} 结束`,
  verdict: '结论',
  noVerdict: '无结论',
  bundle: '压测数据目录',
  open: '压测…',
};

export const loadTestLanguages: Record<Language, LoadTestTexts> = { en, zh };
