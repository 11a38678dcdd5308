import { expect, test } from 'vitest';
import { configDrift } from '../../../../../brokers/rocketmq/inspect/disagreements.ts';
import { brokerWith } from '../../../../support/rocketmq-snapshot.ts';

test('secrets that differ between brokers are reported without their values', () => {
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

test('each DLedger group has its own name and peers, which only its members must share', () => {
  const member = (id: string, peers: string) => {
    const [brokerName = ''] = id.split(':');
    const config = new Map([
      ['dLegerGroup', brokerName],
      ['dLegerPeers', peers],
      ['preferredLeaderId', `n0-${brokerName}`],
    ]);
    return brokerWith({ id, config });
  };
  const both = 'n0-10.0.0.3:40911;n1-10.0.0.4:40911';
  const healthy = [member('a:0', 'n0-10.0.0.1:40911'), member('b:0', both), member('b:1', both)];
  expect(configDrift(healthy)).toEqual([]);
  expect(configDrift([...healthy, member('b:2', 'n0-10.0.0.9:40911')])).toEqual([
    {
      of: 'broker-config',
      subject: 'dLegerPeers',
      sides: { 'b:0': both, 'b:1': both, 'b:2': 'n0-10.0.0.9:40911' },
    },
  ]);
});

test('cluster names are compared as well', () => {
  const drift = configDrift([
    brokerWith({ id: 'a:0', config: new Map([['brokerClusterName', 'sales']]) }),
    brokerWith({ id: 'b:0', config: new Map([['brokerClusterName', 'slaes']]) }),
  ]);
  expect(drift.map(({ subject }) => subject)).toEqual(['brokerClusterName']);
});
