import { expect, test } from 'vitest';
import { isSameAddress, seriesByTarget, withoutPort } from '../../../../../analyzer/evidence/sources/targets.ts';

const naming = { names: ['host', 'instance'], addresses: ['instance'] };
const series = (labels: Record<string, string>, ...values: number[]) => ({ labels, values: Float64Array.from(values) });
const named = (...all: ReturnType<typeof series>[]) => seriesByTarget(all, naming).series.map(({ name }) => name);

test('a port says nothing where each host has one exporter', () => {
  expect(named(series({ instance: '10.0.0.1:9100' }), series({ instance: '[::1]:9100' }))).toEqual(['10.0.0.1', '::1']);
});

test('two exporters on one host are distinguished by their ports', () => {
  expect(named(series({ instance: 'a:7071' }), series({ instance: 'a:7072' }))).toEqual(['a:7071', 'a:7072']);
});

test('of copies the fullest is taken, and it is reported', () => {
  const read = seriesByTarget(
    [series({ instance: 'a:1', job: 'x' }, 1, Number.NaN), series({ instance: 'a:1', job: 'y' }, 2, 2)],
    naming,
  );
  expect(read.series.map(({ values }) => [...values])).toEqual([[2, 2]]);
  expect(read.copied).toEqual(['a']);
});

test('cards of one host are no copies of each other', () => {
  const read = seriesByTarget(
    [series({ instance: 'a:1', device: 'eth0' }, 1), series({ instance: 'a:1', device: 'eth1' }, 1)],
    naming,
  );
  expect(read.series.map(({ device }) => device)).toEqual(['eth0', 'eth1']);
  expect(read.copied).toEqual([]);
});

test('an exporter of many hosts is the address of none of them', () => {
  const [one] = seriesByTarget([series({ host: 'kafka-1', instance: '10.0.0.9:9464' }, 1)], naming).series;
  expect(one?.addresses).toEqual(['kafka-1']);
});

test.each([
  ['kafka-1', 'kafka-1.example.com', true],
  ['kafka-1', 'kafka-10', false],
  ['10.0.0.1', '10.0.0.1.5', false],
  ['10.0.0.1', '10.0.0.1', true],
])('%s and %s are one machine: %s', (a, b, isSame) => expect(isSameAddress(a, b)).toBe(isSame));

test('takes the port away and nothing else', () => {
  expect(['a:1', '[fe80::1]:2', 'fe80::1', 'a'].map(withoutPort)).toEqual(['a', 'fe80::1', 'fe80::1', 'a']);
});
