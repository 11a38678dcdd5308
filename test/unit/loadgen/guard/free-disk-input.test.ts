import { expect, test } from 'vitest';
import { storesOf } from '../../../../brokers/stores.ts';
import type { FileSystem } from '../../../../core/documents/evidence/host-reading.ts';
import { freeDiskInput, freeShareIn, roomsOf } from '../../../../loadgen/guard/free-disk-input.ts';

const mounted = (mountpoint: string, availableBytes: number, totalBytes = 100e9): FileSystem => ({
  device: `/dev/${mountpoint}`,
  mountpoint,
  type: 'ext4',
  isReadOnly: false,
  size: { totalBytes, freeBytes: availableBytes, availableBytes, files: 1000, filesFree: 900 },
});
const root = mounted('/', 90e9);
const hung = { device: 'nas:/data', mountpoint: '/data', type: 'nfs4', isReadOnly: false, error: 'it hangs' };
const io = { signal: new AbortController().signal };

const inputOf = (settings: Record<string, string>, freeDisk: number, ...fileSystems: FileSystem[]) => {
  const [store = { paths: [] }] = storesOf(new Map(Object.entries(settings)));
  return freeDiskInput('1', store, freeDisk, async () => freeShareIn(store, { fileSystems }));
};
const roomIn = (settings: Record<string, string>, ...fileSystems: FileSystem[]) =>
  roomsOf(storesOf(new Map(Object.entries(settings))), 0.05, { reading: { fileSystems } })[0];

test('of several log directories of Kafka the one with the least room counts', () => {
  const disks = [root, mounted('/data/1', 20e9), mounted('/data/2', 70e9)];
  const room = { freeBytes: 20e9, reserveBytes: 5e9 };
  expect(roomIn({ 'log.dirs': '/data/2/kafka,/data/1/kafka,/var/kafka' }, ...disks)).toMatchObject(room);
  expect(roomIn({}, ...disks)).toBeUndefined();
});

test('a hanging mount is an error, and not the free space of the disk below it', async () => {
  expect(roomIn({ 'log.dirs': '/var/kafka,/data/kafka' }, root, hung)).toBeUndefined();
  const input = inputOf({ 'log.dirs': '/data/kafka' }, 0.05, root, hung);
  await expect(input.read(io)).rejects.toThrow('its host could not measure /data: it hangs');
});

test('the free share is that of df and of the broker, without the blocks reserved for root', async () => {
  const size = { totalBytes: 100e9, freeBytes: 24e9, availableBytes: 19e9, files: 1000, filesFree: 900 };
  // UtilAll.getDiskPartitionSpaceUsedPercent: used / (used + usable).
  expect(await inputOf({ 'log.dirs': '/data' }, 0.15, { ...root, size }).read(io)).toBe(19 / (76 + 19));
});

const twoPaths = { storePathRootDir: '/store', storePathCommitLog: '/disk/1/log:/disk/2/log' };

test('a RocketMQ broker with several paths has the room of all disks that are not full', async () => {
  // The small disk is below 15%: the broker writes to the other one, and deletes nothing.
  const disks = [root, mounted('/disk/1', 1e9, 10e9), mounted('/disk/2', 80e9)];
  expect(await inputOf(twoPaths, 0.05, ...disks).read(io)).toBe(0.8);
  expect(roomIn(twoPaths, ...disks)).toMatchObject({ freeBytes: 80e9, reserveBytes: expect.closeTo(15e9) as number });
  // Both paths on one disk: its bytes count once.
  expect(roomIn(twoPaths, mounted('/', 90e9))).toMatchObject({ freeBytes: 90e9 });
});

test('the messages of a DLedger member are where DLedger stores them', () => {
  const dledger = { ...twoPaths, enableDLegerCommitLog: 'true', dLegerSelfId: 'n1' };
  const disks = [root, mounted('/disk/1', 20e9), mounted('/store/dledger-n1', 60e9), mounted('/dledger', 70e9)];
  expect(roomIn(dledger, ...disks)).toMatchObject({ freeBytes: 60e9 });
  expect(roomIn({ ...dledger, storePathDLedgerCommitLog: '/dledger' }, ...disks)).toMatchObject({ freeBytes: 70e9 });
});

