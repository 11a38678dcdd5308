import { inEnglish } from '../../../support/in-english.ts';
import { expect, test } from 'vitest';
import { openRocketmqAdministration } from '../../../../brokers/rocketmq/changes/rocketmq-administration.ts';
import { RocketmqClusterConfig } from '../../../../brokers/rocketmq/config.ts';
import { orderAfter, OrderChange, planOrder, setOrder } from '../../../../ops/rocketmq/topics/set-order.ts';

const defined = (brokerName: string, order: boolean) => ({
  brokerName,
  after: {
    name: 'paid',
    readQueues: 4,
    writeQueues: 4,
    permission: 6,
    filterType: 'SINGLE_TAG',
    sysFlag: 0,
    order,
    attributes: {},
  },
});

test.each([
  [null, [defined('broker-c', true)], 'broker-c:4'],
  [null, [defined('broker-b', true), defined('broker-a', true)], 'broker-a:4;broker-b:4'],
  ['broker-a:8;broker-b:8', [defined('broker-c', true)], 'broker-a:8;broker-b:8;broker-c:4'],
  ['broker-a:8;broker-b:8', [defined('broker-a', true)], 'broker-a:4;broker-b:8'],
  ['broker-a:8;broker-b:8', [defined('broker-a', false)], 'broker-b:8'],
  ['broker-a:8', [defined('broker-a', false)], null],
])('changes only the entries of defined brokers in %s', (before, brokers, after) => {
  expect(orderAfter(before, brokers)).toBe(after);
});

/** Two name servers in memory. */
function nameServers(before: string) {
  const namesrv = ['ns1:9876', 'ns2:9876'];
  const orders = new Map(namesrv.map((server) => [server, before]));
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv });
  const admin = {
    ...openRocketmqAdministration('lab', config),
    orderOf: async (server: string) => orders.get(server),
    async setOrder(server: string, _topic: string, order: string | undefined) {
      if (order === undefined) orders.delete(server);
      else orders.set(server, order);
    },
  };
  return { orders, admin };
}

test('a rollback keeps an order configuration that others changed since', async () => {
  const io = { signal: new AbortController().signal };
  const [before, after, other] = ['broker-a:8', 'broker-a:8;broker-c:4', 'broker-a:16'];
  const { orders, admin } = nameServers(before);
  const step = setOrder('paid', { before, after }, admin);
  await step.run(io);
  expect([...orders.values()]).toEqual([after, after]);
  orders.set('ns2:9876', other);
  if (!('run' in step.undo)) throw new Error('no rollback');
  expect(inEnglish(await step.undo.run?.(io))).toEqual([
    `ns1:9876: ${after} → ${before}`,
    `ns2:9876: others changed it to ${other}, and it is kept`,
  ]);
  expect([...orders.values()]).toEqual([before, other]);
});

test('a rollback restores one entry, and keeps and names another that others changed since', async () => {
  const io = { signal: new AbortController().signal };
  const [before, after] = ['broker-a:4;broker-b:4', 'broker-a:6;broker-b:6'];
  const { orders, admin } = nameServers(before);
  const step = setOrder('paid', { before, after }, admin);
  await step.run(io);
  orders.set('ns2:9876', 'broker-a:6;broker-b:16');
  if (!('run' in step.undo)) throw new Error('no rollback');
  expect(inEnglish(await step.undo.run?.(io))).toEqual([
    `ns1:9876: ${after} → ${before}`,
    'ns2:9876: broker-a:6;broker-b:16 → broker-a:4;broker-b:16; others changed it to broker-b:16, and that is kept',
  ]);
});

test('a change and its rollback keep entries of brokers that others added since the plan', async () => {
  const io = { signal: new AbortController().signal };
  const [before, after] = ['broker-a:4;broker-b:4', 'broker-a:6;broker-b:6'];
  const { orders, admin } = nameServers(before);
  orders.set('ns2:9876', `${before};broker-c:4`);
  const step = setOrder('paid', { before, after }, admin);
  await step.run(io);
  expect([...orders.values()]).toEqual([after, `${after};broker-c:4`]);
  if (!('run' in step.undo)) throw new Error('no rollback');
  await step.undo.run?.(io);
  expect([...orders.values()]).toEqual([before, `${before};broker-c:4`]);
});

test('does not overwrite an entry of the change that others changed since the plan', async () => {
  const io = { signal: new AbortController().signal };
  const [before, after, other] = ['broker-a:4', 'broker-a:6', 'broker-a:16'];
  const { orders, admin } = nameServers(before);
  orders.set('ns2:9876', other);
  const step = setOrder('paid', { before, after }, admin);
  await expect(step.run(io)).rejects.toMatchObject({
    code: 'change-stopped',
    message: `ns2:9876 has order configuration ${other} of paid: another tool or person has changed it. Changed before: ns1:9876: ${before} → ${after}`,
  });
  expect([...orders.values()]).toEqual([after, other]);
});

test('each name server keeps its different entries, and a rollback restores them', async () => {
  const io = { signal: new AbortController().signal };
  const { orders, admin } = nameServers('broker-a:8');
  orders.set('ns2:9876', 'broker-b:8');
  const spec = { desk: admin, topic: 'paid', servers: admin.namesrv };
  const change = await planOrder(spec, () => [defined('broker-c', true)], io);
  if (change === undefined) throw new Error('nothing to change');
  const step = setOrder('paid', OrderChange.parse(change), admin);
  expect(step.description).toContain(
    'broker-a:8 → broker-a:8;broker-c:4; ns2:9876: broker-b:8 → broker-b:8;broker-c:4',
  );
  await step.run(io);
  expect([...orders.values()]).toEqual(['broker-a:8;broker-c:4', 'broker-b:8;broker-c:4']);
  if (!('run' in step.undo)) throw new Error('no rollback');
  await step.undo.run?.(io);
  expect([...orders.values()]).toEqual(['broker-a:8', 'broker-b:8']);
});

test('plans nothing if every name server already has the wanted order', async () => {
  const { admin } = nameServers('broker-c:4');
  const spec = { desk: admin, topic: 'paid', servers: admin.namesrv };
  const { signal } = new AbortController();
  expect(await planOrder(spec, () => [defined('broker-c', true)], { signal })).toBeUndefined();
});
