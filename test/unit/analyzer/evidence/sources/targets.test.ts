import { expect, test } from 'vitest';
import { isSameAddress, seriesByTarget, withoutPort } from '../../../../../analyzer/evidence/sources/targets.ts';

const naming = { names: ['host', 'instance'], addresses: ['instance'] };
const series = (labels: Record<string, string>, ...values: number[]) => ({ labels, values: Float64Array.from(values) });
const named = (...all: ReturnType<typeof series>[]) => seriesByTarget(all, naming).series.map(({ name }) => name);

test('a port is not part of the name if each host has one exporter', () => {
  expect(named(series({ instance: '10.0.0.1:9100' }), series({ instance: '[::1]:9100' }))).toEqual(['10.0.0.1', '::1']);
});

test('two exporters on one host are distinguished by their ports', () => {
  expect(named(series({ instance: 'a:7071' }), series({ instance: 'a:7072' }))).toEqual(['a:7071', 'a:7072']);
});

test('of duplicate series, the most complete is used and the duplicate is reported', () => {
  const read = seriesByTarget(
    [series({ instance: 'a:1', job: 'x' }, 1, Number.NaN), series({ instance: 'a:1', job: 'y' }, 2, 2)],
    naming,
  );
  expect(read.series.map(({ values }) => [...values])).toEqual([[2, 2]]);
  expect(read.copied).toEqual(['a']);
});

const gap = Number.NaN;
const jmx = { names: ['broker', 'pod', 'instance'], addresses: ['pod', 'instance'] };

test('a replaced pod is one series with the addresses of both pods', () => {
  const read = seriesByTarget(
    [
      series({ pod: 'kafka-0', instance: '10.42.0.7:9404' }, 1, 2, 3, 4, gap, gap, gap, gap),
      // Both pods have rates during the rate window.
      series({ pod: 'kafka-0', instance: '10.42.1.9:9404' }, gap, gap, gap, 4, 5, 6, gap, 8),
    ],
    jmx,
  );
  expect(read.series.map(({ values }) => [...values])).toEqual([[1, 2, 3, 4, 5, 6, gap, 8]]);
  expect(read.copied).toEqual([]);
  expect(read.series[0]?.addresses).toEqual(expect.arrayContaining(['10.42.0.7', '10.42.1.9']));
  expect(read.series[0]?.lastAddresses).toContain('10.42.1.9');
  expect(read.series[0]?.lastAddresses).not.toContain('10.42.0.7');
});

test('two targets that identify as the same broker are one series, since the broker moved', () => {
  const read = seriesByTarget(
    [series({ instance: 'kafka-3:7071' }, 1, 2, gap), series({ instance: 'kafka-4:7071' }, gap, gap, 3)],
    jmx,
    () => '3',
  );
  expect(read.series.map(({ name, values }) => [name, ...values])).toEqual([['3', 1, 2, 3]]);
  expect(read.copied).toEqual([]);
});

test('duplicates are reported by the broker id', () => {
  const pair = ['a', 'b'].map((prometheus_replica) => series({ instance: 'kafka-0:7071', prometheus_replica }, 1, 2));
  expect(seriesByTarget(pair, jmx, () => '0').copied).toEqual(['0']);
});

test('the zero counters of a controller on the same host do not replace those of the broker or fill its gaps', () => {
  const read = seriesByTarget(
    [series({ instance: 'kafka-1:7072' }, 0, 0, 0), series({ instance: 'kafka-1:7071' }, 10, gap, 10)],
    jmx,
    () => '1',
  );
  expect(read.series.map(({ values }) => [...values])).toEqual([[10, gap, 10]]);
});

test('two cards of one host are not duplicates', () => {
  const read = seriesByTarget(
    [series({ instance: 'a:1', device: 'eth0' }, 1), series({ instance: 'a:1', device: 'eth1' }, 1)],
    naming,
  );
  expect(read.series.map(({ device }) => device)).toEqual(['eth0', 'eth1']);
  expect(read.copied).toEqual([]);
});

test('the address of an exporter that covers many hosts is not the address of any of them', () => {
  const [one] = seriesByTarget([series({ host: 'kafka-1', instance: '10.0.0.9:9464' }, 1)], naming).series;
  expect(one?.addresses).toEqual(['kafka-1']);
});

test.each([
  ['kafka-1', 'kafka-1.example.com', true],
  ['kafka-1', 'kafka-10', false],
  ['10.0.0.1', '10.0.0.1.5', false],
  ['10.0.0.1', '10.0.0.1', true],
])('%s and %s are the same host: %s', (a, b, isSame) => expect(isSameAddress(a, b)).toBe(isSame));

test('removes only the port', () => {
  expect(['a:1', '[fe80::1]:2', 'fe80::1', 'a'].map(withoutPort)).toEqual(['a', 'fe80::1', 'fe80::1', 'a']);
});
