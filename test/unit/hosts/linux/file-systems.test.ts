import { expect, test } from 'vitest';
import { filesystem } from '../../../../exporter/collectors/hosts/filesystem.ts';
import type { HostFiles } from '../../../../hosts/host-files.ts';
import { createMountSizes } from '../../../../hosts/files/mount-sizes.ts';
import { readFileSystems } from '../../../../hosts/linux/file-systems.ts';
import { rootsOf } from '../../../../hosts/linux/roots.ts';

const io = { signal: new AbortController().signal };
const roots = rootsOf({ procfs: '/proc', sysfs: '/sys', rootfs: '/host', network: {} });
const mounts = '/dev/sda1 / ext4 rw 0 0\nnas:/logs /logs nfs rw 0 0\n/dev/sdb1 /gone xfs rw 0 0\n';

test('reports a hung and a failed file system, and the sizes of the others', async () => {
  const size = { totalBytes: 9, freeBytes: 8, availableBytes: 7, files: 6, filesFree: 5 };
  const asked: string[][] = [];
  const files: Pick<HostFiles, 'statFileSystems'> = {
    async statFileSystems(places) {
      asked.push([...places]);
      return { sizes: new Map([['/host/', size]]), hung: ['/host/logs'], failures: new Map([['/host/gone', 'EIO']]) };
    },
  };
  const textOf = (path: string) => (path === '/proc/1/mounts' ? mounts : undefined);
  const told = await readFileSystems(files as HostFiles, { textOf, roots }, io);
  expect(asked).toEqual([['/host/', '/host/logs', '/host/gone']]);
  expect(told).toMatchObject([
    { mountpoint: '/', size: { totalBytes: 9, freeBytes: 8, availableBytes: 7, files: 6, filesFree: 5 } },
    { mountpoint: '/logs', error: 'it hangs' },
    { mountpoint: '/gone', error: 'EIO' },
  ]);
  expect(told?.[1]).not.toHaveProperty('size');
});

test('a file system that this user may not access stays listed, and is neither hung nor failed', async () => {
  const failures = new Map([
    ['/host/logs', 'EACCES'],
    ['/host/gone', 'EIO'],
  ]);
  const files: Pick<HostFiles, 'statFileSystems'> = {
    statFileSystems: async () => ({ sizes: new Map(), hung: ['/host/'], failures }),
  };
  const textOf = (path: string) => (path === '/proc/1/mounts' ? mounts : undefined);
  const fileSystems = (await readFileSystems(files as HostFiles, { textOf, roots }, io)) ?? [];
  expect(fileSystems[1]).toEqual({
    device: 'nas:/logs',
    mountpoint: '/logs',
    type: 'nfs',
    isReadOnly: false,
    isRefused: true,
    error: 'permission denied',
  });
  expect(filesystem.collect({ reading: { fileSystems }, inventory: { host: 'broker-1' } })).toEqual({
    kind: 'ok',
    measurements: [
      { metric: 'node_filesystem_device_error', labels: ['/dev/sda1', '/', 'ext4'], value: 1 },
      { metric: 'node_filesystem_device_error', labels: ['/dev/sdb1', '/gone', 'xfs'], value: 1 },
    ],
  });
});

test.each<[string, (paths: readonly string[], output: { stdout: string; stderr: string }) => Promise<void>]>([
  ['a user with SFTP only', async () => {}],
  ['nologin as login shell', async (_, output) => void (output.stdout += 'This account is not available.\n')],
  ['csh as login shell', async (_, output) => void (output.stderr += 'LC_ALL=C: Command not found.\n')],
  ['a container without xargs', () => Promise.reject(new Error('spawn xargs ENOENT'))],
])('with %s, no mount counts as hung, and the collector has no data', async (_, ask) => {
  const statFileSystems = createMountSizes(ask, { sleep: () => new Promise<void>(() => {}) });
  const textOf = (path: string) => (path === '/proc/1/mounts' ? mounts : undefined);
  const fileSystems = await readFileSystems({ statFileSystems } as HostFiles, { textOf, roots }, io);
  const reading = { ...(fileSystems && { fileSystems }) };
  expect(filesystem.collect({ reading, inventory: { host: 'broker-1' } })).toEqual({
    kind: 'no-data',
    reason: 'the mounts could not be read, or stat(1) does not run there',
  });
});
