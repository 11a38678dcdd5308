// Texts of the GC log page, in English and Chinese.

import { bilingual } from '../../../core/text/bilingual.ts';

export const gcLanguages = bilingual({
  title: ['GC logs', 'GC 日志'],
  titleOf: (of: string) => [`GC logs: ${of}`, `GC 日志：${of}`],
  explained: [
    'Plimsoll reads the GC logs on the hosts of the brokers. Charts show at most the last day, and begin when this service started. Totals begin when the log was first read.',
    '来自各 Broker 主机上持续读取的 GC 日志。曲线为最近一天，且不早于本服务启动；累计值自首次读取该日志起。',
  ],
  howToRead: ['How to read this page', '如何阅读本页'],
  reading: [
    [
      'Start with the findings. Without one, slow requests or lag usually have another cause than garbage collection.',
      '“GC pauses” is the share of time in which the JVM stopped for a collection and the broker answered no request.',
      'Compare “Longest” with the timeouts of clients: after a longer pause, clients send again, or are removed from their consumer group.',
      'During a full collection, the JVM is stopped until the whole heap is collected. A well-sized broker has none.',
      'Compare the heap after the last collection with the maximum heap. A minimum that rises for days indicates a leak.',
    ],
    [
      '先看发现。没有发现时，请求变慢或消费堆积一般不是垃圾回收造成的。',
      '“因 GC 停顿”是 JVM 因回收而停顿、Broker 不响应任何请求的时间占比。',
      '把“最长”与客户端超时时间比较：停顿超过超时时间，客户端会重发，或被移出消费组。',
      'Full GC 回收整个堆，期间 JVM 完全停顿。容量合适的 Broker 不应出现。',
      '把最近一次回收后的占用与最大堆比较。最低值连续几天上升，可能有内存泄漏。',
    ],
  ],
  carries: (brokers: string) => [`Brokers: ${brokers}.`, `Broker：${brokers}。`],
  readAt: (at: string, ago: string) => [`Last read ${at}, ${ago}.`, `最近读取于 ${at}，${ago}。`],
  neverRead: [
    'Not read yet. Hosts are read when Prometheus scrapes `/metrics` of this service.',
    '尚未读取：Prometheus 抓取本服务的 `/metrics` 时才读取主机。',
  ],
  failed: (at: string) => [`Reading failed at ${at}:`, `${at} 读取失败：`],
  noHost: [
    'No host is configured for this broker, so its GC log is unknown. Add it to `clusters.….brokers`.',
    '未配置该 Broker 所在主机，因此没有其日志，请在 `clusters.….brokers` 中填写。',
  ],
  noHosts: [
    'No hosts are configured for the brokers of this cluster, so their GC logs are unknown. Add them to `clusters.….brokers`.',
    '未配置该集群各 Broker 所在主机，因此没有日志，请在 `clusters.….brokers` 中填写。',
  ],
  noLog: [
    'No JVM with a GC log was found on this host. Start the broker with `-Xlog:gc*:file=PATH`.',
    '该主机上没有找到带 GC 日志的 JVM。启动 Broker 时请加 `-Xlog:gc*:file=PATH`。',
  ],
  whyNot: ['No GC log data', '没有 GC 日志数据'],
  isRead: (left: string) => [
    `The log is being read for the first time: ${left} left. Data appears when all is read.`,
    `正在首次读取该日志，剩余 ${left}，读完之前没有数据。`,
  ],
  trouble: (reason: string) => [`Partly unreadable: ${reason}`, `未能全部读取：${reason}`],
  log: ['Log', '日志'],
  file: ['File', '文件'],
  latest: (shown: string, all: string) => [`latest ${shown} of ${all}`, `最近 ${shown} 个，共 ${all} 个`],
  collector: ['Collector', '收集器'],
  started: ['JVM started', 'JVM 启动于'],
  lastWrite: ['Last written', '最近写入'],
  heapMax: ['Maximum heap', '最大堆'],
  liveSet: ['Live set', '存活对象大小'],
  afterLast: ['After the last collection', '最近一次回收后'],
  stopped: ['GC pauses', '因 GC 停顿'],
  stoppedOther: ['Other safepoints', '因其他原因停顿'],
  share: (share: string, span: string) => [`${share} of ${span}`, `${span}内占 ${share}`],
  pauses: ['Pauses', '停顿次数'],
  within: (count: string, span: string) => [`${count} in ${span}`, `${count}（${span}内）`],
  longest: ['Longest', '最长'],
  atMost: (bound: string) => [`≤ ${bound}`, `≤ ${bound}`],
  above: (bound: string) => [`> ${bound}`, `> ${bound}`],
  none: ['none', '无'],
  fullCollections: ['Full collections', 'Full GC'],
  worst: ['Worst finding', '最严重的发现'],
  stops: ['Pause time', '停顿时间占比'],
  stopsExplained: [
    'Share of each five minutes in which the JVM was paused, for garbage collection and other safepoints.',
    '每五分钟内 JVM 停顿的时间占比，分为垃圾回收和其他原因。',
  ],
  heap: ['Heap', '堆'],
  heapExplained: [
    'Heap in use after the last collection, and after the last one of the old generation (live set). A minimum that keeps rising indicates a leak.',
    '最近一次回收后，以及最近一次老年代回收后（存活对象）的堆占用。最低值持续上升可能是内存泄漏。',
  ],
  tooEarly: ['Charts start with the second reading.', '第二次读取之后才有曲线。'],
  course: ['Chart data', '曲线数据'],
  from: ['Interval start', '起始时间'],
  totals: ['Pauses since the log was first read', '首次读取该日志以来的停顿'],
  totalsExplained: [
    '“p99” and “Longest” are upper bounds of histogram buckets.',
    '“p99”和“最长”取自直方图的边界：停顿不超过该值。',
  ],
  type: ['Type', '类型'],
  cause: ['Cause', '原因'],
  noCause: ['not logged', '未记录'],
  count: ['Count', '次数'],
  total: ['Total', '合计'],
  mean: ['Mean', '平均'],
  nearlyAll: ['p99', 'p99'],
  cycles: ['Concurrent cycles', '并发周期'],
  aborted: ['Aborted', '中止'],
  tested: ['GC findings of the latest load test', '最近一次压测的 GC 发现'],
  testedAt: (at: string) => [`From the verdict of ${at}.`, `来自 ${at} 的结论。`],
  testedNothing: ['It has no GC findings.', '该结论没有关于 GC 的发现。'],
  notTested: [
    'No verdict of this cluster yet. Run `plimsoll run`, then add it with `plimsoll history add RUN`.',
    '该集群还没有结论。先执行 `plimsoll run`，再用 `plimsoll history add RUN` 录入。',
  ],
  deeper: [
    'To list every pause of a log, and the flags to change with their effects:',
    '完整日志的每次停顿、应修改的参数及其效果：',
  ],
});

export type GcTexts = (typeof gcLanguages)['en'];
