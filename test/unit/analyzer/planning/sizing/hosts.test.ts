import { expect, test } from 'vitest';
import { hostsOf } from '../../../../../analyzer/planning/sizing/hosts.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { sizingPolicy } from '../../../../../analyzer/planning/sizing/sizing-policy.ts';

const policy = sizingPolicy(examplePolicy(), {});

test('two DLedger groups are spread over three zones each, with three name servers', () => {
  const { brokers, nameServers, zones } = hostsOf(
    'orders',
    { broker: 'rocketmq', mode: 'dledger', replicas: 3 },
    2,
    3,
    policy,
  );
  expect(brokers.map(({ host, role, zone }) => `${host} ${role} ${zone}`)).toEqual([
    'orders-broker-a-0 member zone-1',
    'orders-broker-a-1 member zone-2',
    'orders-broker-a-2 member zone-3',
    'orders-broker-b-0 member zone-2',
    'orders-broker-b-1 member zone-3',
    'orders-broker-b-2 member zone-1',
  ]);
  expect(nameServers?.map(({ zone }) => zone)).toEqual(zones);
});

test('slaves are in other zones than their master, and Kafka has the same number of brokers per zone', () => {
  const pair = hostsOf('waybills', { broker: 'rocketmq', mode: 'master-slave', replicas: 2 }, 1, 2, policy);
  expect(pair.brokers.map(({ role, zone, brokerId }) => [role, zone, brokerId])).toEqual([
    ['master', 'zone-1', 0],
    ['slave', 'zone-2', 1],
  ]);
  const kafka = hostsOf('logs', { broker: 'kafka', mode: 'kraft', replicas: 3 }, 6, 3, policy);
  expect(Object.values(Object.groupBy(kafka.brokers, ({ zone }) => zone ?? '')).map((each) => each?.length)).toEqual([
    2, 2, 2,
  ]);
  expect([kafka.nameServers, kafka.controllers?.length]).toEqual([undefined, 3]);
});

test('group names continue with two letters after the alphabet, and a single zone has no name', () => {
  const many = hostsOf('big', { broker: 'rocketmq', mode: 'single', replicas: 1 }, 28, 1, policy);
  expect(many.brokers.at(-1)).toEqual({ host: 'big-broker-ab-0', role: 'master', brokerId: 0, group: 'broker-ab' });
});
