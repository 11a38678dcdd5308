// Generates the monitoring series of a cluster with known figures, with metric names of common exporters.

export interface KeptSeries {
  metric: string;
  type: 'counter' | 'gauge';
  labels: Readonly<Record<string, string>>;
  /** Value at a time in seconds since the epoch; undefined if no sample was stored. */
  at(time: number): number | undefined;
}

export interface HistorySpan {
  from: number;
  to: number;
  scrapeSeconds: number;
}

/** Messages a second sent by producers to one broker: a wave with a period of an hour. */
export function rateAt(time: number, share: number): number {
  return share * (2000 + 800 * Math.sin((2 * Math.PI * time) / 3600));
}

/** Integral of `rateAt`: messages sent until a time. */
export function sentUntil(time: number, share: number): number {
  return share * (2000 * time + ((800 * 3600) / (2 * Math.PI)) * (1 - Math.cos((2 * Math.PI * time) / 3600)));
}

export const bytesPerMessage = { in: 520, out: 1100 };
export const messagesPerFrame = 5;
export const idleBytesPerSecond = 30_000;
export const cpuSecondsPerMessage = 0.0004;

export interface HistoryOptions extends HistorySpan {
  brokers: number;
  cores?: number;
  /** Seconds since the epoch at which the last broker was restarted. */
  restartedAt?: number;
  /** Period without samples of the first host. */
  gap?: { from: number; to: number };
  job?: string;
}

/** Series of node_exporter on every host. */
export function nodeExporterHistory({ from, brokers, cores = 4, gap, job = 'node' }: HistoryOptions): KeptSeries[] {
  return Array.from({ length: brokers }, (_, index) => {
    const share = 1 / (index + 1);
    const instance = `10.0.0.${index + 1}:9100`;
    const isLost = (time: number) => index === 0 && gap !== undefined && time >= gap.from && time < gap.to;
    const series = (
      metric: string,
      type: KeptSeries['type'],
      labels: Record<string, string>,
      at: (time: number) => number,
    ) => ({
      metric,
      type,
      labels: { ...labels, instance, job },
      at: (time: number) => (isLost(time) ? undefined : at(time)),
    });
    const sent = (time: number) => sentUntil(time - from, share);
    const up = (time: number) => time - from;
    const busy = (time: number) => sent(time) * cpuSecondsPerMessage;
    return [
      ...Array.from({ length: cores }, (_core, cpu) => [
        series('node_cpu_seconds_total', 'counter', { cpu: String(cpu), mode: 'user' }, (time) => busy(time) / cores),
        series('node_cpu_seconds_total', 'counter', { cpu: String(cpu), mode: 'iowait' }, (time) => up(time) * 0.01),
        series('node_cpu_seconds_total', 'counter', { cpu: String(cpu), mode: 'steal' }, () => 0),
        series(
          'node_cpu_seconds_total',
          'counter',
          { cpu: String(cpu), mode: 'idle' },
          (time) => up(time) * 0.99 - busy(time) / cores,
        ),
      ]).flat(),
      series('node_load1', 'gauge', {}, () => 1.5),
      series('node_memory_MemTotal_bytes', 'gauge', {}, () => 16e9),
      series('node_memory_MemAvailable_bytes', 'gauge', {}, () => 10e9),
      series('node_boot_time_seconds', 'gauge', {}, () => from - 86_400),
      ...['eth0', 'lo'].flatMap((device) => [
        series(
          'node_network_receive_bytes_total',
          'counter',
          { device },
          (time) => idleBytesPerSecond * up(time) + bytesPerMessage.in * sent(time),
        ),
        series('node_network_receive_packets_total', 'counter', { device }, (time) => sent(time) / messagesPerFrame),
        series(
          'node_network_transmit_bytes_total',
          'counter',
          { device },
          (time) => idleBytesPerSecond * up(time) + bytesPerMessage.out * sent(time),
        ),
        series('node_network_transmit_packets_total', 'counter', { device }, (time) => sent(time) / messagesPerFrame),
        series('node_network_receive_drop_total', 'counter', { device }, () => 0),
        series('node_network_transmit_drop_total', 'counter', { device }, () => 0),
      ]),
      series('node_network_speed_bytes', 'gauge', { device: 'eth0' }, () => 125e6),
      series('node_disk_io_time_seconds_total', 'counter', { device: 'sda' }, (time) => up(time) * 0.2),
      series('node_disk_read_time_seconds_total', 'counter', { device: 'sda' }, () => 0),
      series('node_disk_write_time_seconds_total', 'counter', { device: 'sda' }, (time) => up(time) * 0.5),
      series('node_disk_reads_completed_total', 'counter', { device: 'sda' }, () => 0),
      series('node_disk_writes_completed_total', 'counter', { device: 'sda' }, (time) => up(time) * 100),
      series('node_disk_written_bytes_total', 'counter', { device: 'sda' }, (time) => sent(time) * bytesPerMessage.in),
    ];
  }).flat();
}

