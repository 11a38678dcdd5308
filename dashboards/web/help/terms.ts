// Lists terms of the pages in both languages; the English text equals docs/reference/glossary.md, which a test checks.

import type { Language } from '../view.ts';

interface Term {
  group: TermGroup;
  /** As in the glossary. */
  name: string;
  texts: Readonly<Record<Language, { name: string; text: string }>>;
}

/** By English name: the text, and name and text in Chinese. */
type Terms = Readonly<Record<string, readonly [text: string, nameZh: string, textZh: string]>>;

const byGroup = {
  rates: {
    'safe maximum': [
      'Rate at which a resource first reaches its policy limit or an SLO is first violated. Pages show the lower end, sizing the median.',
      '安全上限',
      '首个资源达到策略上限、或首个 SLO 不达标时的速率。页面显示其区间的下端；容量规划显示中位数。',
    ],
    saturation: [
      'Rate at which a resource is completely used. Beyond it, latency or lag grows without bound.',
      '饱和点',
      '某个资源被完全用尽时的速率。超过后，延迟或堆积会不断增长。',
    ],
    'policy limit': [
      'Share of a capacity, such as link speed or cores, that may be used in normal operation. The busiest seconds count, not the mean.',
      '策略上限',
      '正常运行时，网卡、CPU 等资源允许使用的容量比例。判断时取最繁忙几秒的使用率，不取平均值。',
    ],
    headroom: [
      '1 − (current rate / safe maximum). Negative above the safe maximum.',
      '余量',
      '1 减去当前速率与安全上限之比。超过安全上限时为负。',
    ],
    SLO: [
      'Objective for latency, lag or send errors, violated when a step exceeds it.',
      'SLO',
      '对延迟、堆积或发送失败的目标值，台阶超过它即为不达标。',
    ],
    bottleneck: ['The limiting resource, SLO, quota or queue.', '瓶颈', '最先限制速率的资源、SLO、配额或队列。'],
    'limiting resource': [
      'A resource that is the bottleneck, with its node: `network-out of broker 1`.',
      '瓶颈资源',
      '作为瓶颈的资源及其节点，例如 Broker 1 的网卡出向。',
    ],
    reserve: [
      'Capacity kept free for growth, N-1, uncertainty or other reasons.',
      '预留',
      '因明确原因保留不用的容量，例如增长、大促、N-1、策略上限、不确定性。',
    ],
    'reserve table': [
      'All reserves of a verdict or plan as factors, with their product.',
      '预留明细',
      '一个结论或规划的全部预留，均为系数，依次相乘。',
    ],
    'N-1': ['The state after losing one broker (or one zone).', 'N-1', '失去一个 Broker（或一个可用区）之后的状态。'],
  },
  verdicts: {
    verdict: [
      'Safe maximum, bottleneck, interval and findings of one load test or period.',
      '结论',
      '根据一次压测或一段时间的监控数据得出的安全上限、瓶颈、区间和发现。',
    ],
    confirmed: [
      'The rate was sustained for the confirmation time (10 minutes by default).',
      '已验证',
      '该速率在确认时长内（默认 10 分钟）持续稳定。',
    ],
    predicted: ['Computed by a fit through at least three steps.', '推算', '由至少三个台阶拟合得出。'],
    observed: ['Measured, without a fit.', '观测', '单次实测值，没有拟合。'],
    'at least': [
      'No limit was found up to this rate, or the cause of a limit is unknown. Higher rates may be unsafe.',
      '至少',
      '到该速率为止没有测到上限，或上限的原因未知。更高的速率是否安全未知。',
    ],
    interval: [
      'Lower and upper end of an estimate, with 95% confidence unless another is stated.',
      '区间',
      '在给定置信度下估计值的下端和上端；未注明时为 95%。',
    ],
    calibration: [
      'Comparison of predictions with later measurements (“prediction accuracy”).',
      '预测准确度',
      '把预测与之后的实测对比得出；相符的预测为“命中”。',
    ],
    finding: [
      'Statement about a load test, plan, cluster or GC log, with code, severity and evidence.',
      '发现',
      '关于压测、变更计划、集群或 GC 日志的一条检查结果，含编号、严重程度和依据。',
    ],
    'configuration drift': [
      'Different settings of brokers, or settings that have changed since the verdict.',
      '配置漂移',
      'Broker 之间的配置差异，或得出结论之后的配置变化。',
    ],
  },
  'load-tests': {
    step: ['Part of a load test with one target rate.', '台阶', '压测中目标速率固定的一段。'],
    'target rate': [
      'Messages per second that a step intends to send.',
      '目标速率',
      '压测某一台阶计划每秒发送的消息数。',
    ],
    'achieved rate': ['Acknowledged messages per second in a step.', '实际速率', '某一台阶中每秒被确认的消息数。'],
    sustained: [
      'A step that achieved its target rate (99% by default) to the end, with no growing lag and at most 0.1% failed sends.',
      '稳定',
      '全程达到目标速率（默认 99% 以上）、堆积没有增长、发送失败不超过 0.1% 的台阶。',
    ],
    'tested to': ['The highest rate of a load test.', '最高实测速率', '一次压测的最高速率。'],
    'run, run bundle': ['One load test; its folder of records.', '压测数据目录', '一次压测及其全部记录所在的目录。'],
    guard: [
      'Ends a load test when errors, latency, lag, links or disks reach limits, or metrics are missing.',
      '防护规则',
      '发送失败、延迟、堆积、网卡使用率或磁盘空间达到限值，或缺少监控指标时，立即停止压测。',
    ],
  },
  operation: {
    lag: [
      "Messages (or seconds) between a group's committed offset and the end of a partition.",
      '消费堆积',
      '消费组已提交位点与分区末尾之间的消息数；以时间表示时称为消费延迟。',
    ],
    'remediation, action': ['A change that raises a limit or lowers load.', '预案', '可提高上限或降低负载的变更。'],
    pause: [
      'Time in which a JVM runs no application thread, usually for garbage collection.',
      '停顿',
      'JVM 不运行任何应用线程的时间，通常因为垃圾回收。',
    ],
    history: [
      'Stored verdicts, forecasts, plans, reports and changes of the service (`plimsoll history`).',
      '历史',
      '服务保存的结论、压测、预测、规划、报告、变更和备注（`plimsoll history`）。',
    ],
    change: [
      'An operation on a cluster: planned, confirmed, executed in steps and recorded in a journal.',
      '变更',
      '对集群的操作：先计划、确认，再分步执行并写入日志。',
    ],
    rollback: [
      'Return to the state before a change: run its command again with `--abort`.',
      '回滚',
      '恢复到变更前的状态：再次执行该变更的命令并加上 `--abort`。',
    ],
    redline: [
      'Production traffic moved onto one broker up to its limit.',
      'redline',
      '把生产流量逐步移到一个 Broker，直到其上限。',
    ],
    'live set': ['Heap in use after a collection of the old generation.', '存活对象大小', '老年代回收后仍被占用的堆。'],
    'business domain': [
      'Topics and load of one part of a company, planned together.',
      '业务域',
      '公司一类业务的 Topic 及其负载，作为一个整体规划。',
    ],
  },
} satisfies Record<string, Terms>;

export type TermGroup = keyof typeof byGroup;

export const terms: readonly Term[] = Object.entries<Terms>(byGroup).flatMap(([group, all]) =>
  Object.entries(all).map(([name, [text, nameZh, textZh]]) => ({
    group: group as TermGroup,
    name,
    texts: { en: { name, text }, zh: { name: nameZh, text: textZh } },
  })),
);

/** Anchor of a term on the help page. */
export const termAnchor = (name: string): string => name.toLowerCase().replaceAll(' ', '-');
