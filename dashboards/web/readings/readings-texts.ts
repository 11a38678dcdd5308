// Texts of the charts of recorded readings in English and Chinese.

import { bilingual } from '../../../core/text/bilingual.ts';

export const readingsLanguages = bilingual({
  title: ['Recorded readings', '历史曲线'],
  range: ['Time range', '时间范围'],
  ranges: {
    '1h': ['1 hour', '1 小时'],
    '6h': ['6 hours', '6 小时'],
    '24h': ['24 hours', '24 小时'],
    '7d': ['7 days', '7 天'],
    custom: ['Other range', '其他范围'],
  },
  from: (zone: string) => [`From (${zone})`, `开始（${zone}）`],
  to: (zone: string) => [`To (${zone})`, `结束（${zone}）`],
  show: ['Show', '查看'],
  rangeFault: [
    'Enter a start in the past and a later end. The range must be 10 minutes to 93 days.',
    '开始时间须早于结束时间和当前时间，间隔为 10 分钟到 93 天。',
  ],
  noSource: [
    'Longer ranges need a Prometheus: name one for this cluster in `service.clusters` of the config.',
    '更长的范围需要 Prometheus：请在配置的 `service.clusters` 中为该集群指定。',
  ],
  fromSource: (slot: string) => [
    `From Prometheus: each point is the mean of ${slot}. Resources of brokers are shown for the ranges up to 24 hours.`,
    `数据来自 Prometheus，每个点为 ${slot}的均值。Broker 的资源曲线仅在 24 小时以内的范围显示。`,
  ],
  sourceFailed: ['The range could not be read:', '无法读取该范围：'],
  noneInSource: [
    'The Prometheus of this cluster has no load data in this range.',
    '该集群的 Prometheus 中没有这段时间的负载。',
  ],
  now: ['now', '现在'],
  /** Subject of a chart. */
  subjects: {
    load: ['Load', '负载曲线'],
    topics: ['Produced by topic (msg/s)', '各 Topic 的生产速率（条/秒）'],
    consumed: ['Consumed (msg/s)', '消费速率（条/秒）'],
    cpu: ['CPU', 'CPU 使用率'],
    'network-in': ['Network in', '网卡入向使用率'],
    'network-out': ['Network out', '网卡出向使用率'],
    'disk-io': ['Disk busy', '磁盘 I/O 使用率'],
    'disk-space': ['Disk space used', '磁盘空间使用率'],
    heap: ['Heap after GC', 'GC 后堆内存使用率'],
    produce: ['Produced (msg/s)', '生产速率（条/秒）'],
    'lag-seconds': ['Lag in time', '消费延迟'],
    'lag-messages': ['Lag in messages', '消费堆积（条）'],
    consume: ['Consumed (msg/s)', '消费速率（条/秒）'],
  },
  produced: ['Produced (msg/s)', '生产速率（条/秒）'],
  others: ['other topics', '其他 Topic'],
  newTopic: (topic: string) => [`${topic} (new in this range)`, `${topic}（该时间范围内新增）`],
  highest: (line: string) => [`${line}, maximum`, `${line}（峰值）`],
  none: [
    'No readings in this range. The chart begins with the second successful reading.',
    '该时间范围内没有读数。第二次采集成功后开始显示曲线。',
  ],
  heapExplained: [
    'Above the limit, see the GC log. The heap counts for the safe maximum only if it grew with the load in the load test.',
    '超过策略上限时请查看 GC 日志。仅当压测中堆内存随负载增长时，才计入安全上限。',
  ],
  notDrawn: (count: string) => [`Not drawn (lower values): ${count}.`, `另有 ${count} 条数值较低的曲线未画出。`],
  since: (at: string) => [`Recorded since ${at}.`, `自 ${at} 起有记录。`],
  gaps: ['A gap in a line means no reading, or a failed one.', '曲线断开处：没有读数，或该次采集失败。'],
  shaded: ['Shaded areas reach up to the highest reading of each interval.', '阴影的上沿为该时段内的最高读数。'],
  table: ['Table', '数据表'],
  at: ['Interval start', '起始时间'],
  marks: ['Events in this range', '该时间范围内的事件'],
  alerts: ['Alerts in this range', '该时间范围内的告警'],
  alertsCut: (most: string) => [
    `A day of this range reached the limit of ${most} recorded alerts per day (UTC); later alerts of that day are missing.`,
    `该时间范围内有一天达到每日（UTC）${most} 条告警的记录上限，当天之后的告警未记录。`,
  ],
  moreFiring: (most: string) => [
    `Only ${most} are shown: see Alertmanager for all alerts.`,
    `仅显示 ${most} 条，全部告警请在 Alertmanager 查看。`,
  ],
  alert: ['Alert', '告警'],
  firedAt: ['Fired at', '开始时间'],
  resolvedAt: ['Resolved', '恢复时间'],
  firing: ['firing', '告警中'],
  firingSince: (at: string) => [`since ${at}`, `自 ${at} 起`],
  severity: ['Severity', '级别'],
  alertSubject: ['Scope', '范围'],
  summary: ['Summary', '摘要'],
  nowAndLastHours: ['Current rate, and chart of the last 3 h', '当前速率与最近 3 小时曲线'],
  trend: (limit: string | undefined) => [
    limit === undefined
      ? 'Produced messages of the last 3 h'
      : `Produced messages of the last 3 h; horizontal line: ${limit}`,
    limit === undefined ? '最近 3 小时的生产速率' : `最近 3 小时的生产速率；横线：${limit}`,
  ],
});

export type ReadingsSubject = keyof (typeof readingsLanguages)['en']['subjects'];
