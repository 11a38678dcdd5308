import { expect, test } from 'vitest';
import { masterOf } from '../../../../ops/rocketmq/broker-group.ts';
import { fakeBroker, fakeCluster } from '../../../support/fake-change-desk.ts';

const io = { signal: new AbortController().signal };
const [first, second] = ['ns1:9876', 'ns2:9876'];

/** The master died, and its follower was elected: the first name server has not noticed. */
function elected() {
  const member = (brokerId: number) =>
    fakeBroker('broker-a', { brokerId, settings: new Map([['brokerId', String(brokerId)]]) });
  const cluster = fakeCluster({ 'a:1': member(1), 'a:2': member(0) }, [first, second]);
  const view = (...addresses: [number, string][]) => [
    { brokerName: 'broker-a', cluster: 'lab', addresses: new Map(addresses) },
  ];
  cluster.desk.listings = async () => [
    { server: first, brokers: view([0, 'a:1'], [2, 'a:2']) },
    { server: second, brokers: view([0, 'a:2'], [1, 'a:1']) },
  ];
  return cluster;
}

test('if two name servers list different masters, the broker that runs as master counts', async () => {
  const { desk, brokers } = elected();
  const found = () => masterOf(desk, 'broker-a', io);
  expect(await found()).toBe('a:2');
  const former = brokers.get('a:1');
  if (former !== undefined) former.isUp = false;
  expect(await found()).toBe('a:2');
});

test('no broker counts as the master while none runs as master', async () => {
  const { desk, brokers } = elected();
  brokers.get('a:2')?.settings.set('brokerId', '2');
  await expect(masterOf(desk, 'broker-a', io)).rejects.toMatchObject({
    code: 'broker-unreachable',
    message:
      'name servers have an old view: a:1 is listed as broker-a:0 and runs as broker-a:1; a:2 is listed as broker-a:0 and runs as broker-a:2',
  });
});
