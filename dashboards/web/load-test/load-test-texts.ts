// Provides the texts of the load test page in English and Chinese.

import type { WatchedLimit } from '../../../core/documents/watched-limit.ts';
import type { ChosenLoad, LoadTestNow } from './load-test-view.ts';
import { bilingual, type Pair } from '../../../core/text/bilingual.ts';

export const loadTestLanguages = bilingual({
  title: ['Load test', '压测'],
  explained: [
    'A load test sends messages to its own topics in rising steps, measures the cluster, and computes its safe maximum. The guard stops the test when one of its limits is reached; the safe maximum is not one.',
    '向压测专用 Topic 按台阶逐级加压，测量集群并计算安全上限。触发任一防护规则时停止压测；安全上限不是防护规则。',
  ],
  permission: ['Permission', '压测许可'],
  approver: ['Approver', '批准人'],
  most: ['Highest test rate, on top of production', '允许的最高压测速率（不含生产流量）'],
  names: ['Permitted topics and groups', '允许使用的 Topic 与消费组'],
  mostNic: ['Highest link use, production included', '网卡使用率上限（含生产流量）'],
  window: ['Daily window', '每天的时间窗口'],
  always: ['any time', '任何时间'],
  notPermitted: [
    'No load test is permitted. The owner of the cluster permits it with `loadTest` in plimsoll.yaml.',
    '该集群未获准压测。集群负责人可在 plimsoll.yaml 中用 `loadTest` 授权。',
  ],
  operatorsOnly: ['Only operators start and stop load tests here.', '只有操作员可以在此启动和停止压测。'],
  plan: ['Plan a load test', '规划压测'],
  fields: {
    rates: ['Rate of each step (msg/s)', '各台阶速率（条/秒）'],
    stepDuration: ['Duration of each step', '每个台阶的时长'],
    messageSize: ['Message size', '消息大小'],
    groups: ['Consumer groups', '消费组数量'],
  } satisfies Record<keyof ChosenLoad, Pair>,
  hints: {
    rates: ['1 to 50 rates above 0, such as 1000, 2000, 4000', '1 到 50 个大于 0 的速率，例如 1000, 2000, 4000'],
    stepDuration: ['such as 30s or 2m', '例如 30s 或 2m'],
    messageSize: ['such as 500B or 1KiB', '例如 500B 或 1KiB'],
    groups: ['0 to 20', '0 到 20'],
  } satisfies Record<keyof ChosenLoad, Pair>,
  check: ['Check the plan', '检查方案'],
  refused: ['This load test is refused', '该压测被拒绝'],
  notNumber: (field: string, value: string) => [`${field}: "${value}" is not a number`, `${field}：“${value}”不是数字`],
  invalid: (field: string, value: string, hint: string) => [
    `${field}: "${value}" is not valid (${hint})`,
    `${field}：“${value}”无效（${hint}）`,
  ],
  confirm: ['Confirm the load test', '确认压测'],
  messages: ['Messages', '消息数'],
  payload: ['Payload', '消息体总量'],
  checkedAtStart: [
    'Metrics of all brokers, free disk space and guard inputs are checked before the first message; the test does not start without them.',
    '发送第一条消息之前，会检查所有 Broker 的监控指标、磁盘剩余空间和防护规则的输入；缺少任何一项则不会启动。',
  ],
  start: (cluster: string) => [`Start the load test of ${cluster}`, `开始压测 ${cluster}`],
  stop: ['Stop the load test', '停止压测'],
  stopHow: (command: string) => [
    `To stop it, log in as an operator or run \`${command}\` on the machine of this service.`,
    `如需停止，请以操作员身份登录，或在本服务所在机器上执行 \`${command}\`。`,
  ],
  stopExplained: ['What was measured before the stop is kept and analyzed.', '已测得的数据会保留并进行分析。'],
  stopped: (by: string, at: string) => [`${by} stopped it at ${at}.`, `${by} 已于 ${at} 停止压测。`],
  completing: ['The test is completing its run bundle (the folder below).', '正在写入压测数据目录。'],
  load: ['Load', '负载'],
  loadOf: (rates: string, duration: string, size: string) => [
    `${rates} msg/s, each for ${duration}, with messages of ${size}`,
    `各台阶 ${rates} 条/秒，每个台阶 ${duration}，消息大小 ${size}`,
  ],
  underWay: ['Load test under way', '压测进行中'],
  last: ['Last load test', '最近一次压测'],
  startedBy: (by: string, at: string) => [`Started by ${by}, ${at}`, `${by} 于 ${at} 启动`],
  elsewhere: (cluster: string, by: string, at: string) => [
    `A load test of ${cluster} is running, started by ${by}, ${at}. Only one load test runs at a time.`,
    `${by} 于 ${at} 启动的 ${cluster} 压测正在进行。同一时间只能有一个压测。`,
  ],
  phases: {
    preparing: ['checks before the start', '启动前检查'],
    starting: ['starting', '正在启动'],
    'warm-up': ['warm-up', '预热'],
    driving: ['sending', '加压中'],
    'between-steps': ['between two steps', '台阶切换'],
    stopped: ['stopped by the guard', '已被防护规则停止'],
    ended: ['completing the run bundle', '正在写入压测数据'],
    analyzing: ['analysis', '分析中'],
  } satisfies Record<LoadTestNow['phase'], Pair>,
  phase: ['Phase', '阶段'],
  stepOf: (step: string, steps: string | undefined) => [
    steps === undefined ? step : `${step} of ${steps}`,
    steps === undefined ? `第 ${step} 个` : `第 ${step} 个，共 ${steps} 个`,
  ],
  left: ['Time left of the test', '压测剩余时间'],
  rate: ['Test rate (msg/s), included in the rate of the cluster', '压测速率（条/秒，计入集群速率）'],
  rateOf: (achieved: string, target: string | undefined) => [
    target === undefined ? achieved : `${achieved} (target ${target})`,
    target === undefined ? achieved : `${achieved}，目标 ${target}`,
  ],
  p99: ['Latency (p99)', '延迟（p99）'],
  lag: ['Lag of the test consumers (messages)', '压测消费组堆积（条）'],
  failed: ['Failed sends', '发送失败'],
  guard: ['Guard', '防护规则'],
  guardWatches: ['none of its limits reached', '均未触发'],
  limits: {
    errors: ['send errors', '发送失败'],
    p99: ['latency (p99)', '延迟（p99）'],
    lag: ['lag in messages', '堆积（条）'],
    link: ['link use', '网卡使用率'],
    'free-disk': ['free disk space', '磁盘剩余空间'],
  } satisfies Record<Exclude<WatchedLimit['kind'], 'rule'>, Pair>,
  limitOf: (what: string, value: string, limit: string, isLeast: boolean) => [
    `${what} ${value} (${isLeast ? 'at least' : 'at most'} ${limit})`,
    `${what} ${value}（${isLeast ? '不低于' : '不超过'} ${limit}）`,
  ],
  guardStopped: ['limit reached', '已触发'],
  endedAt: (at: string) => [`ended ${at}`, `${at} 结束`],
  noVerdict: ['No verdict', '无结论'],
  bundle: ['Run bundle', '压测数据目录'],
});
