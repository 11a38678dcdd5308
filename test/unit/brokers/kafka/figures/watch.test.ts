import { expect, test } from 'vitest';
import { metadataReadings } from '../../../../../brokers/kafka/figures/watch.ts';

test('partitions below min ISR are counted as brokers of the same version count them', () => {
  const [topic, leader] = ['orders', '1'];
  const partitions = [
    { topic, partition: 0, leader, replicas: ['1'], inSyncReplicas: ['1'] },
    { topic, partition: 1, leader, replicas: ['1', '2'], inSyncReplicas: ['1'] },
  ];
  const metadata = {
    brokers: [{ id: '1', address: 'a:9092' }],
    topics: [{ name: topic, internal: false, partitions }],
  };
  const figuresOf = (version: string) => metadataReadings(metadata, new Map([[topic, 2]]), version)[0]?.figures;
  expect(figuresOf('3.6')).toEqual({ underReplicatedPartitions: 1, underMinIsrPartitions: 2 });
  expect(figuresOf('3.7')).toEqual({ underReplicatedPartitions: 1, underMinIsrPartitions: 1 });
});