/** Series of the JMX exporter with its example rules, in every broker. */
export function jmxExporterHistory({ from, brokers, restartedAt, job = 'kafka' }: HistoryOptions): KeptSeries[] {
  return Array.from({ length: brokers }, (_, index) => {
    const share = 1 / (index + 1);
    const start = (time: number) =>
      index === brokers - 1 && restartedAt !== undefined && time >= restartedAt ? restartedAt : from;
    const labels = { instance: `10.0.0.${index + 1}:7071`, job };
    // Counters of a broker start at zero after its restart.
    const sent = (time: number) => sentUntil(time - from, share) - sentUntil(start(time) - from, share);
    const counter = (metric: string, more: Record<string, string>, at: (time: number) => number): KeptSeries => ({
      metric,
      type: 'counter',
      labels: { ...labels, ...more },
      at,
    });
    const gauge = (metric: string, more: Record<string, string>, at: (time: number) => number): KeptSeries => ({
      ...counter(metric, more, at),
      type: 'gauge',
    });
    const meter = (name: string, factor: number) => [
      counter(`kafka_server_brokertopicmetrics_${name}_total`, {}, (time) => sent(time) * factor),
      counter(
        `kafka_server_brokertopicmetrics_${name}_total`,
        { topic: 'orders' },
        (time) => sent(time) * factor * 0.9,
      ),
      counter(`kafka_server_brokertopicmetrics_${name}_total`, { topic: 'mail' }, (time) => sent(time) * factor * 0.1),
    ];
    return [
      ...meter('messagesin', 1),
      ...meter('bytesin', 500),
      ...meter('bytesout', 1000),
      counter(
        'kafka_network_requestmetrics_requests_total',
        { request: 'Produce', version: '11' },
        (time) => sent(time) / 10,
      ),
      counter(
        'kafka_network_requestmetrics_requests_total',
        { request: 'Fetch', version: '17' },
        (time) => sent(time) / 20,
      ),
      counter(
        'kafka_server_kafkarequesthandlerpool_requesthandleravgidlepercent_count_total',
        {},
        (time) => (time - start(time)) * 0.8e9,
      ),
      gauge('kafka_network_socketserver_networkprocessoravgidlepercent', {}, () => 0.9),
      gauge('kafka_server_replicamanager_underreplicatedpartitions', {}, () => 0),
      gauge('kafka_server_replicamanager_leadercount', {}, () => 10),
      gauge('jvm_memory_used_bytes', { area: 'heap' }, (time) => 1e9 + 5e8 * ((time % 60) / 60)),
      gauge('jvm_memory_max_bytes', { area: 'heap' }, () => 4e9),
      counter('jvm_gc_collection_seconds_sum', { gc: 'G1 Young Generation' }, (time) => (time - start(time)) * 0.02),
      gauge('process_start_time_seconds', {}, start),
    ];
  }).flat();
}

