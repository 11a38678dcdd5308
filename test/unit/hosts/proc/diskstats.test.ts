import { expect, test } from 'vitest';
import { isDisk, parseDiskstats } from '../../../../hosts/proc/diskstats.ts';

const line = (device: string) =>
  ` 254       0 ${device} 53470 9150 2794394 16849 28981 23654 3857280 7703 3 11300 25219 8400 47 730960 536 3936 130\n`;

test('converts sectors of 512 bytes and milliseconds to base units', () =>
  expect(parseDiskstats(line('vda'))).toEqual([
    {
      device: 'vda',
      readsCompleted: 53_470,
      readsMerged: 9150,
      readBytes: 2_794_394 * 512,
      readTimeSeconds: 16.849,
      writesCompleted: 28_981,
      writesMerged: 23_654,
      writtenBytes: 3_857_280 * 512,
      writeTimeSeconds: 7.703,
      ioNow: 3,
      ioTimeSeconds: 11.3,
      ioTimeWeightedSeconds: 25.219,
      discards: { completed: 8400, merged: 47, sectors: 730_960, timeSeconds: 0.536 },
      flushes: { completed: 3936, timeSeconds: 0.13 },
    },
  ]));

test('reads the shorter lines of old kernels without discards or flushes', () => {
  const [disk] = parseDiskstats('   8       0 sda 1 2 3 4 5 6 7 8 9 10 11\n');
  expect(disk).toMatchObject({ device: 'sda', readsCompleted: 1, ioNow: 9 });
  expect(disk).not.toHaveProperty('discards');
  expect(disk).not.toHaveProperty('flushes');
});

test('a counter at 2^64 is the nearest double and does not affect the others', () => {
  const [disk] = parseDiskstats(line('vda').replace('53470', '18446744073709551615'));
  expect(disk).toMatchObject({ readsCompleted: 2 ** 64, writesCompleted: 28_981 });
});

test.each(['sda1', 'vda2', 'xvdb1', 'nvme0n1p3', 'mmcblk0p1', 'mmcblk0boot0', 'loop0', 'ram0', 'zram0', 'fd0'])(
  '%s is not a separate disk',
  (device) => expect(parseDiskstats(line(device))).toEqual([]),
);

test.each(['sda', 'vda', 'nvme0n1', 'mmcblk0', 'dm-0', 'md127'])('%s is a disk', (device) =>
  expect(isDisk(device)).toBe(true),
);
