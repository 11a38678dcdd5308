// Names every possible limit of a load, and the symptoms that are only evidence of one, in English and Chinese.

import type { BrokerFigures } from './documents/evidence/broker-figures.ts';

type InLanguages = Readonly<Record<'en' | 'zh', string>>;

interface ConstraintRow {
  name: InLanguages;
  /** An imperative clause: what to measure or change to confirm or exclude this limit. */
  check: InLanguages;
  /** Whether use follows the traffic of a broker. Memory, heap and disk space fill up independently of it. */
  followsTraffic: boolean;
}

interface MeasuredQueueRow extends ConstraintRow {
  /** Broker figure that is the use, in the unit of the capacity. */
  figure: keyof BrokerFigures;
  /** The figure, as text. */
  requires: string;
  /** A ratio is of all the time, which texts of the capacity say. */
  capacity: ({ value: 1; unit: 'ratio' } | { value: number; unit: 's' | 'requests' | 'bytes' }) & {
    source(node: string): string;
  };
}

const listQuotas = {
  en: 'list quotas with `kafka-configs --describe --entity-type clients` and `--entity-type users`',
  zh: '用 `kafka-configs --describe --entity-type clients` 和 `--entity-type users` 列出配额',
};

/** Resources with a capacity that can be bought. */
const resources = {
  cpu: {
    name: { en: 'CPU', zh: 'CPU' },
    check: { en: 'add the host to `hosts:` to record its CPU', zh: '在 `hosts:` 中添加该主机以采集 CPU' },
    followsTraffic: true,
  },
  'disk-io': {
    name: { en: 'disk-io', zh: '磁盘 I/O' },
    check: { en: 'compare `iostat -x` of the host at both rates', zh: '对比该主机在两个速率下的 `iostat -x`' },
    followsTraffic: true,
  },
  'disk-space': {
    name: { en: 'disk-space', zh: '磁盘空间' },
    check: { en: 'check `df` on the log directory', zh: '检查日志目录的 `df`' },
    followsTraffic: false,
  },
  'network-in': {
    name: { en: 'network-in', zh: '网卡入向' },
    check: {
      en: 'measure the real link speed with `iperf3`, towards the broker',
      zh: '用 `iperf3` 测量到该 Broker 的实际带宽',
    },
    followsTraffic: true,
  },
  'network-out': {
    name: { en: 'network-out', zh: '网卡出向' },
    check: {
      en: 'measure the real link speed with `iperf3`, from the broker',
      zh: '用 `iperf3` 测量从该 Broker 发出的实际带宽',
    },
    followsTraffic: true,
  },
  memory: {
    name: { en: 'memory', zh: '内存' },
    check: { en: 'check page reclaim with `vmstat 1`', zh: '用 `vmstat 1` 检查内存页回收' },
    followsTraffic: false,
  },
  heap: {
    name: { en: 'heap', zh: '堆内存' },
    check: { en: "read the broker's GC log with `plimsoll gc`", zh: '用 `plimsoll gc` 分析该 Broker 的 GC 日志' },
    followsTraffic: false,
  },
  threads: {
    name: { en: 'threads', zh: '线程' },
    check: { en: 'take two thread dumps 10 s apart', zh: '间隔 10 秒采集两次线程栈' },
    followsTraffic: false,
  },
} as const satisfies Record<string, ConstraintRow>;

/**
 * Queues and stages inside a broker, assessed by one figure of it. A thread pool is a queueing station: its utilisation is
 * rate × time in the pool / threads, which Kafka reports as one minus the idle share. Time that a handler waits for a
 * disk counts as busy.
 */
export const measuredQueues = {
  'request-handlers': {
    name: { en: 'request handlers', zh: '请求处理线程' },
    check: {
      en: 'add `jmx` to the cluster to record the idle ratio of request handlers',
      zh: '为集群配置 `jmx`，采集请求处理线程的空闲率',
    },
    followsTraffic: true,
    figure: 'requestHandlersBusy',
    requires: 'idle share of the request handlers of a Kafka broker',
    capacity: {
      value: 1,
      unit: 'ratio',
      source: (node) => `the request handlers of ${node} busy all the time (1 − RequestHandlerAvgIdlePercent)`,
    },
  },
  'network-threads': {
    name: { en: 'network threads', zh: '网络线程' },
    check: {
      en: 'add `jmx` to the cluster to record the idle ratio of network threads',
      zh: '为集群配置 `jmx`，采集网络线程的空闲率',
    },
    followsTraffic: true,
    figure: 'networkProcessorsBusy',
    requires: 'idle share of the network threads of a Kafka broker',
    capacity: {
      value: 1,
      unit: 'ratio',
      source: (node) =>
        `the network threads of ${node} busy all the time (1 − io-wait-ratio of the busiest listener, or NetworkProcessorAvgIdlePercent if only that is exported)`,
    },
  },
} as const satisfies Record<string, MeasuredQueueRow>;

