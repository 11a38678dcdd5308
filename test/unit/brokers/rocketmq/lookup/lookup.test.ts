import { expect, test } from 'vitest';
import type { BrokerLink } from '../../../../../brokers/rocketmq/inspect/broker-link.ts';
import { readSettings } from '../../../../../brokers/rocketmq/lookup/lookup.ts';

const io = { signal: new AbortController().signal };
const linkTo = (id: string, values: Readonly<Record<string, string>>) =>
  ({ id, ask: async () => new Map(Object.entries(values)) }) as unknown as BrokerLink;
const brokers = (values: Readonly<Record<string, Readonly<Record<string, string>>>>) =>
  Object.entries(values).map(([brokerName, own]) => ({ brokerName, link: linkTo(`${brokerName}:0`, own) }));

test('secrets of a broker are hidden and do not count as differences', async () => {
  const secrets = (word: string) => ({
    innerClientAuthenticationCredentials: `{"accessKey":"${word}"}`,
    initAuthenticationUser: `{"password":"${word}"}`,
    metricsGrpcExporterHeader: `Authorization:Bearer ${word}`,
    flushDiskType: 'ASYNC_FLUSH',
  });
  const both = brokers({ a: secrets('hunter2'), b: secrets('hunter3') });
  const settings = await readSettings({ brokers: both, clusterOf: new Map() }, [], io);
  const told = settings.processes.map(({ values }) => [...values.values()]);
  expect(told).toEqual([
    ['(hidden)', '(hidden)', '(hidden)', 'ASYNC_FLUSH'],
    ['(hidden)', '(hidden)', '(hidden)', 'ASYNC_FLUSH'],
  ]);
  expect(settings.differences).toEqual([]);
});

test('an empty secret is not hidden', async () => {
  const one = brokers({ a: { metricsGrpcExporterHeader: '' } });
  const settings = await readSettings({ brokers: one, clusterOf: new Map() }, [], io);
  expect([...(settings.processes[0]?.values ?? [])]).toEqual([['metricsGrpcExporterHeader', '']]);
});

test('brokers are compared only within their cluster', async () => {
  const all = brokers({
    a: { brokerClusterName: 'sales', flushDiskType: 'ASYNC_FLUSH' },
    b: { brokerClusterName: 'sales', flushDiskType: 'SYNC_FLUSH' },
    c: { brokerClusterName: 'finance', flushDiskType: 'SYNC_FLUSH' },
  });
  const clusterOf = new Map([
    ['a', 'sales'],
    ['b', 'sales'],
    ['c', 'finance'],
  ]);
  const { differences } = await readSettings({ brokers: all, clusterOf }, [], io);
  expect(differences).toEqual([
    { of: 'broker', setting: 'flushDiskType', sides: { 'a:0': 'ASYNC_FLUSH', 'b:0': 'SYNC_FLUSH' } },
  ]);
});
