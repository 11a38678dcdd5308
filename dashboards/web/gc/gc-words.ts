// What does the page of GC logs say? Every language has all of it.

import type { Language } from '../strings.ts';

export interface GcWords {
  title: string;
  titleOf(of: string): string;
  explained: string;
  which: string;
  noClusters: string;
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

const en: GcWords = {
  title: 'GC logs',
  titleOf: (of) => `GC logs: ${of}`,
  explained:
    'Of the GC logs that are followed on the hosts of brokers. The course is of the last day, and no longer than this service runs; sums are since each log was first followed.',
  which: 'Of which cluster?',
  noClusters: 'No cluster is configured.',
  brokers: 'Brokers',
  all: 'all',
  host: 'Host',
  carries: (brokers) => `Brokers: ${brokers}`,
  readAt: (at, ago) => `Last read ${at}, ${ago}.`,
  neverRead:
    'Not read yet: hosts are read when Prometheus scrapes `/metrics` of this service, and that has not happened since it began.',
  failed: (at) => `The reading at ${at} failed:`,
  noHost: 'Config names no host for this broker, so no log is known of it: `clusters.….brokers` does.',
  noHosts: 'Config names no host for any broker of this cluster, so no log is known: `clusters.….brokers` does.',
  noLog: 'No JVM with a GC log was found on this host.',
  whyNot: 'Nothing is told of its GC logs:',
  isRead: (left) => `The log is read for the first time; ${left} are left, and nothing is told of it before.`,
  trouble: (reason) => `Not all of it could be read: ${reason}`,
  log: 'Log',
  collector: 'Collector',
  started: 'JVM started',
  lastWrite: 'Last written',
  heapMax: 'Largest heap',
  liveSet: 'Live set',
  afterLast: 'After the last collection',
  stopped: 'Stopped for GC',
  stoppedOther: 'Stopped for anything else',
  share: (share, span) => `${share} of ${span}`,
  pauses: 'Pauses',
  longest: 'Longest',
  atMost: (bound) => `≤ ${bound}`,
  above: (bound) => `> ${bound}`,
  none: 'none',
  fullCollections: 'Full collections',
  worst: 'Gravest finding',
  calm: 'nothing',
  stops: 'Time stood still',
  stopsExplained: 'Share of each five minutes in which the JVM stood still, for collections and for anything else.',
  heap: 'Heap',
  heapExplained:
    'In use after the last collection, and after the last that cleaned the old generation. A floor that rises is a leak.',
  tooEarly: 'There is no course before the second reading.',
  course: 'Course',
  from: 'From',
  totals: 'Pauses by type and cause',
  totalsExplained:
    'Since the log was first followed. Lengths are bounds of a histogram: a pause was no longer than that.',
  type: 'Type',
  cause: 'Cause',
  noCause: 'not logged',
  count: 'Count',
  total: 'In all',
  mean: 'Mean',
  nearlyAll: '99 % of them',
  cycles: 'Cycles beside the application',
  aborted: 'Given up',
  tested: 'What the newest load test said',
  testedAt: (at) => `Of the verdict of ${at}.`,
  testedNothing: 'It says nothing of GC.',
  notTested: 'No verdict of this cluster is in the ledger.',
  deeper: 'A whole log with every pause, the flags to change and what each would do:',
  table: 'Table',
};

const zh: GcWords = {
  title: 'GC 日志',
  titleOf: (of) => `GC 日志：${of}`,
  explained: '来自各 Broker 主机上持续读取的 GC 日志。曲线为最近一天，且不早于本服务启动；累计值自首次读取该日志起。',
  which: '查看哪个集群？',
  noClusters: '没有配置集群。',
  brokers: 'Broker',
  all: '全部',
  host: '主机',
  carries: (brokers) => `Broker：${brokers}`,
  readAt: (at, ago) => `最近读取于 ${at}，${ago}。`,
  neverRead: '尚未读取：Prometheus 抓取本服务的 `/metrics` 时才读取主机，自启动以来还没有抓取。',
  failed: (at) => `${at} 读取失败：`,
  noHost: '配置未说明该 Broker 所在主机，无从得知其日志，请在 `clusters.….brokers` 中填写。',
  noHosts: '配置未说明该集群任何 Broker 所在主机，无从得知日志，请在 `clusters.….brokers` 中填写。',
  noLog: '该主机上没有找到带 GC 日志的 JVM。',
  whyNot: '没有其 GC 日志的数据：',
  isRead: (left) => `正在首次读取该日志，剩余 ${left}，读完之前没有数据。`,
  trouble: (reason) => `未能全部读取：${reason}`,
  log: '日志',
  collector: '收集器',
  started: 'JVM 启动于',
  lastWrite: '最近写入',
  heapMax: '最大堆',
  liveSet: '存活对象',
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
  heapExplained: '最近一次回收后，以及最近一次清理老年代后的占用。底线持续上升即为泄漏。',
  tooEarly: '第二次读取之后才有曲线。',
  course: '曲线数据',
  from: '时段',
  totals: '按类型和原因统计的停顿',
  totalsExplained: '自首次读取该日志起。长度取自直方图的边界：停顿不超过该值。',
  type: '类型',
  cause: '原因',
  noCause: '未记录',
  count: '次数',
  total: '合计',
  mean: '平均',
  nearlyAll: '其中 99 %',
  cycles: '并发周期',
  aborted: '放弃',
  tested: '最近一次压测的结论',
  testedAt: (at) => `来自 ${at} 的结论。`,
  testedNothing: '其中没有提到 GC。',
  notTested: '台账中没有该集群的结论。',
  deeper: '完整日志的每次停顿、应修改的参数及其效果：',
  table: '表格',
};

export const gcLanguages = { en, zh } satisfies Record<Language, GcWords>;
