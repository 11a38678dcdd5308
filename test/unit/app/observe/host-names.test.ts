import { expect, test } from 'vitest';
import { ClusterConfig } from '../../../../brokers/config.ts';
import { addressedHost, hostsOfBrokers, hostsOfProxies } from '../../../../app/observe/host-names.ts';
import type { HostReading } from '../../../../core/documents/evidence/host-reading.ts';
import type { RunningProcess } from '../../../../core/documents/evidence/process-reading.ts';
import { HostsConfig } from '../../../../hosts/config.ts';

const login = { user: 'monitor', privateKeyFile: '/keys/id', knownHostsFile: '/keys/known_hosts' };
const hosts = HostsConfig.parse({
  worker1: { probe: 'ssh', address: '192.0.2.1', ...login },
  worker2: { probe: 'ssh', address: '192.0.2.2', addresses: ['Broker-2.example'], ...login },
  worker3: { probe: 'node-exporter', url: 'http://192.0.2.3:9100/metrics' },
  worker4: { probe: 'node-exporter', url: 'http://[2001:DB8::4]:9100/metrics' },
  here: { probe: 'local' },
});

test('the host of a broker is the configured one, otherwise the one with its address', () => {
  const brokers = [
    { id: '1', address: '192.0.2.1:9092' },
    { id: '2', address: 'broker-2.example:9092' },
    { id: '3', address: '192.0.2.3:9092' },
    { id: '4', address: '127.0.0.1:9092' },
    { id: '5', address: '192.0.2.5:9092' },
    { id: '6', address: '192.0.2.1:9093' },
    { id: '7', address: '[2001:db8::4]:9092' },
  ];
  expect(hostsOfBrokers(brokers, { 6: { host: 'worker3', process: 'kafka' } }, hosts)).toEqual({
    1: { host: 'worker1' },
    2: { host: 'worker2' },
    3: { host: 'worker3' },
    4: { host: 'here' },
    6: { host: 'worker3', process: 'kafka' },
    7: { host: 'worker4' },
  });
});

test('a host has the addresses of its config and inventory, and its running processes', () => {
  const process = { ports: [9092] } as unknown as RunningProcess;
  const reading: HostReading = {
    processes: [
      { state: 'running', name: 'kafka', restarts: 0, process },
      { state: 'gone', name: 'proxy', restarts: 0, reason: 'it ended' },
    ],
  };
  const seen = { inventory: { host: 'worker2', addresses: ['10.0.0.2'] }, reading };
  expect(addressedHost('worker2', hosts['worker2'], seen)).toEqual({
    host: 'worker2',
    isHere: false,
    addresses: new Set(['worker2', 'Broker-2.example', '192.0.2.2', '10.0.0.2']),
    processes: [{ name: 'kafka', ports: [9092] }],
  });
});

test('an address shared by two hosts assigns no host', () => {
  const twice = HostsConfig.parse({
    one: { probe: 'ssh', address: '192.0.2.1', ...login },
    other: { probe: 'ssh', address: '192.0.2.9', addresses: ['192.0.2.1'], ...login },
  });
  expect(hostsOfBrokers([{ id: '1', address: '192.0.2.1:9092' }], {}, twice)).toEqual({});
});

test('the hosts of proxies are the configured ones, otherwise the one with the address, otherwise unknown', () => {
  const proxiesOf = (proxy?: object) =>
    hostsOfProxies(ClusterConfig.parse({ broker: 'rocketmq', namesrv: ['192.0.2.9:9876'], proxy }), hosts);
  expect(proxiesOf({ address: '192.0.2.3:8081' })).toEqual(['worker3']);
  expect(proxiesOf({ address: 'lb.example:8081', hosts: ['worker1', 'worker2'] })).toEqual(['worker1', 'worker2']);
  expect(proxiesOf({ address: 'lb.example:8081' })).toEqual([]);
  expect(proxiesOf()).toEqual([]);
});
