// Texts of the page of a load test, in English and Chinese.

import type { AnalysedTrial, Finding, SafeMaxTps } from '../../core/documents/analysis.ts';
import { type SearchCertificate, trialPurposes } from '../../core/documents/search-certificate.ts';
import { limitNames } from '../../core/resource.ts';
import { ownerZh, spaced } from '../../core/text/limit-text.ts';
import { closedUp, punctuation } from '../../core/text/punctuation.ts';
import { invalidReasons, notJudgedReasons, stepKinds } from '../../core/text/step-verdict-text.ts';
import { bilingual, type Pair } from '../../core/text/bilingual.ts';

type TrialOutcome = AnalysedTrial['outcome']['kind'];
type AtLeastReason = Extract<SafeMaxTps, { kind: 'at-least' }>['reason'];

export const runLanguages = bilingual({
  skip: ['Skip to content', '跳到正文'],
  allRuns: ['All runs', '全部压测'],
  otherLanguage: ['中文', 'English'],
  runs: ['Runs', '压测记录'],
  noRuns: ['No load tests yet. Run `plimsoll run` to create one.', '还没有压测记录。运行 `plimsoll run` 后刷新本页。'],
  run: ['Run', '压测'],
  cluster: ['Cluster', '集群'],
  started: ['Started', '开始时间'],
  messageSize: ['Message size', '消息大小'],
  duration: ['Duration', '时长'],
  brokersDown: ['Brokers down', '停机的 Broker'],
  stepsAndResources: ['Steps and resources', '台阶与资源'],
  onlyBroker: (broker: string) => [`only ${broker}`, `仅 ${broker}`],
  perSecond: ['msg/s', '条/秒'],
  inPerSecond: [' (msg/s)', '（条/秒）'],
  safeMax: ['Safe maximum', '安全上限'],
  saturation: ['Saturation', '饱和点'],
  limitedBy: ['Limited by', '瓶颈'],
  // Names of RocketMQ brokers are self-explanatory; Kafka ids are numbers and need the word broker.
  generator: ['load generator', '压测端'],
  ofNode: (what: string, node: string) => [
    `${what} of ${node === 'generator' ? 'the load generator' : /^\d+$/.test(node) ? `broker ${node}` : node}`,
    `${ownerZh(node)}的${spaced(what)}`,
  ],
  ofGroup: (what: string, group: string) => [`${what} of group ${group}`, `消费组 ${group} 的${spaced(what)}`],
  kinds: {
    confirmed: ['confirmed', '已验证'],
    predicted: ['predicted', '推算'],
    observed: ['observed', '观测'],
    'at-least': ['at least', '至少'],
    unknown: ['unknown', '未知'],
  } satisfies Record<SafeMaxTps['kind'], Pair>,
  /** Instead of `confirmed` for a saturation, which needs no confirmation time. */
  reached: ['reached', '已达到'],
  /** Between a name and its value. */
  colon: [punctuation.en.colon, punctuation.zh.colon],
  comma: [punctuation.en.comma, punctuation.zh.comma],
  /** Between names. */
  list: [punctuation.en.list, punctuation.zh.list],
  aside: (value: string) => [` (${value})`, `（${value}）`],
  scaledReading: (read: string) => [
    `one reading at ${read}, scaled to the policy limit`,
    `按策略折算，仅一次读数：${read}`,
  ],
  safeExplained: {
    confirmed: [
      'This rate was sustained for the confirmation time, and every criterion was met.',
      '以该速率持续压测满确认时长，所有判据均满足。',
    ],
    predicted: [
      'A fit through the steps gives the rate at which a resource first reaches its policy limit. Plan with the rate above, the lower end of the interval.',
      '由各台阶拟合得出：首个资源达到策略上限时的速率。规划时请用上方的速率，即区间下端。',
    ],
    observed: [
      'No fit is possible with one point. The lowest safe maximum of the table below counts.',
      '一个点无法拟合，取下表中最低的安全上限。',
    ],
  },
  saturationExplained: {
    confirmed: [
      'The load test reached saturation. A fit through the steps gives the rate.',
      '压测已达到饱和，速率由各台阶拟合得出。',
    ],
    predicted: (factor: string) => [
      `At this rate, ${factor} times the highest sustained step, a resource is first used completely.`,
      `首个资源用满时的速率，为最高稳定台阶的 ${factor} 倍。`,
    ],
    observed: ['Computed from the same reading.', '由同一读数得出。'],
  },
  atLeast: {
    'no-limit-reached': [
      'No valid step reached a limit that was measured, so the safe maximum is unknown.',
      '有效台阶均未达到可判定的策略上限，因此上限未知。',
    ],
    'limit-cause-unknown': [
      'Throughput stopped growing above this rate, and the cause is unknown.',
      '超过该速率后吞吐不再增长，瓶颈原因未知。',
    ],
    'generator-limited': [
      'The load generator reached its limit before the cluster. Use a stronger one.',
      '压测端先于集群达到上限：请换用更强的压测机器。',
    ],
    aborted: ['The run ended before a safe maximum was found.', '压测在得出上限前已结束。'],
    'held-too-briefly': [
      'The search reached a limit above this rate and sustained this rate for less than the confirmation time.',
      '搜索在更高速率触及上限，而此处给出的速率持续时间短于确认时长。',
    ],
    'figures-in-doubt': ['Higher rates are in doubt; see the findings.', '更高速率的结果存疑：详见分析发现。'],
    'garbage-collection': [
      'No higher rate is predicted: at this rate a broker spends too much time in GC pauses; see the findings.',
      '该速率下 Broker 的 GC 停顿已过多，因此不预测更高的速率：详见分析发现。',
    ],
  } satisfies Record<AtLeastReason, Pair>,
  missing: ['Unknown. Missing:', '无法判断，缺少：'],
  interval: (confidence: string, low: string, high: string) => [
    `${confidence} interval ${low} to ${high}`,
    `${confidence} 区间 ${low} 至 ${high}`,
  ],
  openInterval: (confidence: string, low: string) => [
    `${confidence} interval from ${low}, upper end unknown`,
    `${confidence} 区间自 ${low} 起，上端未定`,
  ],
  estimate: (value: string) => [`point estimate ${value}`, `点估计 ${value}`],
  payload: (value: string) => [`${value}/s of payload`, `消息体 ${value}/s`],
  loadLineExplained: ['Dots are the steps of the load test.', '圆点为实际压测的台阶。'],
  verdict: ['Verdict', '结论'],
  findings: ['Findings', '发现'],
  noFindings: ['No findings.', '没有发现问题。'],
  notes: (count: number) => [count === 1 ? 'One note' : `${count} notes`, `${count} 条提示`],
  severity: {
    critical: ['Critical', '严重'],
    warning: ['Warning', '警告'],
    info: ['Info', '提示'],
  } satisfies Record<Finding['severity'], Pair>,
  evidence: ['Evidence', '依据'],
  basis: ['What the reading shows', '该读数意味着什么'],
  reading: ['Reading', '读数'],
  latencyChart: ['Latency by load', '负载与延迟'],
  latencyChartExplained: [
    'Time of a message from its intended send to its acknowledgement, per step; it includes the send delay. A curve that bends upwards shows saturation. Circles are sustained steps, triangles saturated steps, crosses invalid steps.',
    '每个台阶中消息从计划发送到确认的耗时，含发送延后。曲线上翘处说明有资源用满。圆点为稳定台阶，三角为饱和台阶，叉号为无效台阶。',
  ],
  noCurves: [
    'No charts: this run was imported from manually entered readings, which have no histograms.',
    '没有曲线：本记录由手工录入的读数导入，没有直方图。',
  ],
  noCurvesMeasured: ['No charts: no step was recorded.', '没有曲线：没有记录任何台阶。'],
  noLatency: ['No latency curve: no step recorded latencies.', '没有负载与延迟曲线：没有台阶记录延迟。'],
  utilisationChart: ['Resource use by load', '负载与资源使用率'],
  utilisationChartExplained: [
    'Used share of capacity in each step, on the busiest node per resource. Dotted lines are policy limits. Shapes of points only distinguish the curves.',
    '每个台阶中各资源最忙节点的容量使用比例。点线为策略上限。点的形状仅用于区分曲线。',
  ],
  predictionExplained: ['The dashed line extends from the highest step to saturation.', '虚线从最高台阶延伸到饱和点。'],
  noUtilisation: ['No chart: it needs measured steps and known capacities.', '没有图表：需要实测台阶与已知容量。'],
  steps: ['Steps', '台阶'],
  step: ['Step', '台阶'],
  target: ['Target', '目标'],
  achieved: ['Achieved', '实际'],
  result: ['Result', '结果'],
  latencyOf: (percentile: string) => [`Latency ${percentile}`, closedUp(`延迟 ${percentile}`)],
  max: ['max', '最大值'],
  sendDelay: ['Send delay p99', '发送延后 p99'],
  endToEnd: ['End to end p99', '端到端 p99'],
  failed: ['Failed sends', '发送失败（条）'],
  verdicts: stepKinds,
  invalid: invalidReasons,
  notJudged: notJudgedReasons,
  lanes: ['Concurrency', '并发发送数'],
  background: ['Other traffic', '其他流量'],
  search: ['Search', '速率搜索'],
  endings: {
    'bounds-met': ['ended: the bounds converged.', '结束：上下界已收敛。'],
    'highest-rate-held': ['ended: the highest allowed rate was sustained.', '结束：已稳定承载允许的最高速率。'],
    'generator-limited': ['ended: the load generator reached its limit.', '结束：压测端达到上限。'],
    'nothing-passed': ['ended: no rate passed.', '结束：没有速率通过。'],
    'most-trials': ['ended after the maximum number of trials.', '结束：达到允许的最多试验次数。'],
  } satisfies Record<SearchCertificate['endedBecause'], Pair>,
  searchOpen: [
    'The search was interrupted before it had an answer. These are its trials.',
    '搜索在得出结论前中断，以下为已完成的试验。',
  ],
  searchChartExplained: [
    'Each trial is a line at its rate over its duration. Circle: passed. Cross: failed. Diamond: excluded. Dashed lines are the bounds.',
    '每次试验为一条横线，高度为其速率，长度为其时间：圆点为通过，叉号为未通过，菱形为排除。虚线为上下界。',
  ],
  lowerBound: ['Lower bound', '下界'],
  upperBound: ['Upper bound', '上界'],
  passedOf: (passed: number, all: number, held: string) => [
    `deciding trials of ${held} each: ${passed} of ${all} passed`,
    `时长 ${held} 的判定试验共 ${all} 次，通过 ${passed} 次`,
  ],
  failedOf: (failed: number, all: number) => [
    `trials failed: ${failed} of ${all}`,
    `${all} 次试验中未通过 ${failed} 次`,
  ],
  confidenceOf: (value: string) => [`confidence ${value}`, `置信度 ${value}`],
  measuredOf: (criterion: string, measured: string, limit: string) => [
    `${criterion} ${measured}, limit ${limit}`,
    `${criterion} ${measured}，上限 ${limit}`,
  ],
  trial: ['Trial', '试验'],
  trialAxis: ['Seconds since the start of the run', '压测开始后的秒数'],
  trialRate: ['Messages per second (target)', '每秒消息数（目标）'],
  trials: ['Trials', '试验'],
  purpose: ['Purpose', '目的'],
  purposes: trialPurposes,
  outcomes: {
    passed: ['passed', '通过'],
    failed: ['failed', '未通过'],
    excluded: ['excluded', '排除'],
  } satisfies Record<TrialOutcome, Pair>,
  why: ['Why', '原因'],
  ledger: ['Delivery check', '消息核对'],
  ledgerSent: (sent: string, acknowledged: string) => [
    `${sent} sent, ${acknowledged} acknowledged`,
    `已发送 ${sent}，已确认 ${acknowledged}`,
  ],
  ledgerOf: (group: string, received: string) => [`${group}: ${received} received`, `${group}：已收到 ${received}`],
  ledgerFaults: {
    refused: ['refused', '被拒绝'],
    unknownFate: ['outcome unknown', '去向不明'],
    untoldButDelivered: ['never reported as sent', '未上报为已发送'],
    lost: ['lost', '丢失'],
    unread: ['unread', '未消费'],
    pending: ['delayed messages not yet due', '延迟消息未到投递时间'],
    duplicated: ['duplicated', '重复存储'],
    redelivered: ['redelivered', '重复投递'],
    rewritten: ['rewritten', '被改写'],
    reordered: ['reordered', '乱序'],
    corrupted: ['corrupted', '损坏'],
    late: ['late', '迟到'],
  },
  ledgerFault: (count: string, fault: string) => [`${count} ${fault}`, `${fault} ${count} 条`],
  ledgerAgrees: (partitions: number) => [
    `partitions whose logs agree with these counts: ${partitions}`,
    `${partitions} 个分区的日志与以上数字一致`,
  ],
  ledgerDisagrees: (partitions: number) => [
    `partitions whose logs do not agree with these counts: ${partitions}`,
    `${partitions} 个分区的日志与以上数字不一致`,
  ],
  ledgerInexact: [
    'These counts are lower bounds, because too many messages were out of order to keep in memory.',
    '乱序消息超出内存容量，以上数字为下限。',
  ],
  resources: ['Resources', '资源'],
  resource: ['Resource', '资源'],
  node: ['Node', '节点'],
  capacity: ['Capacity', '容量'],
  policyLimit: ['Policy limit', '策略上限'],
  used: ['Use at highest step', '最高台阶使用率'],
  safeTps: ['At policy limit', '达到策略上限'],
  saturationTps: ['Saturation', '饱和速率'],
  fit: ['Fit', '拟合'],
  fitOf: (r2: string, points: number) => [`R² ${r2}, ${points} points`, `R² ${r2}，${points} 点`],
  limits: ['bottleneck', '集群瓶颈'],
  atMost: (value: string) => [`at most ${value}`, `最多 ${value}`],
  leastUse: (value: string) => [`at least ${value}`, `至少 ${value}`],
  usedOfCapacity: (used: string, capacity: string) => [
    `${used} of ${capacity} used at the highest step`,
    `最高台阶时占 ${capacity} 的 ${used}`,
  ],
  capacityFrom: (source: string) => [`Source of the capacity: ${source}`, `容量来源：${source}`],
  perBroker: ['Cluster rate at the limit of each broker', '各 Broker 达到上限时的集群速率'],
  broker: ['Broker', 'Broker'],
  host: ['Host', '主机'],
  unknown: ['unknown', '未知'],
  rateAxis: ['Produced messages per second (achieved)', '每秒生产消息数（实际）'],
  latencyAxis: ['Latency', '延迟'],
  utilisationAxis: ['Share of capacity', '容量占比'],
  policy: ['policy limit', '策略上限'],
  predicted: ['predicted', '推算'],
  asJson: ['This analysis as JSON', '本分析的 JSON'],
  notFound: ['Run not found.', '没有这条压测记录。'],
  causeUnknown: ['cause unknown', '原因未知'],
  broken: ['This page could not be created.', '无法生成本页。'],
  names: [limitNames('en'), limitNames('zh')],
});