/** Queues and stages inside a broker; more threads or another setting raise the limit. */
const brokerQueues = {
  ...measuredQueues,
  'send-queue': {
    name: { en: 'send queue', zh: '发送队列' },
    check: {
      en: 'check `sendThreadPoolQueueHeadWaitTimeMills` of the broker',
      zh: '检查该 Broker 的 `sendThreadPoolQueueHeadWaitTimeMills`',
    },
    followsTraffic: true,
  },
  replication: {
    name: { en: 'replication', zh: '副本复制' },
    check: {
      en: 'run the highest step again with `acks: 1` and compare',
      zh: '用 `acks: 1` 重跑最高的台阶并对比',
    },
    followsTraffic: false,
  },
  flush: {
    name: { en: 'flush', zh: '刷盘' },
    check: {
      en: 'measure flush times, or run the step again with asynchronous flush',
      zh: '测量刷盘耗时，或改为异步刷盘后重跑该台阶',
    },
    followsTraffic: false,
  },
} as const satisfies Record<string, ConstraintRow>;

/** Limits that only the configuration sets. */
const configuredLimits = {
  'produce-quota': { name: { en: 'produce quota', zh: '生产配额' }, check: listQuotas, followsTraffic: false },
  'fetch-quota': { name: { en: 'fetch quota', zh: '消费配额' }, check: listQuotas, followsTraffic: false },
  'request-quota': { name: { en: 'request quota', zh: '请求配额' }, check: listQuotas, followsTraffic: false },
  connections: {
    name: { en: 'connections', zh: '连接数' },
    check: {
      en: 'compare the number of connections with `max.connections` of the broker',
      zh: '将连接数与该 Broker 的 `max.connections` 对比',
    },
    followsTraffic: false,
  },
} as const satisfies Record<string, ConstraintRow>;

/** Everything at a node that can be exhausted and limit the load. */
export const constraints = { ...resources, ...brokerQueues, ...configuredLimits };

export type Constraint = keyof typeof constraints;
export type Resource = keyof typeof resources;
export type MeasuredQueue = keyof typeof measuredQueues;
export type ConfiguredLimitName = keyof typeof configuredLimits;

export const constraintNames = Object.keys(constraints) as Constraint[];
export const resourceNames = Object.keys(resources) as Resource[];

/** Whether the broker or its configuration reports it, not the host. */
export const isInsideBroker = (name: Constraint): boolean => !Object.hasOwn(resources, name);
export const isConfigured = (name: Constraint): boolean => Object.hasOwn(configuredLimits, name);

/** Symptoms have a threshold and are only evidence: never a utilisation, never a capacity. */
const symptoms = {
  iowait: { name: { en: 'iowait', zh: 'iowait' } },
  'gc-pause': { name: { en: 'GC pause', zh: 'GC 停顿' } },
  'consumer-lag': { name: { en: 'consumer lag', zh: '消费堆积' } },
  'publish-latency': { name: { en: 'publish latency', zh: '发送延迟' } },
  'send-errors': { name: { en: 'send errors', zh: '发送错误' } },
} as const satisfies Record<string, { name: InLanguages }>;

export type Symptom = keyof typeof symptoms;
export const symptomNames = Object.keys(symptoms) as Symptom[];

/** @returns the name of each limit and symptom in a language */
export function limitNames(language: keyof InLanguages): Readonly<Record<Constraint | Symptom, string>> {
  const rows = Object.entries({ ...constraints, ...symptoms }) as [Constraint | Symptom, { name: InLanguages }][];
  return Object.fromEntries(rows.map(([row, { name }]) => [row, name[language]])) as Record<
    Constraint | Symptom,
    string
  >;
}

const traffic: ReadonlySet<string> = new Set(constraintNames.filter((name) => constraints[name].followsTraffic));

export const followsTraffic = (name: string): boolean => traffic.has(name);