/** Series of kafka_exporter beside the cluster. */
export function kafkaExporterHistory({ from, brokers, job = 'kafka-exporter' }: HistoryOptions): KeptSeries[] {
  const labels = { instance: '10.0.0.9:9308', job };
  const gauge = (metric: string, more: Record<string, string>, at: (time: number) => number): KeptSeries => ({
    metric,
    type: 'gauge',
    labels: { ...labels, ...more },
    at,
  });
  return [
    gauge('kafka_brokers', {}, () => brokers),
    ...Array.from({ length: brokers }, (_, index) =>
      gauge('kafka_broker_info', { id: String(index + 1), address: `10.0.0.${index + 1}:9092` }, () => 1),
    ),
    ...Array.from({ length: 4 }, (_, partition) => [
      gauge('kafka_topic_partition_current_offset', { topic: 'orders', partition: String(partition) }, (time) =>
        Math.floor(
          Array.from({ length: brokers }, (_b, index) => sentUntil(time - from, 1 / (index + 1))).reduce(
            (a, b) => a + b,
          ) / 4,
        ),
      ),
      gauge(
        'kafka_topic_partition_under_replicated_partition',
        { topic: 'orders', partition: String(partition) },
        () => 0,
      ),
      gauge(
        'kafka_consumergroup_lag',
        { consumergroup: 'billing', topic: 'orders', partition: String(partition) },
        () => 25,
      ),
      gauge('kafka_consumergroup_lag', { consumergroup: 'audit', topic: 'orders', partition: String(partition) }, () =>
        partition === 0 ? 7 : -1,
      ),
    ]).flat(),
  ];
}

const labelsText = (labels: KeptSeries['labels']) =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',')}}`;

/** Formats OpenMetrics text for promtool, which creates blocks from it: samples of one family are adjacent. */
export function openMetricsText(history: readonly KeptSeries[], { from, to, scrapeSeconds }: HistorySpan): string {
  const lines: string[] = [];
  for (const [metric, series] of Map.groupBy(history, (each) => each.metric)) {
    lines.push(`# TYPE ${metric} unknown`);
    for (const { labels, at } of series) {
      const text = metric + labelsText(labels);
      for (let time = from; time <= to; time += scrapeSeconds) {
        const value = at(time);
        if (value !== undefined) lines.push(`${text} ${value} ${time}`);
      }
    }
  }
  return `${lines.join('\n')}\n# EOF\n`;
}

