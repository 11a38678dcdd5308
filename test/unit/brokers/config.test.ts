import { expect, test } from 'vitest';
import { ClustersConfig } from '../../../brokers/config.ts';

const problems = (cluster: object) => {
  const parsed = ClustersConfig.safeParse({ lab: { broker: 'kafka', bootstrap: ['127.0.0.1:9092'], ...cluster } });
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
};

test('a bootstrap address is the only required setting', () => {
  expect(ClustersConfig.parse({ lab: { broker: 'kafka', bootstrap: ['kafka-1:9092', '[::1]:9092'] } })).toEqual({
    lab: {
      broker: 'kafka',
      bootstrap: ['kafka-1:9092', '[::1]:9092'],
      client: 'auto',
      brokers: {},
      zookeeper: [],
      jmx: {},
      deadLetterTopics: {},
    },
  });
});

test('an address without a port is refused with its position', () => {
  expect(problems({ bootstrap: ['kafka-1'] })).toEqual(['lab.bootstrap.0: expected host:port, such as 127.0.0.1:9092']);
});

test('an invalid port is refused with its position', () => {
  expect(problems({ bootstrap: ['kafka-1:0', 'kafka-1:65535', '[::1]:65536'] })).toEqual([
    'lab.bootstrap.0: a port is between 1 and 65535',
    'lab.bootstrap.2: a port is between 1 and 65535',
  ]);
});

test('an unknown key is refused', () => {
  expect(problems({ bootsrap: [] })).toEqual(['lab: Unrecognized key: "bootsrap"']);
});

test('a plain-text password in the config is refused', () => {
  expect(problems({ sasl: { mechanism: 'plain', username: 'u', password: 'hunter2' } })).toEqual([
    'lab.sasl.password: secrets are not allowed here; use ${file:/path} or ${env:NAME}',
  ]);
});

test('SASL OAUTHBEARER accepts a token instead of a user and a password', () => {
  expect(problems({ sasl: { mechanism: 'oauthbearer', token: '${file:/run/token}' } })).toEqual([]);
  expect(problems({ sasl: { mechanism: 'oauthbearer', username: 'me', password: '${env:P}' } })).not.toEqual([]);
});

test('Kerberos needs no password, and MSK IAM needs a region', () => {
  expect(problems({ sasl: { mechanism: 'gssapi', principal: 'plimsoll@EXAMPLE.COM' } })).toEqual([]);
  expect(problems({ sasl: { mechanism: 'aws-msk-iam', region: 'eu-central-1' } })).toEqual([]);
  expect(problems({ sasl: { mechanism: 'aws-msk-iam', region: 'Frankfurt' } })).toEqual([
    'lab.sasl.region: an AWS region such as eu-central-1',
  ]);
});

test.each([
  ['GSSAPI', 'gssapi'],
  ['Kerberos', 'gssapi'],
  ['AWS_MSK_IAM', 'aws-msk-iam'],
  ['SCRAM-SHA-512', 'scram-sha-512'],
])('the mechanism name %s is refused with the spelling %s', (mechanism, name) => {
  expect(problems({ sasl: { mechanism, username: 'me', password: '${env:P}' } })).toEqual([
    `lab.sasl.mechanism: ${mechanism} is written ${name}`,
  ]);
});

test('a URL that contains a password is refused everywhere, because logs print URLs', () => {
  const url = 'http://u:hunter2@127.0.0.1:7071/';
  const refusal = expect.stringContaining('a URL with a password or token would');
  expect(problems({ zookeeper: [url] })).not.toEqual([]);
  expect(problems({ jmx: { 1: url } })).not.toEqual([]);
  expect(problems({ jmx: { 1: { url, username: 'u', password: '${env:P}' } } })).not.toEqual([]);
  expect(
    problems({ broker: 'rocketmq', bootstrap: undefined, namesrv: ['127.0.0.1:9876'], nativeMetrics: { 'a:0': url } }),
  ).toContainEqual(refusal);
});

test.each(['', '.', '..', 'two\nlines', 'x'.repeat(101)])('%j is not a valid cluster name', (name) => {
  const cluster = { broker: 'kafka', bootstrap: ['127.0.0.1:9092'] };
  expect(ClustersConfig.safeParse({ [name]: cluster }).success).toBe(false);
});

test('a cluster name may use any script', () => {
  const cluster = { broker: 'kafka', bootstrap: ['127.0.0.1:9092'] };
  expect(ClustersConfig.safeParse({ '订单 eu-1': cluster }).success).toBe(true);
});
