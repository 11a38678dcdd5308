// Generates the series of a fleet of Kafka clusters: one sample per minute per broker, host and service.

import { seededRandom } from '../core/statistics/seeded-random.ts';
import { serviceSeries } from './fleet-store-service-series.ts';
import { hostOf, type StoredFleet, type StoredSeries } from './stored-fleet.ts';

const cores = 4;
const linkBytesPerSecond = 1.25e9;
const cpuSecondsPerMessage = 2.5e-5;
const bytesPerMessage = { in: 1100, out: 2300 };
const messagesPerFrame = 1.3;
const handlers = 8;
const memory = 64e9;
/** Messages per second of a broker at midday: half of its cores are busy. */
const middayTps = 80_000;

const brokerNames = ({ brokersPerCluster }: StoredFleet) =>
  Array.from({ length: brokersPerCluster }, (_, index) => String(index + 1));

export function* storedSeriesOf(fleet: StoredFleet, cluster: string): Iterable<StoredSeries> {
  const load = loadSeries(fleet, cluster);
  for (const broker of brokerNames(fleet)) {
    const draw = seededRandom(`${cluster} ${broker}`);
    const sent = counted(load, () => 0.97 + 0.06 * draw.uniform());
    yield* brokerSeries(cluster, broker, sent, draw.uniform);
    yield* machineSeries(cluster, broker, sent, draw.uniform, fleet);
  }
  yield* serviceSeries(cluster, load, { safe: fleet.brokersPerCluster * middayTps, brokers: fleet.brokersPerCluster });
}

/**
 * Messages per second of each broker, minute by minute: a daily curve with an evening, and quarters of an hour that
 * differ.
 */
function loadSeries({ from, minutes }: StoredFleet, cluster: string): Float64Array {
  const draw = seededRandom(cluster);
  const size = 0.7 + 0.3 * draw.uniform();
  const quarters = Array.from({ length: Math.ceil(minutes / 15) }, () => 0.9 + 0.2 * draw.uniform());
  return Float64Array.from({ length: minutes }, (_, minute) => {
    const hour = ((from / 3600 + minute / 60) % 24) - 20;
    const shape = 0.6 + 0.4 * Math.cos((2 * Math.PI * hour) / 24);
    return middayTps * size * shape * (quarters[Math.floor(minute / 15)] ?? 1);
  });
}

/** An integer counter that increases by `load` per second. */
function counted(load: Float64Array, share: () => number): Float64Array {
  let sum = 0;
  return load.map((rate) => (sum += Math.round(rate * 60 * share())));
}

function* brokerSeries(
  cluster: string,
  broker: string,
  sent: Float64Array,
  uniform: () => number,
): Iterable<StoredSeries> {
  const labels = { cluster, broker, job: 'plimsoll', instance: 'plimsoll.example:18761' };
  const own = (metric: string, values: StoredSeries['values'], more = {}) => ({
    metric,
    labels: { ...labels, ...more },
    values,
  });
  const inMinute = (minute: number) => ((sent[minute] ?? 0) - (sent[minute - 1] ?? 0)) / 60;
  let idle = 0;
  yield own('kafka_broker_messages_in_total', sent);
  yield own(
    'kafka_broker_bytes_in_total',
    sent.map((count) => count * bytesPerMessage.in - 30 * (count % 7)),
  );
  yield own(
    'kafka_broker_bytes_out_total',
    sent.map((count) => count * bytesPerMessage.out - 50 * (count % 11)),
  );
  yield own(
    'kafka_broker_request_handler_idle_seconds_total',
    sent.map((_, minute) => (idle = hundredths(idle + 60 * (1 - inMinute(minute) / (handlers * 40_000))))),
    { pool: 'broker' },
  );
  yield own(
    'kafka_broker_jvm_memory_used_bytes',
    sent.map(() => Math.round(1e9 + 2e9 * uniform())),
    { area: 'heap' },
  );
  yield own('kafka_broker_jvm_memory_max_bytes', 6e9, { area: 'heap' });
  yield own('plimsoll_broker_host_info', 1, { host: hostOf(cluster, broker), process: 'kafka' });
}

function* machineSeries(
  cluster: string,
  broker: string,
  sent: Float64Array,
  uniform: () => number,
  { from }: StoredFleet,
): Iterable<StoredSeries> {
  const labels = { host: hostOf(cluster, broker), job: 'plimsoll', instance: 'plimsoll.example:18761' };
  const own = (metric: string, values: StoredSeries['values'], more = {}) => ({
    metric,
    labels: { ...labels, ...more },
    values,
  });
  const up = (minute: number) => 60 * (minute + 1);
  for (let cpu = 0; cpu < cores; cpu++) {
    const each = (mode: string, values: Float64Array) =>
      own('node_cpu_seconds_total', values, { cpu: String(cpu), mode });
    const user = sent.map((count, minute) => hundredths((count * cpuSecondsPerMessage) / cores + up(minute) * 0.02));
    const waited = sent.map((_, minute) => hundredths(up(minute) * 0.004));
    yield each('user', user);
    yield each('iowait', waited);
    yield each(
      'idle',
      sent.map((_, minute) => hundredths(up(minute) - (user[minute] ?? 0) - (waited[minute] ?? 0))),
    );
  }
  yield own('node_memory_MemTotal_bytes', memory);
  yield own(
    'node_memory_MemAvailable_bytes',
    sent.map(() => Math.round(4e9 * (10 + uniform()))),
  );
  yield own('node_boot_time_seconds', from - 40 * 86_400);
  for (const [direction, bytes] of [
    ['receive', bytesPerMessage.in],
    ['transmit', bytesPerMessage.out],
  ] as const) {
    const device = { device: 'eth0' };
    yield own(
      `node_network_${direction}_bytes_total`,
      sent.map((count) => count * bytes + 40 * (count % 13)),
      device,
    );
    yield own(
      `node_network_${direction}_packets_total`,
      sent.map((count) => Math.round(count / messagesPerFrame)),
      device,
    );
    yield own('plimsoll_host_link_speed_bytes', linkBytesPerSecond, { ...device, direction });
    yield own(
      'plimsoll_host_link_utilisation_ratio',
      sent.map((count, minute) => hundredths((bytes * (count - (sent[minute - 1] ?? 0))) / 60 / linkBytesPerSecond)),
      { ...device, direction },
    );
  }
  yield own(
    'plimsoll_host_hottest_core_ratio',
    sent.map(() => hundredths(0.3 + 0.2 * uniform())),
  );
  yield own(
    'node_disk_io_time_seconds_total',
    sent.map((count) => hundredths(count * 4e-6)),
    { device: 'sda' },
  );
}

const hundredths = (value: number) => Math.round(value * 100) / 100;