/** Formats the Prometheus text format with milliseconds, as VictoriaMetrics imports it. */
export function prometheusText(history: readonly KeptSeries[], { from, to, scrapeSeconds }: HistorySpan): string {
  const lines: string[] = [];
  for (const { metric, labels, at } of history) {
    for (let time = from; time <= to; time += scrapeSeconds) {
      const value = at(time);
      if (value !== undefined) lines.push(`${metric}${labelsText(labels)} ${value} ${time * 1000}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Series of a build of rocketmq-exporter that exports the sum of a minute as a rate, and polls once a minute. */
export function rocketmqExporterHistory(
  { from, brokers, job = 'rocketmq' }: HistoryOptions,
  perMinute: boolean,
): KeptSeries[] {
  const minute = (time: number) => Math.floor(time / 60) * 60;
  return Array.from({ length: brokers }, (_, index): KeptSeries[] => {
    const share = 1 / (index + 1);
    const labels = { instance: '10.0.0.9:5557', job, cluster: 'DefaultCluster', broker: `broker-${index}` };
    const address = { brokerIP: `10.0.0.${index + 1}:10911` };
    const rate = (time: number) =>
      (sentUntil(minute(time) - from, share) - sentUntil(minute(time) - 60 - from, share)) / 60;
    return [
      {
        metric: 'rocketmq_producer_offset',
        type: 'gauge',
        labels: { ...labels, topic: 'orders' },
        at: (time) => Math.floor(sentUntil(minute(time) - from, share)),
      },
      {
        metric: 'rocketmq_broker_tps',
        type: 'gauge',
        labels: { ...labels, ...address },
        at: (time) => rate(time) * (perMinute ? 60 : 1),
      },
      {
        metric: 'rocketmq_producer_message_size',
        type: 'gauge',
        labels: { ...labels, topic: 'orders' },
        at: (time) => rate(time) * 500 * (perMinute ? 60 : 1),
      },
      {
        metric: 'rocketmq_brokeruntime_send_threadpoolqueue_headwait_timemills',
        type: 'gauge',
        labels: {
          ...address,
          instance: '10.0.0.9:5557',
          job,
          cluster: 'DefaultCluster',
          brokerHost: '',
          boottime: '1',
        },
        at: () => 40,
      },
    ];
  }).flat();
}

/**
 * Series of cAdvisor on a node with two broker pods and another pod, and of the JMX exporter of the brokers. In the second broker pod,
 * only the sidecar has limits.
 */
export function podHistory({ from }: HistoryOptions): KeptSeries[] {
  const sent = (time: number) => sentUntil(time - from, 1);
  const counter = (metric: string, labels: Record<string, string>, at: KeptSeries['at']): KeptSeries => ({
    metric,
    type: 'counter',
    labels,
    at,
  });
  const kubelet = { job: 'kubelet', instance: '10.1.0.1:10250', namespace: 'kafka', node: 'node-1' };
  const limited = { quota: 150_000, limitBytes: 4e9 };
  const containers = [
    { pod: 'events-kafka-0', container: 'app', ...limited },
    // For such a container, cAdvisor exports no quota and a limit of 0.
    { pod: 'events-kafka-1', container: 'app', quota: undefined, limitBytes: 0 },
    { pod: 'events-kafka-1', container: 'sidecar', quota: 20_000, limitBytes: 1e8 },
    { pod: 'web-7f9c', container: 'app', ...limited },
  ];
  const brokers = ['events-kafka-0', 'events-kafka-1'];
  return [
    ...containers.flatMap(({ pod, container, quota, limitBytes }) => [
      counter(
        'container_cpu_usage_seconds_total',
        { ...kubelet, pod, container },
        (time) => sent(time) * cpuSecondsPerMessage,
      ),
      counter('container_spec_cpu_quota', { ...kubelet, pod, container }, () => quota),
      counter('container_spec_cpu_period', { ...kubelet, pod, container }, () => 100_000),
      counter('container_memory_working_set_bytes', { ...kubelet, pod, container }, () => 3e9),
      // The kubelet exports both series of a container also at /metrics/resource.
      counter(
        'container_cpu_usage_seconds_total',
        { ...kubelet, metrics_path: '/metrics/resource', pod, container },
        (time) => sent(time) * cpuSecondsPerMessage,
      ),
      counter(
        'container_memory_working_set_bytes',
        { ...kubelet, metrics_path: '/metrics/resource', pod, container },
        () => 3e9,
      ),
      counter('container_spec_memory_limit_bytes', { ...kubelet, pod, container }, () => limitBytes),
    ]),
    ...[...brokers, 'web-7f9c'].flatMap((pod) => [
      // The sum of the pod, as counted by its cgroup.
      counter(
        'container_cpu_usage_seconds_total',
        { ...kubelet, pod },
        (time) => sent(time) * cpuSecondsPerMessage * 1.1,
      ),
      ...['receive', 'transmit'].flatMap((direction) => [
        counter(
          `container_network_${direction}_bytes_total`,
          { ...kubelet, pod, interface: 'eth0' },
          (time) => sent(time) * 500,
        ),
        counter(`container_network_${direction}_packets_total`, { ...kubelet, pod, interface: 'eth0' }, (time) =>
          sent(time),
        ),
      ]),
    ]),
    ...brokers.flatMap((pod, index) => [
      counter(
        'kafka_server_brokertopicmetrics_messagesin_total',
        {
          job: 'strimzi',
          instance: `10.2.0.${7 + index}:9404`,
          pod,
          namespace: 'kafka',
          strimzi_io_cluster: 'events',
          cluster: 'eu-1',
        },
        sent,
      ),
      counter(
        'kafka_broker_info',
        {
          job: 'strimzi',
          instance: '10.2.0.9:9404',
          id: String(index),
          address: `${pod}.events-kafka-brokers.kafka.svc:9092`,
          namespace: 'kafka',
          strimzi_io_cluster: 'events',
        },
        () => 1,
      ),
    ]),
  ];
}
