import { expect, test } from 'vitest';
import { hiddenValue, settingRows, shownValue, sidesTogether } from '../../../../service/clusters/shown-settings.ts';

test.each([
  'ssl.keystore.password',
  'ssl.keystore.key',
  'listener.name.client.plain.sasl.jaas.config',
  'delegation.token.secret.key',
  'delegation.token.master.key',
  'innerClientAuthenticationCredentials',
  'initAuthenticationUser',
  'metricsGrpcExporterHeader',
  'accessKey',
])('%s is hidden', (setting) => {
  expect(shownValue(setting, 'hunter2')).toBe(hiddenValue);
  expect(shownValue(setting, '')).toBe('');
});

test.each(['log.retention.hours', 'ssl.keystore.location', 'flushDiskType', 'delegation.token.expiry.time.ms'])(
  '%s is shown',
  (setting) => expect(shownValue(setting, '168')).toBe('168'),
);

test('a password within an address is hidden, whatever the setting is called', () => {
  expect(shownValue('auth.store', 'jdbc:mysql://root:hunter2@db/auth')).toBe(
    `jdbc:mysql://root:${hiddenValue}@db/auth`,
  );
});

test('brokers that say the same stand together, and the odd one out last', () => {
  const rows = settingRows([
    { id: '1', values: new Map([['num.io.threads', '8']]) },
    { id: '2', values: new Map([['num.io.threads', '16']]) },
    { id: '3', values: new Map([['num.io.threads', '8']]) },
  ]);
  expect(rows).toEqual([
    {
      setting: 'num.io.threads',
      values: [
        { value: '8', by: ['1', '3'] },
        { value: '16', by: ['2'] },
      ],
    },
  ]);
  expect(sidesTogether({ a: '16', b: '8', c: '8' }).map(({ by }) => by)).toEqual([['b', 'c'], ['a']]);
});
