import { expect, test } from 'vitest';
import {
  assembled,
  brokerIntervalsOf,
  environmentOf,
  trafficOf,
} from '../../../../../analyzer/evidence/sources/assembly.ts';
import type { FigureSeries } from '../../../../../analyzer/evidence/sources/figure-series.ts';
import type { FigureName } from '../../../../../analyzer/evidence/sources/figures.ts';
import { hostSeriesOf } from '../../../../../analyzer/evidence/sources/host-series.ts';
import { isPerMinute, rateOverOffsets } from '../../../../../analyzer/evidence/sources/prometheus-telemetry.ts';
import { topologyEventsOf } from '../../../../../analyzer/evidence/sources/topology-events.ts';

const nothing = Number.NaN;
const series = (
  figure: FigureName,
  target: string,
  values: number[],
  over: Partial<FigureSeries> = {},
): FigureSeries => ({
  figure,
  target,
  addresses: [target],
  firstEnd: 30,
  gridSeconds: 30,
  values: Float64Array.from(values),
  source: 'test',
  ...over,
});

test('a section that is unknown in an interval is absent from it', () => {
  const hosts = hostSeriesOf(
    [
      series('busyCores', 'a', [1, nothing, 2]),
      series('cores', 'a', [4, 4, 4]),
      series('retransmitsPerSecond', 'a', [nothing, nothing, 0.5]),
    ],
    {},
  );
  expect(hosts.get('a')?.intervals).toEqual([
    { from: 0, to: 30, cpu: { busyCores: 1, cores: 4, iowaitCores: 0, stealCores: 0 } },
    { from: 60, to: 90, cpu: { busyCores: 2, cores: 4, iowaitCores: 0, stealCores: 0 }, retransmitsPerSecond: 0.5 },
  ]);
});

test('a card that reports only one direction is ignored', () => {
  const hosts = hostSeriesOf([series('networkInBytesPerSecond', 'a', [1], { device: 'eth0' })], {});
  expect(hosts.get('a')?.intervals).toEqual([]);
});

test('a speed from the config takes precedence over a reported speed', () => {
  const figures = [
    series('networkInBytesPerSecond', 'a', [1], { device: 'eth0' }),
    series('networkOutBytesPerSecond', 'a', [1], { device: 'eth0' }),
    series('linkBytesPerSecond', 'a', [125e6], { device: 'eth0' }),
  ];
  const speedOf = (stated: object) => hostSeriesOf(figures, { a: stated }).get('a')?.inventory?.networkDevices;
  expect(speedOf({})).toEqual([{ device: 'eth0', speed: { bitsPerSecond: 1e9, source: 'test' } }]);
  expect(speedOf({ speed: 5e8, speedSource: 'contract' })).toEqual([
    { device: 'eth0', speed: { bitsPerSecond: 5e8, source: 'contract' } },
  ]);
});

test('the cluster has a rate only at times when every broker reported its rate', () => {
  const brokers = [
    series('messagesInPerSecond', '1', [10, 10, 10]),
    series('messagesInPerSecond', '2', [5, nothing, 5]),
  ];
  expect(trafficOf(brokers).map(({ to, messagesPerSecond }) => [to, messagesPerSecond])).toEqual([
    [30, 15],
    [90, 15],
  ]);
  // kafka_exporter still has the offsets of all partitions.
  const offsets = series('offsetsPerSecond', 'cluster', [16, 16, 16]);
  expect(trafficOf([...brokers, offsets]).map(({ to, messagesPerSecond }) => [to, messagesPerSecond])).toEqual([
    [30, 15],
    [60, 16],
    [90, 15],
  ]);
  const coarse = series('offsetsPerSecond', 'cluster', [17], { firstEnd: 90, gridSeconds: 60 });
  expect(trafficOf([...brokers, coarse]).map(({ to }) => to)).toEqual([30, 90]);
});

test('without a message counter of one broker, the rate comes from offsets or is absent', () => {
  // kafka_exporter lists this broker, but its JMX exporter is not scraped.
  const brokers = [
    series('messagesInPerSecond', '1', [10, 10]),
    series('messagesInPerSecond', '2', [10, 10]),
    series('leaders', '3', [4, 4]),
    series('brokerAddress', '3', [1, 1]),
  ];
  const ratesOf = (all: FigureSeries[]) => trafficOf(all).map(({ messagesPerSecond }) => messagesPerSecond);
  expect(ratesOf([...brokers, series('offsetsPerSecond', 'cluster', [30, 31])])).toEqual([30, 31]);
  expect(ratesOf(brokers)).toEqual([]);
});

test('with offsets, records that RocketMQ stores for timers, transactions and pops do not count as messages', () => {
  const brokers = ['broker-a:0', 'broker-b:0'].map((id) =>
    series('messagesInPerSecond', id, [20, 20], { countsRecords: true }),
  );
  const ratesOf = (all: FigureSeries[]) => trafficOf(all).map(({ messagesPerSecond }) => messagesPerSecond);
  expect(ratesOf([...brokers, series('offsetsPerSecond', 'cluster', [10, 11])])).toEqual([10, 11]);
  expect(ratesOf(brokers)).toEqual([40, 40]);
});

