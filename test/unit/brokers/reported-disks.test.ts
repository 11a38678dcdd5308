import { expect, test } from 'vitest';
import { isOnOtherDisks, reportedDisks } from '../../../brokers/reported-disks.ts';
import type { FileSystem } from '../../../core/documents/evidence/host-reading.ts';
import { troubledSnapshot } from '../../support/golden-metrics-page.ts';
import { brokerWith, runtimeWith, snapshotWith } from '../../support/rocketmq-snapshot.ts';

const gib = 1024 ** 3;
const fileSystem = (mountpoint: string, gibibytes: number): FileSystem => {
  const totalBytes = gibibytes * gib;
  const size = { totalBytes, freeBytes: 0, availableBytes: 0, files: 0, filesFree: 0 };
  return { device: '/dev/sda1', mountpoint, type: 'ext4', isReadOnly: false, size };
};
const root = fileSystem('/', 100);

test('a log directory on a file system of the host with another size than the broker reports is elsewhere', () => {
  const directory = { broker: '1', path: '/var/lib/kafka', totalBytes: BigInt(500 * gib), usableBytes: 0n };
  const kafka = { logDirectories: [directory], topicSizes: [], topicConfigs: [], zooKeeper: [], internals: [] };
  const isElsewhere = (broker: string, ...fileSystems: FileSystem[]) =>
    isOnOtherDisks(broker, { ...troubledSnapshot, kafka }, fileSystems);
  // A volume that the node mounts at the path of its kubelet.
  expect(isElsewhere('1', root, fileSystem('/var/lib/kubelet/pods/a/volumes/b/mount', 500))).toBe(true);
  expect(isElsewhere('1', root, fileSystem('/var/lib/kafka', 500))).toBe(false);
  expect(isElsewhere('2', root)).toBe(false);
  expect(isElsewhere('1')).toBe(false);
});

test('a disk as large as that of the host is another one if the broker reports other free space', () => {
  const isElsewhere = (freeGib: number) => {
    const directory = { broker: '1', path: '/data', totalBytes: BigInt(500 * gib), usableBytes: BigInt(freeGib * gib) };
    const kafka = { logDirectories: [directory], topicSizes: [], topicConfigs: [], zooKeeper: [], internals: [] };
    return isOnOtherDisks('1', { ...troubledSnapshot, kafka }, [root, fileSystem('/data', 500)]);
  };
  expect([isElsewhere(300), isElsewhere(20)]).toEqual([true, false]);
});

test('the size that a RocketMQ broker reports is rounded', () => {
  const runtime = (total: string) =>
    runtimeWith('5.3.3', { commitLogDirCapacity: `Total : ${total}, Free : 1.0 GiB.` });
  const isElsewhere = (total: string) => {
    const config = new Map([['storePathRootDir', '/home/rocketmq/store']]);
    const broker = brokerWith({ id: 'broker-a:0', runtime: runtime(total), config });
    return isOnOtherDisks('broker-a:0', snapshotWith({ brokers: [broker] }), [fileSystem('/', 1060)]);
  };
  expect(isElsewhere('1.0 TiB')).toBe(false);
  expect(isElsewhere('1.2 TiB')).toBe(true);
});

test('a broker before Kafka 3.3, or one that does not answer, reports no disk', () => {
  const directory = { broker: '1', path: '/var/lib/kafka', totalBytes: BigInt(5 * gib), usableBytes: BigInt(2 * gib) };
  const logDirectories = [directory, { broker: '2', path: '/var/lib/kafka' }];
  const kafka = { logDirectories, topicSizes: [], topicConfigs: [], zooKeeper: [], internals: [] };
  const sizeOf = (broker: string) => reportedDisks(broker, { ...troubledSnapshot, kafka })[0]?.size;
  expect(sizeOf('1')).toEqual({ totalBytes: 5 * gib, freeBytes: 2 * gib, availableBytes: 2 * gib });
  expect([sizeOf('2'), sizeOf('3')]).toEqual([undefined, undefined]);
  const runtime = runtimeWith('5.3.3', { commitLogDirCapacity: 'Total : 10.0 GiB, Free : 4.0 GiB.' });
  const broker = brokerWith({ id: 'broker-a:0', runtime, config: new Map([['storePathRootDir', '/store']]) });
  expect(reportedDisks('broker-a:0', snapshotWith({ brokers: [broker] }))).toEqual([
    { mountpoint: '/store', size: { totalBytes: 10 * gib, freeBytes: 4 * gib, availableBytes: 4 * gib } },
  ]);
});
