import { expect, test } from 'vitest';
import { rocketmqDisagreements } from '../../../../../exporter/collectors/rocketmq/disagreements.ts';
import { rocketmqNameServers } from '../../../../../exporter/collectors/rocketmq/name-servers.ts';
import type { RocketmqDetails } from '../../../../../brokers/rocketmq/details.ts';
import { brokerWith, runtimeWith, snapshotWith } from '../../../../support/rocketmq-snapshot.ts';
import { seriesOf } from '../../../../support/series-of.ts';

const reachable = (address: string, ...brokers: string[]) => ({ address, reachable: true, brokers });
const disagreements = (details: Partial<RocketmqDetails>) => seriesOf(rocketmqDisagreements, snapshotWith(details));

test('a name server that is down is exported without a broker count', () => {
  const nameServers = [reachable('ns1:9876', 'a:0', 'a:1'), { address: 'ns2:9876', reachable: false }];
  expect(seriesOf(rocketmqNameServers, snapshotWith({ nameServers }))).toEqual({
    'rocketmq_name_server_up ns1:9876': 1,
    'rocketmq_name_server_brokers ns1:9876': 2,
    'rocketmq_name_server_up ns2:9876': 0,
  });
});

test('a single responding name server has no disagreement series', () => {
  expect(disagreements({ nameServers: [reachable('ns1:9876'), { address: 'ns2:9876', reachable: false }] })).toEqual(
    {},
  );
});

test('two name servers that agree export 0, so that alerts have a series', () => {
  expect(disagreements({ nameServers: [reachable('ns1:9876'), reachable('ns2:9876')] })).toEqual({
    'rocketmq_disagreements name-server-brokers': 0,
    'rocketmq_disagreements name-server-route': 0,
  });
});

test('disagreements are counted by kind and named by subject, without their values as labels', () => {
  const sides = { 'a:0': 'ASYNC_FLUSH', 'b:0': 'SYNC_FLUSH' };
  const config = new Map([['flushDiskType', 'ASYNC_FLUSH']]);
  const shown = disagreements({
    brokers: [brokerWith({ id: 'a:0', config, runtime: runtimeWith('4.9.7') }), brokerWith({ id: 'b:0', config })],
    disagreements: [
      { of: 'broker-config', subject: 'flushDiskType', sides },
      { of: 'broker-config', subject: 'brokerRole', sides },
    ],
  });
  expect(shown).toEqual({
    'rocketmq_disagreements broker-config': 2,
    'rocketmq_disagreement broker-config flushDiskType': 1,
    'rocketmq_disagreement broker-config brokerRole': 1,
  });
});

test('topics are compared once brokers of two names respond', () => {
  const runtime = runtimeWith('4.9.7');
  const brokers = [brokerWith({ id: 'a:0', runtime }), brokerWith({ id: 'b:0', runtime })];
  expect(disagreements({ brokers })).toEqual({ 'rocketmq_disagreements topic-config': 0 });
});

test('brokers of different clusters are not compared, so that no 0 suggests agreement', () => {
  const of = (id: string, cluster: string) =>
    brokerWith({ id, cluster, runtime: runtimeWith('4.9.7'), config: new Map([['brokerClusterName', cluster]]) });
  const apart = [of('a:0', 'sales'), of('b:0', 'finance')];
  expect(disagreements({ brokers: apart })).toEqual({});
  expect(disagreements({ brokers: [...apart, of('c:0', 'finance')] })).toEqual({
    'rocketmq_disagreements broker-config': 0,
    'rocketmq_disagreements topic-config': 0,
  });
});
