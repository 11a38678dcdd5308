import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { clusterIdLine, clusterIdOf, confirmationText, isSameCluster } from '../../../brokers/cluster-id.ts';
import { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { RocketmqClusterConfig } from '../../../brokers/rocketmq/config.ts';
import type { Cluster } from '../../../core/cluster.ts';

const kafka: Cluster = { name: 'orders', kind: 'kafka', clusterId: 'MkU3OEVBNTcwNTJENDM2Qg', brokers: [] };
const trade: Cluster = {
  name: 'trade',
  kind: 'rocketmq',
  clusterId: 'DefaultCluster',
  brokers: [
    { id: 'broker-a:1', address: '10.0.0.6:10911' },
    { id: 'broker-a:0', address: '10.0.0.5:10911' },
    { id: 'broker-b:0', address: '10.0.0.7:10911' },
  ],
};
const line = (cluster: Cluster) => {
  const id = clusterIdOf(cluster);
  return id === undefined ? undefined : clusterIdLine(id);
};

test('the generated line for plimsoll.yaml identifies the cluster it was made from', () => {
  const ofKafka = parse(`{ broker: kafka, bootstrap: ["b:9092"], ${line(kafka)} }`) as unknown;
  const ofRocketmq = parse(`{ broker: rocketmq, namesrv: ["n:9876"], ${line(trade)} }`) as unknown;
  const { clusterId: id = '' } = KafkaClusterConfig.parse(ofKafka);
  const { clusterId: nameAndBrokers = '' } = RocketmqClusterConfig.parse(ofRocketmq);
  expect(isSameCluster(id, kafka)).toBe(true);
  expect(isSameCluster(nameAndBrokers, trade)).toBe(true);
  expect([id, nameAndBrokers].map(confirmationText)).toEqual(['MkU3OEVBNTcwNTJENDM2Qg', 'DefaultCluster']);
});

test('a RocketMQ cluster id lists masters first, and one remaining broker is enough to match', () => {
  const id = clusterIdOf(trade);
  expect(id).toEqual({
    name: 'DefaultCluster',
    brokers: ['broker-a@10.0.0.5:10911', 'broker-b@10.0.0.7:10911', 'broker-a@10.0.0.6:10911'],
  });
  const failedOver = { ...trade, brokers: [{ id: 'broker-a:0', address: '10.0.0.6:10911' }] };
  expect(isSameCluster(id ?? '', failedOver)).toBe(true);
});

test('another cluster named DefaultCluster does not match', () => {
  const elsewhere = { ...trade, brokers: [{ id: 'broker-a:0', address: '10.9.9.9:10911' }] };
  expect(isSameCluster(clusterIdOf(trade) ?? '', elsewhere)).toBe(false);
  expect(isSameCluster(clusterIdOf(trade) ?? '', { ...trade, clusterId: 'Trade' })).toBe(false);
});

test('a cluster without an id or without brokers has no cluster id line', () => {
  const { clusterId: _, ...nameless } = kafka;
  expect(line(nameless)).toBeUndefined();
  expect(line({ ...trade, brokers: [] })).toBeUndefined();
  expect(isSameCluster('MkU3OEVBNTcwNTJENDM2Qg', nameless)).toBe(false);
});
