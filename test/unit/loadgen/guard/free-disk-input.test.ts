import { expect, test } from 'vitest';
import type { FileSystem } from '../../../../core/documents/evidence/host-reading.ts';
import { GuardConfig, guardOf } from '../../../../loadgen/guard/config.ts';
import { freeDiskInput, storeSizeOf } from '../../../../loadgen/guard/free-disk-input.ts';

const mounted = (mountpoint: string, availableBytes: number): FileSystem => ({
  device: `/dev/${mountpoint}`,
  mountpoint,
  type: 'ext4',
  isReadOnly: false,
  size: { totalBytes: 100e9, freeBytes: availableBytes, availableBytes, files: 1000, filesFree: 900 },
});
const root = mounted('/', 90e9);
const hung = { device: 'nas:/data', mountpoint: '/data', type: 'nfs4', isReadOnly: false, error: 'it hangs' };
const io = { signal: new AbortController().signal };

test('of several folders the one with the least free space counts', () => {
  const fileSystems = [root, mounted('/data/1', 20e9), mounted('/data/2', 70e9)];
  const freeOf = (...paths: string[]) => storeSizeOf(paths, { reading: { fileSystems } })?.availableBytes;
  expect(freeOf('/data/2/kafka', '/data/1/kafka', '/var/kafka')).toBe(20e9);
  expect(freeOf()).toBeUndefined();
});

test('a hanging mount is an error, and not the free space of the disk below it', async () => {
  const fileSystems = [root, hung];
  expect(storeSizeOf(['/var/kafka', '/data/kafka'], { reading: { fileSystems } })).toBeUndefined();
  const input = freeDiskInput({ broker: '1', path: '/data/kafka', leastShare: 0.05 }, async () => ({ fileSystems }));
  await expect(input.read(io)).rejects.toThrow('its host could not measure /data: it hangs');
});

test('the free share is that of df and of the broker, without the blocks reserved for root', async () => {
  const size = { totalBytes: 100e9, freeBytes: 24e9, availableBytes: 19e9, files: 1000, filesFree: 900 };
  const input = freeDiskInput({ broker: '1', path: '/data', leastShare: 0.15 }, async () => ({
    fileSystems: [{ ...root, size }],
  }));
  // UtilAll.getDiskPartitionSpaceUsedPercent: used / (used + usable).
  expect(await input.read(io)).toBe(19 / (76 + 19));
});

test('a load test ends before a RocketMQ broker deletes messages to make room, whatever is configured', () => {
  const shareOf = (broker: 'kafka' | 'rocketmq', freeDisk?: string) =>
    guardOf(broker, freeDisk === undefined ? undefined : GuardConfig.parse({ freeDisk })).freeDisk;
  expect([shareOf('kafka'), shareOf('kafka', '2%'), shareOf('rocketmq', '20%')]).toEqual([0.05, 0.02, 0.2]);
  // DefaultMessageStore: forced deletion above 85%.
  expect([shareOf('rocketmq'), shareOf('rocketmq', '2%')]).toEqual([expect.closeTo(0.15), expect.closeTo(0.15)]);
});
