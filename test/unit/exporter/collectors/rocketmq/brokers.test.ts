import { expect, test } from 'vitest';
import type { Section } from '../../../../../brokers/snapshot.ts';
import { rocketmqBrokers } from '../../../../../exporter/collectors/rocketmq/brokers.ts';
import { brokerWith, runtimeWith, snapshotWith } from '../../../../support/rocketmq-snapshot.ts';
import { seriesOf } from '../../../../support/series-of.ts';

const master = brokerWith({ id: 'broker-a:0', runtime: runtimeWith('5.3.3') });
const silent = brokerWith({ id: 'broker-a:1' });
const missing = { section: 'runtime', broker: 'broker-a:1', kind: 'missing' } as const;
const sections: Section[] = [{ ...missing, isUnreachable: true }];
const of = (metric: string, ...brokers: Parameters<typeof brokerWith>[0][]) =>
  seriesOf(rocketmqBrokers, snapshotWith({ brokers: brokers.map(brokerWith) }, { sections }), metric);

test('a broker that does not respond is down and still counts as listed', () => {
  expect(of('rocketmq_broker_up', master, silent)).toEqual({ 'broker-a:0': 1, 'broker-a:1': 0 });
  expect(of('rocketmq_brokers', master, silent)).toEqual({ '': 2 });
});

test('a broker listed under its old and new id, as in a failover, counts once', () => {
  const formerly = { ...master, id: 'broker-a:2', brokerId: 2, role: 'slave' } as const;
  expect(of('rocketmq_brokers', master, formerly, silent)).toEqual({ '': 2 });
});

test('a broker that stopped responding is down although its last values are exported', () => {
  const kept = { section: 'runtime', broker: 'broker-a:0', kind: 'kept', ageSeconds: 10, isUnreachable: true } as const;
  const snapshot = snapshotWith({ brokers: [master] }, { sections: [kept] });
  expect(seriesOf(rocketmqBrokers, snapshot, 'rocketmq_broker_up')).toEqual({ 'broker-a:0': 0 });
});

test('a broker that refuses to report, as with an old ACL secret, is up', () => {
  const reason = 'read GET_BROKER_RUNTIME_INFO on 10.0.0.97:10921: signature mismatch';
  const snapshot = snapshotWith({ brokers: [master, silent] }, { sections: [{ ...missing, reason }] });
  expect(seriesOf(rocketmqBrokers, snapshot, 'rocketmq_broker_up')).toEqual({ 'broker-a:0': 1, 'broker-a:1': 1 });
});

test('a broker has exactly one role', () => {
  expect(of('rocketmq_broker_role', { ...silent, role: 'acting-master' })).toEqual({
    'broker-a:1 master': 0,
    'broker-a:1 slave': 0,
    'broker-a:1 acting-master': 1,
  });
});

test('address and version are labels of the info series only, which a broker that is down does not have', () => {
  expect(of('rocketmq_broker_info', master, silent)).toEqual({ 'broker-a:0 broker-a 10.0.0.97:10911 5.3.3': 1 });
});

test('the start time of the broker is a value in seconds', () => {
  expect(of('rocketmq_broker_boot_timestamp_seconds', master)).toEqual({ 'broker-a:0': 1_795_172_900.369 });
});

test('a cluster without any reading has no data', () => {
  const { rocketmq: _, ...nothing } = snapshotWith({});
  expect(rocketmqBrokers.collect({ snapshot: nothing })).toMatchObject({ kind: 'no-data' });
});
