import { expect, test } from 'vitest';
import type { ClusterInspector } from '../../../brokers/driver.ts';
import { createBrokerHosts } from '../../../exporter/broker-hosts.ts';
import type { HostProbe } from '../../../hosts/probe.ts';

const io = { signal: new AbortController().signal };
const clock = { monotonic: () => 0 as never };
const reporting = (brokers: readonly { id: string; address: string }[]) =>
  ({ snapshot: async () => ({ cluster: { brokers } }) }) as unknown as ClusterInspector;

test('brokers of a host are the configured ones, and from the first page on those with its address', async () => {
  const joins = createBrokerHosts({ orders: { '1': { host: 'k-1' } }, trade: {} }, clock);
  joins.hearHost('k-1', {} as HostProbe, { addresses: ['192.0.2.1'], isHere: false });
  const inspector = joins.hearCluster('trade', reporting([{ id: 'broker-a:2', address: '192.0.2.1:10911' }]));
  expect(joins.brokersOn('k-1')).toMatchObject([{ cluster: 'orders', broker: '1' }]);
  await inspector.snapshot(io);
  const { lines } = await joins.families();
  expect([...lines].join('')).toContain('plimsoll_broker_host_info{cluster="trade",broker="broker-a:2",host="k-1"');
  expect(joins.brokersOn('k-1')).toMatchObject([
    { cluster: 'orders', broker: '1' },
    { cluster: 'trade', broker: 'broker-a:2' },
  ]);
  expect(joins.brokersOn('k-2')).toEqual([]);
});

test('brokers of a cluster that another exporter now exports are left out until it is read here again', async () => {
  let isOurs = true;
  const joins = createBrokerHosts({ trade: {} }, clock, () => isOurs);
  joins.hearHost('k-1', {} as HostProbe, { addresses: ['192.0.2.1', '192.0.2.2'], isHere: false });
  let brokers = [{ id: 'broker-a:0', address: '192.0.2.1:10911' }];
  const inspector = joins.hearCluster('trade', {
    snapshot: () => reporting(brokers).snapshot(io),
  } as unknown as ClusterInspector);
  const page = async () => [...(await joins.families()).lines].join('');
  await inspector.snapshot(io);
  expect(await page()).toContain('broker="broker-a:0"');
  isOurs = false;
  expect(await page()).not.toContain('plimsoll_broker_host_info{');
  isOurs = true;
  brokers = [{ id: 'broker-b:0', address: '192.0.2.2:10911' }];
  await inspector.snapshot(io);
  expect(await page()).toContain('broker="broker-b:0"');
});
