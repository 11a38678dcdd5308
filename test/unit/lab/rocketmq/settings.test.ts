import { expect, test } from 'vitest';
import type { RocketmqMode } from '../../../../lab/rocketmq/mode.ts';
import { rocketmqRelease } from '../../../../lab/rocketmq/release.ts';
import {
  renderBroker,
  renderNameServer,
  type RocketmqCluster,
  type RocketmqNode,
} from '../../../../lab/rocketmq/settings.ts';

const broker = (place: number): RocketmqNode => ({
  name: `broker-${place + 1}`,
  brokerName: 'broker-a',
  place,
  host: '127.0.0.1',
  port: 20_000 + 10 * place,
  dledgerPort: 21_000 + place,
  dataDirectory: `/lab/broker-${place + 1}/data`,
});
const nameServer = {
  name: 'nameserver-1',
  host: '127.0.0.1',
  port: 22_000,
  controllerPort: 22_001,
  dataDirectory: '/lab/nameserver-1/data',
};
const cluster = (mode: RocketmqMode, version = '5.3.3'): RocketmqCluster => ({
  release: rocketmqRelease(version),
  mode,
  nameServers: [nameServer, { ...nameServer, name: 'nameserver-2', port: 22_010, controllerPort: 22_011 }],
  brokers: [broker(0), broker(1), broker(2)],
});
const settings = (text: string) =>
  Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]),
  );
const brokerOf = (mode: RocketmqMode, place: number, version?: string) =>
  settings(renderBroker(cluster(mode, version), broker(place)));

test('a broker registers at every name server with its own address', () =>
  expect(brokerOf('single', 0)).toMatchObject({
    namesrvAddr: '127.0.0.1:22000;127.0.0.1:22010',
    brokerIP1: '127.0.0.1',
    listenPort: '20000',
    bindAddress: '127.0.0.1',
  }));

test('the second broker of a pair is the slave of the first', () => {
  expect(brokerOf('master-slave', 0)).toMatchObject({ brokerId: '0', brokerRole: 'ASYNC_MASTER' });
  expect(brokerOf('master-slave', 1)).toMatchObject({ brokerId: '1', brokerRole: 'SLAVE' });
});

test('a synchronous 5.x master waits for two replicas including itself', () => {
  expect(brokerOf('master-slave-sync', 0)).toMatchObject({ brokerRole: 'SYNC_MASTER', inSyncReplicas: '2' });
  expect(brokerOf('master-slave-sync', 0, '4.9.7')).not.toHaveProperty('inSyncReplicas');
});

test('DLedger members list their peers and choose their ids themselves', () => {
  const member = brokerOf('dledger', 2, '4.9.7');
  expect(member).toMatchObject({
    dLegerGroup: 'broker-a',
    dLegerPeers: 'n0-127.0.0.1:21000;n1-127.0.0.1:21001;n2-127.0.0.1:21002',
    dLegerSelfId: 'n2',
  });
  expect(member).not.toHaveProperty('brokerId');
});

test('controllers run in the name servers, and brokers get their role from them', () => {
  const controlled = cluster('controller');
  const [, second = nameServer] = controlled.nameServers;
  expect(settings(renderNameServer(controlled, second))).toMatchObject({
    enableControllerInNamesrv: 'true',
    controllerDLegerPeers: 'n0-127.0.0.1:22001;n1-127.0.0.1:22011',
    controllerDLegerSelfId: 'n1',
  });
  expect(brokerOf('controller', 0)).toMatchObject({ controllerAddr: '127.0.0.1:22001;127.0.0.1:22011' });
});

test("properties of the caller take precedence over the lab's", () =>
  expect(
    settings(renderBroker(cluster('single'), broker(0), { aclEnable: 'true' }, { autoCreateTopicEnable: 'true' })),
  ).toMatchObject({ aclEnable: 'true', autoCreateTopicEnable: 'true' }));
