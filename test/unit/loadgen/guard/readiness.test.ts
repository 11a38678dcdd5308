import { expect, test } from 'vitest';
import type { ProcessReading } from '../../../../core/documents/evidence/process-reading.ts';
import {
  alikeMissing,
  findMissingMetrics,
  refuseMissingMetrics,
  type BrokerCoverage,
} from '../../../../loadgen/guard/readiness.ts';

const seen: BrokerCoverage = {
  broker: '1',
  host: 'kafka-1',
  inventory: { host: 'kafka-1', networkDevices: [{ device: 'eth0', speed: { bitsPerSecond: 1e9, source: 'stated' } }] },
  reading: {
    cpus: [],
    disks: [],
    memoryBytes: {},
    networkDevices: [],
    gcLogs: [{ name: 'kafka', file: '/logs/gc.log' } as never],
  },
  ageSeconds: 0.2,
  rateAgeSeconds: 0,
};
const blind = (over: Partial<BrokerCoverage>) => findMissingMetrics([{ ...seen, ...over }]).map(({ what }) => what);

test('a broker with all metrics is ready', () => expect(blind({})).toEqual([]));

test('a host without a known NIC, or a NIC without a known speed, leaves the link unknown', () => {
  expect(blind({ inventory: { host: 'kafka-1', networkDevices: [] } })).toEqual(['link']);
  const inventory = { host: 'kafka-1', networkDevices: [{ device: 'eth0' }] };
  const [first] = findMissingMetrics([{ ...seen, inventory }]);
  expect(first).toMatchObject({ what: 'link', reason: expect.stringMatching(/network\.speed.*network\.devices/) });
});

test('a metric older than five seconds counts as missing', () => {
  expect(blind({ ageSeconds: 6 })).toEqual(['cpu', 'disk', 'link', 'memory', 'gc-log']);
  expect(blind({ rateAgeSeconds: 6 })).toEqual(['rate']);
});

test('a broker without a known host lacks all host metrics', () => {
  const { host: _, reading: __, inventory: ___, ...lost } = seen;
  expect(findMissingMetrics([lost]).map(({ what }) => what)).toEqual(['cpu', 'disk', 'link', 'memory', 'gc-log']);
});

test('missing metrics that the config accepts are not refused, and the others are named', () => {
  const missing = findMissingMetrics([{ ...seen, ageSeconds: 6 }]);
  expect(() => refuseMissingMetrics('orders', missing, ['cpu', 'disk', 'link', 'memory', 'gc-log'])).not.toThrow();
  expect(() => refuseMissingMetrics('orders', missing, ['cpu'])).toThrow(
    'disk, link, memory, gc-log of broker 1 (the last reading is 6 s old)',
  );
});

test('a hundred brokers without a host give one short sentence', () => {
  const brokers = Array.from({ length: 100 }, (_, index) => ({ broker: `broker-${index}:0`, ageSeconds: 0 }));
  const refuse = () => refuseMissingMetrics('orders', findMissingMetrics(brokers), []);
  expect(refuse).toThrow('cpu, disk, link, memory, gc-log of broker broker-0:0 and 99 other brokers (');
  expect(refuse).toThrow(/^.{1,400}$/);
});

test('brokers whose hosts lack the same metrics are one note', () => {
  const { cpus: _, ...reading } = seen.reading ?? expect.fail('no reading');
  const brokers = [1, 2, 11].map((id) => ({ ...seen, broker: String(id), host: `kafka-${id}`, reading }));
  expect(alikeMissing(findMissingMetrics(brokers))).toEqual([
    {
      metrics: 'cpu of broker 1 and 2 other brokers',
      reason: 'host kafka-1 does not report it',
      unknown: 'CPU limits',
    },
  ]);
});

test('at most three different reasons are named', () => {
  const brokers = Array.from({ length: 9 }, (_, index) => ({
    broker: String(index),
    host: 'kafka-1',
    ageSeconds: 0.2,
    rateAgeSeconds: 0,
    trouble: `host h-${'abcdefghi'[index]} refused the connection`,
  }));
  const refuse = () => refuseMissingMetrics('orders', findMissingMetrics(brokers), []);
  expect(refuse).toThrow(/h-c refused the connection\); 6 more, see `plimsoll ready`$/);
});

const nameServer = {
  state: 'running',
  name: 'rocketmq-namesrv',
  restarts: 0,
  process: { ports: [9876] },
} as unknown as ProcessReading;
const log = (name: string, trouble?: string) => ({ name, unreadBytes: 0, ...(trouble !== undefined && { trouble }) });

test("the GC log of a name server does not count as the broker's", () => {
  const gcLogs = [log('rocketmq-namesrv')];
  const [first, ...others] = findMissingMetrics([
    { ...seen, reading: { ...seen.reading, gcLogs, processes: [nameServer] } },
  ]);
  expect(others).toEqual([]);
  expect(first).toMatchObject({
    what: 'gc-log',
    reason: expect.stringMatching(/which GC log of host kafka-1 belongs to broker 1 \(rocketmq-namesrv\)/),
  });
});

test('of several GC logs each broker has the one of its process, with its error', () => {
  const reading = { ...seen.reading, gcLogs: [log('a', 'no file matches /logs/a.log'), log('b')] };
  const onOneHost = [
    { ...seen, reading, process: 'b' },
    { ...seen, reading, broker: '2', process: 'a' },
    { ...seen, reading, broker: '3' },
  ];
  expect(findMissingMetrics(onOneHost).map(({ broker, reason }) => [broker, reason])).toEqual([
    ['2', 'no file matches /logs/a.log'],
    ['3', expect.stringMatching(/^it is unknown which GC log of host kafka-1 belongs to broker 3/)],
  ]);
});

test('the only GC log of a host is assigned to neither of two brokers', () => {
  const both = [seen, { ...seen, broker: '2' }];
  expect(findMissingMetrics(both).map(({ broker, what }) => [broker, what])).toEqual([
    ['1', 'gc-log'],
    ['2', 'gc-log'],
  ]);
});

test('a broker that the cluster does not list is missing, with the command that measures without it', () => {
  expect(findMissingMetrics([], ['3'])).toEqual([
    expect.objectContaining({ broker: '3', what: 'rate', reason: expect.stringContaining('run --degraded 3') }),
  ]);
});
