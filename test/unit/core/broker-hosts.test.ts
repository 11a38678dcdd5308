import { describe, expect, test } from 'vitest';
import { joinBrokers, type AddressedHost } from '../../../core/broker-hosts.ts';

const host = (name: string, addresses: string[], change: Partial<AddressedHost> = {}): AddressedHost => ({
  host: name,
  addresses: new Set([name, ...addresses]),
  isHere: false,
  processes: [],
  ...change,
});

const join = (address: string, hosts: AddressedHost[], stated = {}) =>
  joinBrokers([{ id: '1', address }], hosts, stated)[0];

describe('a broker is matched to the host', () => {
  const hosts = [
    host('mq-1', ['10.0.0.5', 'fe80::1']),
    host('mq-2', ['10.0.0.6', 'broker-2.internal']),
    host('MQ-3', ['Broker-3.Internal', '[fe80::3]']),
  ];

  test.each([
    ['with its address', '10.0.0.5:9092', 'mq-1'],
    ['with its IPv6 address', '[fe80::1]:9092', 'mq-1'],
    ['with its name', 'mq-2:9092', 'mq-2'],
    ['with its name in the config, ignoring case', 'Broker-2.INTERNAL:9092', 'mq-2'],
    ['with its name in capital letters in the config', 'broker-3.internal:9092', 'MQ-3'],
    ['with its name in capital letters', 'mq-3:9092', 'MQ-3'],
    ['with its IPv6 address in brackets in the config', '[FE80::3]:9092', 'MQ-3'],
  ])('%s', (_, address, name) => expect(join(address, hosts)).toEqual({ broker: '1', host: name }));

  test('configured for it, whatever its address', () => {
    expect(join('10.0.0.5:9092', hosts, { 1: { host: 'mq-2' } })).toEqual({ broker: '1', host: 'mq-2' });
  });

  test('on which Plimsoll runs if its address is the loopback address', () => {
    const here = host('local', ['127.0.0.1'], { isHere: true });
    const far = host('far', ['127.0.0.1', '::1']);
    for (const address of ['127.0.0.1:9092', 'localhost:9092', '[::1]:9092']) {
      expect(join(address, [far, here])).toEqual({ broker: '1', host: 'local' });
      expect(join(address, [far])).toBeUndefined();
    }
  });
});

test('a broker is matched to no host if no host or several hosts have its address', () => {
  expect(join('10.9.9.9:9092', [host('mq-1', ['10.0.0.5'])])).toBeUndefined();
  expect(join('172.17.0.1:9092', [host('a', ['172.17.0.1']), host('b', ['172.17.0.1'])])).toBeUndefined();
});

test('the process of a broker is the one that listens on its port', () => {
  const processes = [
    { name: 'rocketmq-broker', ports: [10_909, 10_911] },
    { name: 'rocketmq-namesrv', ports: [9876] },
  ];
  expect(join('10.0.0.5:10911', [host('mq-1', ['10.0.0.5'], { processes })])).toMatchObject({
    process: 'rocketmq-broker',
  });
  expect(join('10.0.0.5:10912', [host('mq-1', ['10.0.0.5'], { processes })])).not.toHaveProperty('process');
});

test('the process of a broker is the configured one if the owner of the port is not visible', () => {
  const hosts = [host('mq-1', ['10.0.0.5'], { processes: [{ name: 'broker', ports: [] }] })];
  expect(join('10.0.0.5:10911', hosts, { 1: { host: 'mq-1', process: 'broker' } })).toMatchObject({
    process: 'broker',
  });
});
