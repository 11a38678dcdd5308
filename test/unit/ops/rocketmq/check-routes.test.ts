import { expect, test } from 'vitest';
import { checkRoutes } from '../../../../ops/rocketmq/check-routes.ts';
import { topicOf } from '../../../support/defined-topic.ts';
import { fakeBroker, fakeCluster } from '../../../support/fake-change-desk.ts';

const io = { signal: new AbortController().signal };
const pair = () => fakeCluster({ 'a:1': fakeBroker('broker-a'), 'b:1': fakeBroker('broker-b') });
const messages = async (cluster: ReturnType<typeof pair>) =>
  (await checkRoutes(cluster.desk, io)).findings.map(({ message }) => message);

test('a healthy cluster has no findings', async () => {
  expect(await checkRoutes(pair().desk, io)).toEqual({ servers: 1, brokers: 2, topics: 1, findings: [] });
});

test('reports a route to an unreachable broker', async () => {
  const cluster = pair();
  cluster.silent.add('b:1');
  expect(await messages(cluster)).toEqual([
    'ns1:9876 lists broker-b:0 at b:1, where no broker answers',
    'ns1:9876 routes to broker-b, which is unreachable: orders',
  ]);
});

test('reports a route without an address and a route to a broker without the topic', async () => {
  const cluster = pair();
  const route = cluster.desk.route;
  cluster.desk.route = async (server, topic, within) => {
    const found = await route(server, topic, within);
    const queues = ['broker-a', 'broker-b', 'broker-x'].map((brokerName) => ({
      brokerName,
      readQueues: 2,
      writeQueues: 2,
      permission: 'rw' as const,
    }));
    return (
      found && {
        ...found,
        queues,
        brokers: ['a', 'b'].map((name) => ({
          cluster: 'lab',
          brokerName: `broker-${name}`,
          addresses: new Map([[0, `${name}:1`]]),
        })),
      }
    );
  };
  cluster.brokers.get('b:1')?.topics.delete('orders');
  expect(await messages(cluster)).toEqual([
    'ns1:9876 routes to broker-b, which does not have it: orders',
    'ns1:9876 routes to broker-x without an address: orders',
  ]);
});

test('reports a broker or topic that is missing on one name server', async () => {
  const settings = () => new Map([...fakeBroker('').settings, ['namesrvAddr', 'ns1:9876']]);
  const both = () => new Map([...fakeBroker('').settings, ['namesrvAddr', 'ns1:9876;ns2:9876']]);
  const cluster = fakeCluster(
    {
      'a:1': fakeBroker('broker-a', { settings: both() }),
      'b:1': fakeBroker('broker-b', { settings: settings(), topics: new Map([['refunds', topicOf('refunds')]]) }),
    },
    ['ns1:9876', 'ns2:9876'],
  );
  expect(await messages(cluster)).toEqual([
    'not listed by ns2:9876: broker-b:0 at b:1, which answers',
    'ns2:9876 does not route to broker-b, which has it: refunds',
  ]);
});

test('reports a name server that does not answer, and checks the others', async () => {
  const cluster = fakeCluster({ 'a:1': fakeBroker('broker-a') }, ['ns1:9876', 'ns2:9876']);
  cluster.servers.delete('ns2:9876');
  expect((await checkRoutes(cluster.desk, io)).findings.map(({ code }) => code)).toEqual(['name-server-silent']);
});
