import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { bitsPerSecond } from '../../../core/units.ts';
import { HostsConfig } from '../../../hosts/config.ts';
import { renderBitRate, renderLabConfig, type LabConfig } from '../../../lab/planned-lab.ts';
import { LoadgenConfig } from '../../../loadgen/config.ts';

const Config = z.strictObject({
  clusters: z.record(z.string(), KafkaClusterConfig),
  hosts: HostsConfig,
  loadgen: LoadgenConfig,
});
const read = (config: LabConfig) => Config.parse(parse(renderLabConfig(config)));
const kafka = {
  title: 'Kafka 4.3.1',
  clusterLines: ['broker: kafka', 'bootstrap: ["198.18.1.2:9092", "198.18.2.2:9092"]'],
  brokers: [
    { id: '1', name: 'broker-1' },
    { id: '2', name: 'broker-2' },
  ],
};

test('on loopback all brokers and the generator share one host, and no link speed is configured', () => {
  const { clusters, hosts, loadgen } = read(kafka);
  expect(clusters['lab']?.bootstrap).toEqual(['198.18.1.2:9092', '198.18.2.2:9092']);
  expect(clusters['lab']?.brokers).toEqual({ '1': { host: 'local' }, '2': { host: 'local' } });
  expect(hosts['local']?.network).toEqual({});
  expect(loadgen).toMatchObject({ host: 'local', acceptBlind: ['link', 'gc-log'] });
});

test('with shaped network interfaces each host has its namespace, link speed and source', () => {
  const { clusters, hosts, loadgen } = read({
    ...kafka,
    shaped: {
      bitsPerSecond: bitsPerSecond(50e6),
      generatorNamespace: 'plimsoll-0123abcd-generator',
      hosts: [
        { name: 'generator', holderPid: 11 },
        { name: 'broker-1', holderPid: 12, gcLog: '/lab/logs/broker-1-gc.log' },
        { name: 'broker-2', holderPid: 13 },
      ],
    },
  });
  expect(clusters['lab']?.brokers).toEqual({ '1': { host: 'broker-1' }, '2': { host: 'broker-2' } });
  expect(hosts['broker-1']?.network).toEqual({
    procfs: '/proc/12/net',
    devices: ['eth0'],
    speed: 50e6,
    speedSource: 'plimsoll lab (tc-tbf)',
  });
  expect(hosts['broker-1']).toMatchObject({
    gcLogs: { broker: { files: '/lab/logs/broker-1-gc.log' } },
    processes: { broker: { commandLine: '/lab/logs/broker-1-gc.log' } },
  });
  expect(loadgen).toMatchObject({
    host: 'generator',
    networkNamespace: 'plimsoll-0123abcd-generator',
    acceptBlind: ['gc-log'],
  });
});

test('load tests are permitted, including overload, on topics of load tests', () => {
  const { clusters } = read(kafka);
  expect(clusters['lab']?.loadTest).toMatchObject({ window: 'always', topicPrefix: 'plimsoll-', overload: 'allowed' });
});

test.each([
  [50e6, '50mbit'],
  [1e9, '1gbit'],
  [2.5e9, '2500mbit'],
  [1_500_000, '1500kbit'],
  [1_234_567, '1234567bit'],
])('%d bit/s is written as %s', (rate, text) => expect(renderBitRate(bitsPerSecond(rate))).toBe(text));
