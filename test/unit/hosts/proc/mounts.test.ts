import { expect, test } from 'vitest';
import { parseMounts } from '../../../../hosts/proc/mounts.ts';

test('blanks in names are read, read-only is seen, and pseudo file systems are left out', () =>
  expect(
    parseMounts(
      [
        'proc /proc proc rw 0 0',
        '/dev/sdb1 /data\\040two xfs ro,noatime 0 0',
        'overlay /var/lib/docker/overlay2/5f/merged overlay rw 0 0',
        'tmpfs /run/credentials/x.service tmpfs ro 0 0',
        '/dev/sda1 / ext4 rw,errors=remount-ro 0 0',
        '',
      ].join('\n'),
    ),
  ).toEqual([
    { device: '/dev/sdb1', mountpoint: '/data two', type: 'xfs', isReadOnly: true },
    { device: '/dev/sda1', mountpoint: '/', type: 'ext4', isReadOnly: false },
  ]));

test('the same file system mounted twice in one place is reported once', () =>
  expect(parseMounts('/dev/sda1 / ext4 rw 0 0\n'.repeat(2))).toHaveLength(1));

test('ten thousand mounts are not all asked', () =>
  expect(parseMounts(Array.from({ length: 10_000 }, (_, n) => `/dev/s /m${n} ext4 rw 0 0\n`).join(''))).toHaveLength(
    1000,
  ));
