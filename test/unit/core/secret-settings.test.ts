import { expect, test } from 'vitest';
import { hiddenValue, shownValue } from '../../../core/secret-settings.ts';

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
  'plugin.authToken',
])('the value of %s is hidden', (setting) => {
  expect(shownValue(setting, 'hunter2')).toBe(hiddenValue);
  expect(shownValue(setting, '')).toBe('');
});

test.each(['log.retention.hours', 'ssl.keystore.location', 'flushDiskType', 'delegation.token.expiry.time.ms'])(
  'the value of %s is shown',
  (setting) => expect(shownValue(setting, '168')).toBe('168'),
);

test.each([
  ['jdbc:mysql://root:hunter2@db/auth', `jdbc:mysql://root:${hiddenValue}@db/auth`],
  ['redis://:hunter2@cache:6379', `redis://:${hiddenValue}@cache:6379`],
  ['https://hunter2@git.example/rules', `https://${hiddenValue}@git.example/rules`],
  ['http://root:hunter@2@db', `http://root:${hiddenValue}@db`],
  ['jdbc:mysql://db/auth?user=root&password=hunter2', `jdbc:mysql://db/auth?user=root&password=${hiddenValue}`],
  ['http://audit/in?api_key=hunter2&x=1', `http://audit/in?api_key=${hiddenValue}&x=1`],
  ['{"user":"admin","password":"hunter2 \\" 3"}', `{"user":"admin","password":${hiddenValue}}`],
  ["user='root' password='hunter2 3'", `user='root' password=${hiddenValue}`],
  ['-Xmx1g -Dkey.password=hunter2', `-Xmx1g -Dkey.password=${hiddenValue}`],
  ['http://db:80/a@b', 'http://db:80/a@b'],
  ['http://db?to=a@b', 'http://db?to=a@b'],
  ['TOKEN:SASL_SSL,PASSWORD:PLAINTEXT', 'TOKEN:SASL_SSL,PASSWORD:PLAINTEXT'],
  ['https://idp:8443/token', 'https://idp:8443/token'],
])('the password in %s is hidden, whatever the setting is called', (address, shown) => {
  expect(shownValue('auth.store', address)).toBe(shown);
});
