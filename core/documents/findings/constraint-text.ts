// Names every limit in English and Chinese, with the measurement that shows whether it is the one.

import type { Constraint } from '../../resource.ts';
import type { InLanguages } from './finding-entry.ts';

export interface ConstraintText {
  name: InLanguages<string>;
  /** An imperative clause: what to measure or to change to confirm or exclude this limit. */
  check: InLanguages<string>;
}

export const constraintTexts: Readonly<Record<Constraint, ConstraintText>> = {
  cpu: {
    name: { en: 'CPU', zh: 'CPU' },
    check: { en: 'add the host to `hosts:` to record its CPU', zh: '在 `hosts:` 中添加该主机以采集 CPU' },
  },
  'disk-io': {
    name: { en: 'disk I/O', zh: '磁盘 I/O' },
    check: { en: 'compare `iostat -x` of the host at both rates', zh: '对比该主机在两个速率下的 `iostat -x`' },
  },
  'disk-space': {
    name: { en: 'disk space', zh: '磁盘空间' },
    check: { en: 'check `df` on the log directory', zh: '检查日志目录的 `df`' },
  },
  'network-in': {
    name: { en: 'inbound network', zh: '入方向网络' },
    check: {
      en: 'measure the real link speed with `iperf3`, towards the broker',
      zh: '用 `iperf3` 测量到该 Broker 的实际带宽',
    },
  },
  'network-out': {
    name: { en: 'outbound network', zh: '出方向网络' },
    check: {
      en: 'measure the real link speed with `iperf3`, from the broker',
      zh: '用 `iperf3` 测量从该 Broker 发出的实际带宽',
    },
  },
  memory: {
    name: { en: 'memory', zh: '内存' },
    check: { en: 'check page reclaim with `vmstat 1`', zh: '用 `vmstat 1` 检查内存页回收' },
  },
  heap: {
    name: { en: 'heap and GC', zh: '堆内存与 GC' },
    check: { en: "read the broker's GC log with `plimsoll gc`", zh: '用 `plimsoll gc` 分析该 Broker 的 GC 日志' },
  },
  threads: {
    name: { en: 'broker threads', zh: 'Broker 线程' },
    check: { en: 'take two thread dumps 10 s apart', zh: '间隔 10 秒采集两次线程栈' },
  },
  'request-handlers': {
    name: { en: 'request handlers', zh: '请求处理线程' },
    check: {
      en: 'add `jmx` to the cluster to record the idle ratio of request handlers',
      zh: '为集群配置 `jmx`，采集请求处理线程的空闲率',
    },
  },
  'network-threads': {
    name: { en: 'network threads', zh: '网络线程' },
    check: {
      en: 'add `jmx` to the cluster to record the idle ratio of network threads',
      zh: '为集群配置 `jmx`，采集网络线程的空闲率',
    },
  },
  'send-queue': {
    name: { en: 'send queue', zh: '发送队列' },
    check: {
      en: 'check `sendThreadPoolQueueHeadWaitTimeMills` of the broker',
      zh: '检查该 Broker 的 `sendThreadPoolQueueHeadWaitTimeMills`',
    },
  },
  replication: {
    name: { en: 'replication', zh: '副本同步' },
    check: {
      en: 'run the highest step again with `acks: 1` and compare',
      zh: '用 `acks: 1` 重跑最高的一步并对比',
    },
  },
  flush: {
    name: { en: 'flush to disk', zh: '刷盘' },
    check: {
      en: 'measure flush times, or run the step again with asynchronous flush',
      zh: '测量刷盘耗时，或改为异步刷盘后重跑该步',
    },
  },
  'produce-quota': {
    name: { en: 'produce quota', zh: '生产配额' },
    check: {
      en: 'list quotas with `kafka-configs --describe --entity-type clients` and `--entity-type users`',
      zh: '用 `kafka-configs --describe --entity-type clients` 和 `--entity-type users` 列出配额',
    },
  },
  'fetch-quota': {
    name: { en: 'fetch quota', zh: '消费配额' },
    check: {
      en: 'list quotas with `kafka-configs --describe --entity-type clients` and `--entity-type users`',
      zh: '用 `kafka-configs --describe --entity-type clients` 和 `--entity-type users` 列出配额',
    },
  },
  'request-quota': {
    name: { en: 'request quota', zh: '请求配额' },
    check: {
      en: 'list quotas with `kafka-configs --describe --entity-type clients` and `--entity-type users`',
      zh: '用 `kafka-configs --describe --entity-type clients` 和 `--entity-type users` 列出配额',
    },
  },
  connections: {
    name: { en: 'connections', zh: '连接数' },
    check: {
      en: 'compare the number of connections with `max.connections` of the broker',
      zh: '将连接数与该 Broker 的 `max.connections` 对比',
    },
  },
};