test('a RocketMQ broker deletes messages if the disk of its consume queues is full', async () => {
  const index = { storePathRootDir: '/disk/1', storePathCommitLog: '/disk/1/log,/disk/2/log' };
  const disks = [root, mounted('/disk/1', 10e9), mounted('/disk/2', 80e9)];
  expect(await inputOf(index, 0.05, ...disks).read(io)).toBe(0.1);
  expect(await inputOf(twoPaths, 0.05, ...disks, mounted('/store', 5e9)).read(io)).toBe(0.05);
  // Both disks get the same number of messages until the one with the queues is full.
  const room = roomIn(index, root, mounted('/disk/1', 40e9), mounted('/disk/2', 80e9));
  expect(room).toMatchObject({ freeBytes: 80e9, usableBytes: 160e9, reserveBytes: expect.closeTo(30e9) as number });
});

test('a RocketMQ broker that does not show its commit log has it in its root folder', async () => {
  const disks = [root, mounted('/store/commitlog', 30e9)];
  expect(await inputOf({ storePathRootDir: '/store' }, 0.05, ...disks).read(io)).toBe(0.3);
  expect(roomIn({ storePathRootDir: '/store' }, ...disks)).toMatchObject({ freeBytes: 30e9 });
});

test('a load test ends before a RocketMQ broker deletes messages to make room, whatever is configured', () => {
  const leastOf = (freeDisk: number, settings = {}) => inputOf({ ...twoPaths, ...settings }, freeDisk).below;
  expect(inputOf({ 'log.dirs': '/data' }, 0.02).below).toBe(0.02);
  // DefaultMessageStore: forced deletion above 85%, or above a lower setting, which is at least 30%.
  expect(leastOf(0.02)).toBeCloseTo(0.15);
  expect(leastOf(0.2)).toBe(0.2);
  expect(leastOf(0.02, { diskSpaceCleanForciblyRatio: '60' })).toBeCloseTo(0.4);
  expect(leastOf(0.02, { diskSpaceCleanForciblyRatio: '95', diskSpaceWarningLevelRatio: '20' })).toBeCloseTo(0.65);
  expect(leastOf(0.02, { diskSpaceCleanForciblyRatio: '0' })).toBeCloseTo(0.7);
});

test('the disks that a broker reports count where its host does not show them, and only there', () => {
  const stores = storesOf(new Map([['log.dirs', '/data']]));
  const size = { totalBytes: 10e9, freeBytes: 4e9, availableBytes: 4e9 };
  const reportedDisks = [{ mountpoint: '/data', size }];
  const reading = { fileSystems: [root] };
  const reported = [{ freeBytes: 4e9, usableBytes: 10e9, reserveBytes: 0.5e9 }];
  expect(roomsOf(stores, 0.05, { reading, isContained: true, reportedDisks })).toEqual(reported);
  expect(roomsOf(stores, 0.05, { reportedDisks })).toEqual(reported);
  expect(roomsOf(stores, 0.05, { reading, reportedDisks })).toMatchObject([{ freeBytes: 90e9 }]);
  // Another file system than that of the commit log may be below the root folder only.
  const elsewhere = storesOf(new Map(Object.entries({ storePathRootDir: '/data', storePathCommitLog: '/log' })));
  expect(roomsOf(elsewhere, 0.05, { reportedDisks })).toEqual([]);
});

test('a Java property precedes the setting; 4.x, which has no setting, does not bound it', () => {
  const forcibly = '-Drocketmq.broker.diskSpaceCleanForciblyRatio=';
  const beyond = (settings: Record<string, string>, ...flags: string[]) =>
    storesOf(new Map(Object.entries({ ...twoPaths, ...settings })), ['-Xmx8g', ...flags])[0]?.deletesBeyondShare;
  const of5 = { diskSpaceCleanForciblyRatio: '85', diskSpaceWarningLevelRatio: '90' };
  expect(beyond({})).toBe(0.85);
  expect(beyond({}, `${forcibly}0.6`)).toBe(0.6);
  expect(beyond({}, `${forcibly}0.95`, '-Drocketmq.broker.diskSpaceWarningLevelRatio=0.98')).toBe(0.95);
  expect(beyond({}, `${forcibly}0.1`)).toBe(0.1);
  expect(beyond(of5, `${forcibly}0.6`)).toBe(0.6);
  expect(beyond(of5, `${forcibly}0.95`)).toBe(0.85);
  expect(beyond(of5, `${forcibly}0.1`)).toBe(0.3);
});
