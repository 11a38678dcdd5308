import { expect, test } from 'vitest';
import { DesiredInstance, type InstanceRole } from '../../../../../core/documents/instances.ts';
import { ensembleFindings } from '../../../../../ops/instances/install/install-checks.ts';

const instance = (role: InstanceRole, cluster = 'orders') =>
  DesiredInstance.parse({ cluster, host: 'mq-1', role, install: { distribution: 'new', home: '/opt/new' } });
const all = { z: instance('zookeeper'), b: instance('kafka-broker'), k: instance('kafka-broker', 'logs') };

function codes(name: keyof typeof all, kafkaVersion?: string): string[] {
  const archive = {
    path: 'new.tgz',
    algorithm: 'sha512',
    digest: 'a',
    sentDigest: 'a',
    archiveBytes: 1,
    unpackedBytes: 1,
  } as const;
  const found = ensembleFindings({ name, target: all[name] }, { ...archive, kafkaVersion }, { all });
  return found.map(({ severity, code }) => `${severity} ${code}`);
}

test('Kafka 4 is refused for servers and brokers of a cluster with ZooKeeper, and for no other', () => {
  expect(codes('z', '4.0.0')).toEqual(['critical runs-without-zookeeper']);
  expect(codes('b', '4.3.1')).toEqual(['critical runs-without-zookeeper']);
  expect(codes('b', '3.9.2')).toEqual([]);
  expect(codes('k', '4.3.1')).toEqual([]);
  // An archive without the jar of Kafka, such as that of another product.
  expect(codes('z')).toEqual([]);
});
