import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ConfigFile } from '../../../../app/config/config-file.ts';
import { renderDiscoveredConfig, type Discovered } from '../../../../app/observe/discovered-config.ts';
import { parseConfig } from '../../../../core/config-file.ts';

const discovered = (addresses: readonly string[], over: Partial<Discovered> = {}): Discovered => ({
  cluster: {
    name: 'orders',
    kind: 'kafka',
    brokers: addresses.map((address, index) => ({ id: String(index + 1), address })),
  },
  addresses,
  ...over,
});
const read = (request: Discovered) => {
  const text = renderDiscoveredConfig(request);
  const reading = parseConfig(text, ConfigFile);
  if (reading.kind === 'invalid') throw new Error(JSON.stringify(reading.problems));
  return { text, config: reading.config };
};

test('a broker on this host gets it as its host', () => {
  const { config } = read(discovered(['127.0.0.1:9092']));
  expect(config.clusters['orders']?.brokers).toEqual({ '1': { host: 'local' } });
  expect(Object.keys(config.hosts)).toEqual(['local']);
  expect(config.loadgen?.host).toBe('local');
});

test('names further brokers for the connection, since the given one may be down, but no brokers as name servers', () => {
  const cluster = discovered(['k-1:9092', 'k-2:9092', 'k-3:9092', 'k-4:9092']).cluster;
  const { config } = read({ cluster, addresses: ['k-2:9092'] });
  expect(config.clusters['orders']).toMatchObject({ bootstrap: ['k-2:9092', 'k-1:9092', 'k-3:9092'] });
  const rocketmq = read({ cluster: { ...cluster, kind: 'rocketmq' }, addresses: ['ns:9876'] });
  expect(rocketmq.config.clusters['orders']).toMatchObject({ namesrv: ['ns:9876'] });
});

test('a broker elsewhere gets a commented host, because its address need not be its host', () => {
  const { text, config } = read(discovered(['198.51.100.7:9092']));
  expect(config.clusters['orders']?.brokers).toEqual({});
  expect(text).toContain('#   "1": { host: NAME } # advertises 198.51.100.7:9092');
  expect(text).toContain('virtual IP, NAT or a container');
});

test('writes a config even if the addresses of this host cannot be listed', () => {
  const listing = vi.spyOn(os, 'networkInterfaces').mockImplementation(() => {
    throw new Error('A system error occurred: uv_interface_addresses returned 97');
  });
  syncBuiltinESMExports();
  onTestFinished(() => {
    listing.mockRestore();
    syncBuiltinESMExports();
  });
  const { config } = read(discovered(['127.0.0.1:9092', '198.51.100.7:9092']));
  expect(config.clusters['orders']?.brokers).toEqual({ '1': { host: 'local' } });
  expect(listing).toHaveBeenCalled();
});

test('the load test permission is a comment that is valid when it is uncommented', () => {
  const { text, config } = read(discovered(['127.0.0.1:9092']));
  expect(config.clusters['orders']?.loadTest).toBeUndefined();
  const allowed = parseConfig(
    text.replaceAll(/^ {4}# (loadTest:| {2}(?:window|max|topicPrefix|approver))/gm, '    $1'),
    ConfigFile,
  );
  if (allowed.kind === 'invalid') throw new Error(JSON.stringify(allowed.problems));
  expect(allowed.config.clusters['orders']?.loadTest).toMatchObject({ maxTps: 20000, topicPrefix: 'plimsoll-' });
});

test('local and remote brokers share one map', () => {
  const { config } = read(discovered(['127.0.0.1:9092', '198.51.100.7:9092']));
  expect(Object.keys(config.clusters['orders']?.brokers ?? {})).toEqual(['1']);
});

test('a name with any characters stays one key', () => {
  const name = 'a: b # "c"';
  const { config } = read({ ...discovered(['127.0.0.1:9092']), cluster: { name, kind: 'kafka', brokers: [] } });
  expect(Object.keys(config.clusters)).toEqual([name]);
});

test('writes a password as its environment variable', () => {
  const { text } = read(
    discovered(['127.0.0.1:9092'], { sasl: { mechanism: 'plain', username: 'u', passwordVariable: 'KAFKA_PASSWORD' } }),
  );
  expect(text).toContain('${env:KAFKA_PASSWORD}');
});

test('a cluster with TLS keeps TLS and its certificate authority in the file', () => {
  const tlsOf = (tls: { ca?: string }) => read(discovered(['127.0.0.1:9093'], { tls })).config.clusters['orders']?.tls;
  const ca = '/etc/plimsoll/a "private" ca.pem';
  expect(tlsOf({})).toEqual({ verify: true });
  expect(tlsOf({ ca })).toEqual({ ca, verify: true });
});

test('a RocketMQ cluster has its name servers, and the secret key stays in the environment', () => {
  const credentials = { accessKey: 'monitor', secretKeyVariable: 'HOME' };
  const brokers = [{ id: 'broker-a:0', address: '127.0.0.1:10911' }];
  const cluster = { name: 'trade', kind: 'rocketmq' as const, version: '5.3.3', brokers };
  const { text, config } = read({ cluster, addresses: ['127.0.0.1:9876', '127.0.0.1:9877'], credentials });
  expect(config.clusters['trade']).toMatchObject({
    broker: 'rocketmq',
    namesrv: ['127.0.0.1:9876', '127.0.0.1:9877'],
    credentials: { accessKey: 'monitor' },
    brokers: { 'broker-a:0': { host: 'local' } },
  });
  expect(text).toContain('secretKey: "${env:HOME}"');
});
