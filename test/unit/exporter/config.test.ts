import { expect, test } from 'vitest';
import { ExporterConfig, parseListenAddress } from '../../../exporter/config.ts';

test.each([
  ['127.0.0.1:9000', { host: '127.0.0.1', port: 9000 }],
  [':0', { host: '127.0.0.1', port: 0 }],
  ['[::1]:9000', { host: '::1', port: 9000 }],
  ['broker-1:9000', { host: 'broker-1', port: 9000 }],
])('%s is an address', (text, address) => expect(parseListenAddress(text)).toEqual(address));

test.each(['9000', '127.0.0.1', '127.0.0.1:', '127.0.0.1:65536', '::1:9000', 'http://127.0.0.1:9000'])(
  '%s is none',
  (text) => {
    expect(parseListenAddress(text)).toBeUndefined();
    expect(ExporterConfig.safeParse({ listen: text }).success).toBe(false);
  },
);

test('listens on the loopback unless told otherwise', () =>
  expect(ExporterConfig.parse(undefined).listen).toMatch(/^127\.0\.0\.1:\d+$/));
