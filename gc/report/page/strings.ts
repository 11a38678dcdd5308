// Holds the texts of the GC page in English and Chinese.

import { bilingual } from '../../../core/text/bilingual.ts';

export const languages = bilingual({
  title: ['GC report', 'GC 报告'],
  verdict: ['Verdict', '结论'],
  pausesChart: ['Pauses', '停顿'],
  pausesExplained: [
    'Each GC pause, by type. The dashed line, shown if pauses come near it, is the longest wait of a send in RocketMQ.',
    '每次 GC 停顿，按类型区分。虚线（停顿接近该值时才显示）为 RocketMQ 允许发送请求等待的最长时间。',
  ],
  heapChart: ['Heap after collections', '回收后的堆'],
  heapExplained: [
    'Heap in use after each collection. A rising minimum indicates a leak.',
    '每次回收后的堆占用。最低值持续上升可能是内存泄漏。',
  ],
  stopsChart: ['Safepoints', '安全点'],
  stopsExplained: [
    'Every pause of all threads, for garbage collection or other safepoints.',
    '所有线程的每次停顿，包括 GC 和其他安全点。',
  ],
  figures: ['Figures', '数据'],
  runs: ['JVMs', 'JVM'],
  log: ['log', '日志'],
  types: ['Pauses by type and cause', '按类型和原因统计的停顿'],
  steps: ['Steps of the load test', '压测台阶'],
  findings: ['Findings', '发现'],
  files: ['Files', '文件'],
  unparsed: ['Lines that were not recognized', '未能识别的行'],
  collector: ['collector', '收集器'],
  version: ['version', '版本'],
  started: ['started', '启动时间'],
  age: ['age', '运行时长'],
  pauses: ['pauses', '停顿次数'],
  total: ['in all', '合计'],
  longest: ['longest', '最长'],
  longestAt: ['longest pause', '最长停顿'],
  fullGc: ['full GC', 'Full GC'],
  throughput: ['throughput', '吞吐率'],
  covered: ['time covered', '覆盖时间'],
  liveSet: ['live set', '存活对象大小'],
  peak: ['peak of the heap', '堆峰值'],
  allocation: ['allocated', '分配速率'],
  promotion: ['promoted', '晋升速率'],
  otherStops: ['paused for other reasons', '因其他原因停顿'],
  timeToSafepoint: ['time to safepoint', '到达安全点用时'],
  type: ['type', '类型'],
  cause: ['cause', '原因'],
  count: ['count', '次数'],
  step: ['step', '台阶'],
  explicit: ['target msg/s', '目标（条/秒）'],
  seconds: ['seconds', '秒'],
  heap: ['MiB', 'MiB'],
  uptime: ['seconds since the JVM started', 'JVM 启动后的秒数'],
  unknown: ['unknown', '未知'],
  severity: { critical: ['critical', '严重'], warning: ['warning', '警告'], info: ['info', '提示'] },
});
export type Language = keyof typeof languages;
export type Strings = (typeof languages)['en'];

export const isLanguage = (value: unknown): value is Language =>
  typeof value === 'string' && Object.hasOwn(languages, value);