test('messages that a RocketMQ slave replicates do not count as produced messages', () => {
  const master = [
    series('messagesInPerSecond', 'broker-a:0', [10, 10]),
    series('sendQueueRequests', 'broker-a:0', [1, 1]),
  ];
  const slave = series('messagesInPerSecond', 'broker-a:1', [10, 9]);
  // The native metrics of RocketMQ 5 count only messages of producers: a slave has no such series.
  const silent = series('replicationLagBytes', 'broker-a:1', [0, 0]);
  for (const each of [slave, silent]) {
    expect(trafficOf([...master, each]).map(({ messagesPerSecond }) => messagesPerSecond)).toEqual([10, 10]);
  }
  // Two JMX exporters of Kafka on one host.
  const kafka = ['10.0.0.1:7071', '10.0.0.1:7072'].map((id) => series('messagesInPerSecond', id, [10]));
  expect(trafficOf(kafka).map(({ messagesPerSecond }) => messagesPerSecond)).toEqual([20]);
});

const brokersIn = (all: FigureSeries[]) =>
  assembled({
    name: 'test',
    format: 'test',
    span: { from: 0, to: 60 },
    series: all,
    stated: { hosts: {}, brokers: {} },
    inventory: [],
    findings: [],
    cost: { requests: 0, wireBytes: 0 },
  }).environment.brokers.map(({ id }) => id);

test('a dedicated KRaft controller is not a broker', () => {
  const processOf = (id: string, rate: number) => [
    series('messagesInPerSecond', id, [rate, rate]),
    series('networkProcessorsBusy', id, [0.1, 0.1]),
    series('connections', id, [9, 9]),
  ];
  const idle = [...processOf('2', 0), series('leaders', '2', [0, 0])];
  expect(brokersIn([...processOf('1', 10), ...idle, ...processOf('3', 0)])).toEqual(['1', '2']);
  // Without messages, the controllers cannot be distinguished from brokers.
  expect(brokersIn([...processOf('1', 0), ...processOf('3', 0)])).toEqual(['1', '3']);
});

test('a slave of RocketMQ remains a broker even without messages', () => {
  const slave = series('replicationLagBytes', 'broker-a:1', [0, 0]);
  expect(brokersIn([series('messagesInPerSecond', 'broker-a:0', [10, 10]), slave])).toEqual([
    'broker-a:0',
    'broker-a:1',
  ]);
});

test('an idle ratio slightly above 1 yields a use of 0, not a negative use', () => {
  expect(brokerIntervalsOf([series('requestHandlersBusy', '1', [-0.01])]).get('1')).toEqual([
    { from: 0, to: 30, requestHandlersBusy: 0 },
  ]);
});

test('a changed start time is a restart at that time, even after a gap', () => {
  const events = topologyEventsOf([series('startTimeSeconds', '1', [500, 500, nothing, 1075])], 1000);
  expect(events).toEqual([{ kind: 'broker-restarted', broker: '1', elapsedSeconds: 75 }]);
});

test('a failover to a process that started earlier is dated to the failover, not to the start of the process', () => {
  // Broker id 0 is the id of the leader: n0 leads until 1200 s, n1 runs since 100 s.
  const values = [...Array.from({ length: 40 }, () => 500), 1100, 1100];
  const events = topologyEventsOf([series('startTimeSeconds', 'RaftNode00:0', values)], 1000);
  expect(events).toEqual([{ kind: 'broker-restarted', broker: 'RaftNode00:0', elapsedSeconds: 1215 }]);
});

test('a restart is dated to its start time, although Prometheus repeats the previous value', () => {
  const events = topologyEventsOf([series('startTimeSeconds', '1', [500, 500, 500, 500, 1045])], 1000);
  expect(events).toEqual([{ kind: 'broker-restarted', broker: '1', elapsedSeconds: 45 }]);
});

test('a boot time that varies by clock adjustments is not a restart', () => {
  expect(topologyEventsOf([series('bootTimeSeconds', 'a', [500, 501, 499])], 1000)).toEqual([]);
});

test('a counter reset visible in two windows is one restart', () => {
  const events = topologyEventsOf([series('restarts', '1', [0, 1, 1, 0, 0])], 1000);
  expect(events).toEqual([{ kind: 'broker-restarted', broker: '1', elapsedSeconds: 60 }]);
});

test('moved leaders are reported with the broker and both counts', () => {
  expect(topologyEventsOf([series('leaders', '1', [10, 10, 4])], 0)).toEqual([
    { kind: 'leaders-moved', broker: '1', before: 10, after: 4, elapsedSeconds: 90 },
  ]);
});

test('a broker runs on the host with its address, and on no host if two have that address', () => {
  const broker = series('messagesInPerSecond', '1', [1], { addresses: ['10.0.0.1:9092', '10.0.0.1'] });
  const hosts = (...names: string[]) =>
    hostSeriesOf(
      names.map((name) => series('retransmitsPerSecond', name, [1], { addresses: ['10.0.0.1'] })),
      {},
    );
  expect(environmentOf([broker], hosts('a'), {}).brokers).toEqual([{ id: '1', address: '10.0.0.1:9092', host: 'a' }]);
  expect(environmentOf([broker], hosts('a', 'b'), {}).brokers).toEqual([{ id: '1', address: '10.0.0.1:9092' }]);
  expect(environmentOf([broker], hosts('a', 'b'), { 1: { host: 'b' } }).brokers[0]?.host).toBe('b');
});

test('a sum per minute is distinguished from a rate by the growth of the offsets', () => {
  const offsets = series('messagesInPerSecond', '1', [100, nothing, 200]);
  const ratio = (...rates: number[]) => rateOverOffsets([offsets, series('putRate', '1', rates)]);
  expect(isPerMinute(ratio(6000, 6000, 12_000))).toBe(true);
  expect(isPerMinute(ratio(120, 0, 230))).toBe(false);
  expect(ratio(nothing, 5, nothing)).toBeUndefined();
});
