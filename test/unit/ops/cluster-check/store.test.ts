import { expect, test } from 'vitest';
import type { CheckedBroker } from '../../../../ops/cluster-check/checked-cluster.ts';
import { storeOf } from '../../../../ops/cluster-check/facts/store.ts';

function diskUnder(device: string, disks: readonly string[]): string | undefined {
  const settings = {
    mounts: [{ device, mountpoint: '/data', type: 'xfs', options: [] }],
    disks: disks.map((each) => ({ device: each, members: [] })),
  };
  const host = { host: 'a', settings } as unknown as CheckedBroker['host'];
  const broker = { id: '1', address: '' };
  const place = {
    broker,
    host,
    addresses: [],
    settings: new Map([['log.dirs', '/data/kafka']]),
  } as unknown as CheckedBroker;
  return storeOf(place).disk;
}

test('a partition is on its disk, and the name of a disk is no pattern', () => {
  expect(diskUnder('/dev/sda1', ['sda', 'sdb'])).toBe('sda');
  expect(diskUnder('/dev/nvme0n1p2', ['nvme0n1'])).toBe('nvme0n1');
  expect(diskUnder('/dev/nvme0n11', ['nvme0n1', 'nvme0n11'])).toBe('nvme0n11');
  expect(diskUnder('/dev/sdaa', ['sda'])).toBeUndefined();
  expect(diskUnder(`/dev/${'a'.repeat(40)}!`, ['(a+)+', '(((', 's.a'])).toBeUndefined();
});
