import { expect, test } from 'vitest';
import { parseMounts } from '../../../../hosts/proc/mounts.ts';

test('reads blanks in names and the read-only flag, and leaves out pseudo file systems', () =>
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

test('leaves out mounts of user sessions, and keeps volumes of pods, which may be the store of a broker', () => {
  const volume = '/var/lib/kubelet/pods/7f1c/volumes/kubernetes.io~csi/pvc-93/mount';
  const text = [
    'tmpfs /run/user/1000 tmpfs rw,nosuid,nodev,relatime,size=1635972k,mode=700,uid=1000,gid=1000,inode64 0 0',
    'portal /run/user/1000/doc fuse.portal rw,nosuid,nodev,relatime,user_id=1000,group_id=1000 0 0',
    'shm /run/k3s/containerd/io.containerd.grpc.v1.cri/sandboxes/5f/shm tmpfs rw,nosuid,nodev,size=65536k 0 0',
    `/dev/sdb ${volume} ext4 rw,relatime 0 0`,
    'tmpfs /run/users tmpfs rw 0 0',
    '',
  ].join('\n');
  expect(parseMounts(text).map(({ mountpoint }) => mountpoint)).toEqual([volume, '/run/users']);
});

test('reports a file system mounted twice at one place once', () =>
  expect(parseMounts('/dev/sda1 / ext4 rw 0 0\n'.repeat(2))).toHaveLength(1));

test('limits the number of mounts', () =>
  expect(parseMounts(Array.from({ length: 10_000 }, (_, n) => `/dev/s /m${n} ext4 rw 0 0\n`).join(''))).toHaveLength(
    1000,
  ));
