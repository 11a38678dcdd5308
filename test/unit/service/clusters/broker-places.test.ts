import { expect, test } from 'vitest';
import { HostsConfig } from '../../../../hosts/config.ts';
import { createBrokerPlaces } from '../../../../service/clusters/broker-places.ts';

const login = { user: 'monitor', privateKeyFile: '/keys/id', knownHostsFile: '/keys/known_hosts' };
const hosts = HostsConfig.parse({
  'mq-1': { probe: 'ssh', address: '192.0.2.1', ...login },
  'mq-2': { probe: 'ssh', address: '192.0.2.2', ...login },
});
const at = (id: string, address: string) => ({ id, address: `${address}:10911` });

test('members of a group with elected ids are matched to hosts by address, also after a failover', () => {
  let brokers = [at('broker-a:0', '192.0.2.1'), at('broker-a:1', '192.0.2.2')];
  const placesOf = createBrokerPlaces({ orders: { brokers: {} } }, hosts, () => brokers);
  expect(placesOf('orders')).toEqual({ 'broker-a:0': { host: 'mq-1' }, 'broker-a:1': { host: 'mq-2' } });
  brokers = [at('broker-a:0', '192.0.2.2')];
  expect(placesOf('orders')).toEqual({ 'broker-a:0': { host: 'mq-2' } });
});

test('places in the config take precedence and are known before the first reading', () => {
  let brokers: readonly ReturnType<typeof at>[] = [];
  const stated = { 'broker-a:0': { host: 'mq-2', process: 'broker' } };
  const placesOf = createBrokerPlaces({ orders: { brokers: stated } }, hosts, () => brokers);
  expect(placesOf('orders')).toEqual(stated);
  brokers = [at('broker-a:0', '192.0.2.1'), at('broker-b:0', '192.0.2.1')];
  expect(placesOf('orders')).toEqual({ ...stated, 'broker-b:0': { host: 'mq-1' } });
});

test('a reading with unchanged addresses returns the same result without matching again', () => {
  const placesOf = createBrokerPlaces({ orders: { brokers: {} } }, hosts, () => [at('broker-a:0', '192.0.2.1')]);
  expect(placesOf('orders')).toBe(placesOf('orders'));
});
