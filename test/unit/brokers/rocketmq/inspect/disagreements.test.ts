import { expect, test } from 'vitest';
import { configDrift } from '../../../../../brokers/rocketmq/inspect/disagreements.ts';
import { brokerWith } from '../../../../support/rocketmq-snapshot.ts';

test('secrets that differ between brokers are reported, and never shown', () => {
  const config = (secret: string) =>
    new Map([
      ['innerClientAuthenticationCredentials', `{"accessKey":"inner","secretKey":"${secret}"}`],
      ['metricsGrpcExporterHeader', `authorization:Bearer ${secret}`],
      ['flushDiskType', `${secret === 'one' ? 'A' : ''}SYNC_FLUSH`],
    ]);
  const drift = configDrift([
    brokerWith({ id: 'a:0', config: config('one') }),
    brokerWith({ id: 'b:0', config: config('two') }),
  ]);
  const hidden = { 'a:0': '(hidden)', 'b:0': '(hidden)' };
  expect(drift).toEqual([
    { of: 'broker-config', subject: 'flushDiskType', sides: { 'a:0': 'ASYNC_FLUSH', 'b:0': 'SYNC_FLUSH' } },
    { of: 'broker-config', subject: 'innerClientAuthenticationCredentials', sides: hidden },
    { of: 'broker-config', subject: 'metricsGrpcExporterHeader', sides: hidden },
  ]);
});
