// Texts of the GC log page, in English and Chinese.

import type { Language } from '../strings.ts';

export interface GcTexts {
  title: string;
  titleOf(of: string): string;
  explained: string;
  which: string;
  howToRead: string;
  reading: readonly string[];
  brokers: string;
  all: string;
  host: string;
  carries(brokers: string): string;
  readAt(at: string, ago: string): string;
  neverRead: string;
  failed(at: string): string;
  noHost: string;
  noHosts: string;
  noLog: string;
  whyNot: string;
  isRead(left: string): string;
  trouble(reason: string): string;
  log: string;
  collector: string;
  started: string;
  lastWrite: string;
  heapMax: string;
  liveSet: string;
  afterLast: string;
  stopped: string;
  stoppedOther: string;
  share(share: string, span: string): string;
  pauses: string;
  longest: string;
  atMost(bound: string): string;
  above(bound: string): string;
  none: string;
  fullCollections: string;
  worst: string;
  calm: string;
  stops: string;
  stopsExplained: string;
  heap: string;
  heapExplained: string;
  tooEarly: string;
  course: string;
  from: string;
  totals: string;
  totalsExplained: string;
  type: string;
  cause: string;
  noCause: string;
  count: string;
  total: string;
  mean: string;
  nearlyAll: string;
  cycles: string;
  aborted: string;
  tested: string;
  testedAt(at: string): string;
  testedNothing: string;
  notTested: string;
  deeper: string;
  table: string;
}

const en: GcTexts = {
  title: 'GC logs',
  titleOf: (of) => `GC logs: ${of}`,
  explained:
    'GC logs read on the hosts of the brokers. Charts show the last day at most, since this service started. Totals start when the log was first read.',
  which: 'Cluster',
  howToRead: 'How to read this page',
  reading: [
    'Start with the worst finding. “none” means that garbage collection is not the cause of slow requests or of lag.',
    '“GC pauses” is the share of time in which the JVM stopped for a collection and the broker answered no request.',
    '“Longest” is compared with the timeouts of clients: with a longer pause they resend, or are removed from their consumer group.',
    'A full collection stops the JVM for the whole heap. A broker that is sized well has none.',
    'Compare the heap after the last collection with the maximum heap. A minimum that rises for days indicates a leak.',
  ],
  brokers: 'Brokers',
  all: 'all',
  host: 'Host',
  carries: (brokers) => `Brokers: ${brokers}`,
  readAt: (at, ago) => `Last read ${at}, ${ago}.`,
  neverRead:
    'Not read yet. Hosts are read when Prometheus scrapes `/metrics` of this service; there has been no scrape since it started.',
  failed: (at) => `Reading failed at ${at}:`,
  noHost: 'No host is configured for this broker, so its GC log is unknown. Add it to `clusters.….brokers`.',
  noHosts:
    'No hosts are configured for the brokers of this cluster, so their GC logs are unknown. Add them to `clusters.….brokers`.',
  noLog: 'No JVM with a GC log was found on this host. Start the broker with `-Xlog:gc*:file=PATH`.',
  whyNot: 'No GC log data:',
  isRead: (left) => `Reading the log for the first time: ${left} left. There is no data until then.`,
  trouble: (reason) => `Partly unreadable: ${reason}`,
  log: 'Log',
  collector: 'Collector',
  started: 'JVM started',
  lastWrite: 'Last written',
  heapMax: 'Maximum heap',
  liveSet: 'Live set',
  afterLast: 'After the last collection',
  stopped: 'GC pauses',
  stoppedOther: 'Other safepoints',
  share: (share, span) => `${share} of ${span}`,
  pauses: 'Pauses',
  longest: 'Longest',
  atMost: (bound) => `≤ ${bound}`,
  above: (bound) => `> ${bound}`,
  none: 'none',
  fullCollections: 'Full collections',
  worst: 'Worst finding',
  calm: 'none',
  stops: 'Pause time',
  stopsExplained:
    'Share of each five minutes in which the JVM was paused, for garbage collection and other safepoints.',
  heap: 'Heap',
  heapExplained:
    'Heap in use after the last collection, and after the last collection of the old generation. A minimum that keeps rising indicates a leak.',
  tooEarly: 'Charts start with the second reading.',
  course: 'Chart data',
  from: 'From',
  totals: 'Pauses by type and cause',
  totalsExplained: 'Since the log was first read. Durations are upper bounds of histogram buckets.',
  type: 'Type',
  cause: 'Cause',
  noCause: 'not logged',
  count: 'Count',
  total: 'Total',
  mean: 'Mean',
  nearlyAll: 'p99',
  cycles: 'Concurrent cycles',
  aborted: 'Aborted',
  tested: 'GC findings of the latest load test',
  testedAt: (at) => `From the verdict of ${at}.`,
  testedNothing: 'No GC findings.',
  notTested: 'No verdict of this cluster yet. Run `plimsoll run`, then add it with `plimsoll history add RUN`.',
  deeper: 'For every pause of a log, and the flags to change with their effect:',
  table: 'Table',
};

