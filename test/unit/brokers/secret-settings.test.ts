import { expect, test } from 'vitest';
import { hiddenValue, shownValue } from '../../../brokers/secret-settings.ts';

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
])('the value of %s is hidden', (setting) => {
  expect(shownValue(setting, 'hunter2')).toBe(hiddenValue);
  expect(shownValue(setting, '')).toBe('');
});

test.each(['log.retention.hours', 'ssl.keystore.location', 'flushDiskType', 'delegation.token.expiry.time.ms'])(
  'the value of %s is shown',
  (setting) => expect(shownValue(setting, '168')).toBe('168'),
);

test('a password in a URL is hidden, whatever the setting is called', () => {
  expect(shownValue('auth.store', 'jdbc:mysql://root:hunter2@db/auth')).toBe(
    `jdbc:mysql://root:${hiddenValue}@db/auth`,
  );
});
