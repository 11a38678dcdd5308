import { expect, test } from 'vitest';
import { ExporterConfig, limitsOf, parseListenAddress } from '../../../exporter/config.ts';

test.each([
  ['127.0.0.1:9000', { host: '127.0.0.1', port: 9000 }],
  [':0', { host: '127.0.0.1', port: 0 }],
  ['[::1]:9000', { host: '::1', port: 9000 }],
  ['broker-1:9000', { host: 'broker-1', port: 9000 }],
])('%s is a valid listen address', (text, address) => expect(parseListenAddress(text)).toEqual(address));

test.each(['9000', '127.0.0.1', '127.0.0.1:', '127.0.0.1:65536', '::1:9000', 'http://127.0.0.1:9000'])(
  '%s is not a valid listen address',
  (text) => {
    expect(parseListenAddress(text)).toBeUndefined();
    expect(ExporterConfig.safeParse({ listen: text }).success).toBe(false);
  },
);

test('listens on loopback unless configured otherwise', () =>
  expect(ExporterConfig.parse(undefined).listen).toMatch(/^127\.0\.0\.1:\d+$/));

test('collectors are chosen for all clusters or for one, plus those of the compatibility mode', () => {
  const config = ExporterConfig.parse({
    everyCluster: { collectors: ['brokers'] },
    clusters: { lab: { collectors: ['offsets', 'consumer-groups'] } },
    compatibility: ['kminion'],
  });
  expect(limitsOf(config).chosen).toEqual(new Set(['brokers', 'kminion']));
  expect(limitsOf(config, 'lab').chosen).toEqual(new Set(['offsets', 'consumer-groups', 'kminion']));
  expect(limitsOf(ExporterConfig.parse(undefined)).chosen).toBeUndefined();
});

test('an unknown collector or one for hosts cannot be chosen', () => {
  for (const name of ['offset', 'meminfo']) {
    expect(ExporterConfig.safeParse({ everyCluster: { collectors: [name] } }).success).toBe(false);
  }
});