const zh: GcTexts = {
  title: 'GC 日志',
  titleOf: (of) => `GC 日志：${of}`,
  explained: '来自各 Broker 主机上持续读取的 GC 日志。曲线为最近一天，且不早于本服务启动；累计值自首次读取该日志起。',
  which: '集群',
  howToRead: '如何阅读本页',
  reading: [
    '先看最严重的发现。显示“无”说明请求变慢或消费堆积不是垃圾回收造成的。',
    '“因 GC 停顿”是 JVM 因回收而停顿、Broker 不响应任何请求的时间占比。',
    '把“最长”与客户端超时时间比较：停顿超过超时时间，客户端会重发，或被移出消费组。',
    'Full GC 回收整个堆，期间 JVM 完全停顿。容量合适的 Broker 不应出现。',
    '把最近一次回收后的占用与最大堆比较。最低值连续几天上升，可能有内存泄漏。',
  ],
  brokers: 'Broker',
  all: '全部',
  host: '主机',
  carries: (brokers) => `Broker：${brokers}`,
  readAt: (at, ago) => `最近读取于 ${at}，${ago}。`,
  neverRead: '尚未读取：Prometheus 抓取本服务的 `/metrics` 时才读取主机，自启动以来还没有抓取。',
  failed: (at) => `${at} 读取失败：`,
  noHost: '未配置该 Broker 所在主机，因此没有其日志，请在 `clusters.….brokers` 中填写。',
  noHosts: '未配置该集群各 Broker 所在主机，因此没有日志，请在 `clusters.….brokers` 中填写。',
  noLog: '该主机上没有找到带 GC 日志的 JVM。启动 Broker 时请加 `-Xlog:gc*:file=PATH`。',
  whyNot: '没有其 GC 日志的数据：',
  isRead: (left) => `正在首次读取该日志，剩余 ${left}，读完之前没有数据。`,
  trouble: (reason) => `未能全部读取：${reason}`,
  log: '日志',
  collector: '收集器',
  started: 'JVM 启动于',
  lastWrite: '最近写入',
  heapMax: '最大堆',
  liveSet: '存活对象大小',
  afterLast: '最近一次回收后',
  stopped: '因 GC 停顿',
  stoppedOther: '因其他原因停顿',
  share: (share, span) => `${span}中的 ${share}`,
  pauses: '停顿次数',
  longest: '最长',
  atMost: (bound) => `≤ ${bound}`,
  above: (bound) => `> ${bound}`,
  none: '无',
  fullCollections: 'Full GC',
  worst: '最严重的发现',
  calm: '无',
  stops: '停顿时间占比',
  stopsExplained: '每五分钟内 JVM 停住的时间占比，分为垃圾回收和其他原因。',
  heap: '堆',
  heapExplained: '最近一次回收后，以及最近一次老年代回收后的堆占用。最低值持续上升可能是内存泄漏。',
  tooEarly: '第二次读取之后才有曲线。',
  course: '曲线数据',
  from: '时段',
  totals: '按类型和原因统计的停顿',
  totalsExplained: '自首次读取该日志起统计。时长取自直方图的边界：停顿不超过该值。',
  type: '类型',
  cause: '原因',
  noCause: '未记录',
  count: '次数',
  total: '合计',
  mean: '平均',
  nearlyAll: 'p99',
  cycles: '并发周期',
  aborted: '中止',
  tested: '最近一次压测的 GC 发现',
  testedAt: (at) => `来自 ${at} 的结论。`,
  testedNothing: '没有关于 GC 的发现。',
  notTested: '该集群还没有结论。先执行 `plimsoll run`，再用 `plimsoll history add RUN` 录入。',
  deeper: '完整日志的每次停顿、应修改的参数及其效果：',
  table: '表格',
};

export const gcLanguages = { en, zh } satisfies Record<Language, GcTexts>;
