import { expect, test } from 'vitest';
import { KafkaClusterConfig } from '../../../../../brokers/kafka/config.ts';
import { describeIssues } from '../../../../../core/config-problem.ts';

const clusterWith = (jmx: unknown) => ({ broker: 'kafka', bootstrap: ['127.0.0.1:9092'], jmx });

function problems(jmx: unknown): string[] {
  const written = clusterWith(jmx);
  const { error } = KafkaClusterConfig.safeParse(written);
  return describeIssues(error?.issues ?? [], KafkaClusterConfig, written).map(({ message }) => message);
}

test('a broker has a URL, with a user if the agent needs one', () => {
  expect(problems({ '1': 'http://broker-1:7071/metrics', '2': 'https://broker-2:8778/jolokia' })).toEqual([]);
  expect(
    problems({ '1': { url: 'http://broker-1:7071', username: 'plimsoll', password: '${env:JMX_PASSWORD}' } }),
  ).toEqual([]);
});

test('an address without http, such as a JMX address, is refused with an example URL', () => {
  expect(problems({ '1': 'broker-1:9999' })).toEqual(['expected a URL such as http://host:port/path']);
  expect(problems({ '1': 'service:jmx:rmi:///jndi/rmi://broker-1:9999/jmxrmi' })).toEqual([
    'expected a URL such as http://host:port/path',
  ]);
});

test('a plain-text password is refused', () =>
  expect(problems({ '1': { url: 'http://broker-1:7071', username: 'plimsoll', password: 'x' } })).toEqual([
    'secrets are not allowed here; use ${file:/path} or ${env:NAME}',
  ]));
