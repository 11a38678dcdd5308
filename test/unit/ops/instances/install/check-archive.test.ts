import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { checkTarball, requireDigest } from '../../../../../ops/instances/install/check-archive.ts';
import { readTarEntries } from '../../../../../ops/instances/install/tar-entries.ts';
import { rawTar, tarOf, type Packed, type RawEntry } from '../../../../support/tar-archive.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-archives-'));
afterAll(() => rmSync(folder, { recursive: true }));
const io = { signal: new AbortController().signal };
let count = 0;

function written(bytes: Buffer): string {
  const path = join(folder, `${(count += 1)}.tar.gz`);
  writeFileSync(path, bytes);
  return path;
}
const checked = (packed: Packed) => checkTarball(written(gzipSync(tarOf(packed))), io);
const jars = { 'rocketmq/lib/a.jar': 'jar', 'rocketmq/conf/broker.conf': 'x=1' };

test.each(['gnu', 'posix', 'ustar'] as const)('reads a %s archive completely, including long names', async (format) => {
  const long = `rocketmq/${'deep/'.repeat(30)}${'n'.repeat(90)}.jar`;
  const link = { 'rocketmq/bin/java': { link: '../lib/a.jar' } };
  const found = await checked({
    format,
    files: { ...jars, ...link, ...(format === 'ustar' ? {} : { [long]: 'x'.repeat(1000) }) },
  });
  expect(found).toMatchObject({ unpackedBytes: format === 'ustar' ? 6 : 1006 });
  async function* pieces() {
    const bytes = tarOf({ format, files: { ...jars, ...link } });
    for (let at = 0; at < bytes.length; at += 100) yield bytes.subarray(at, at + 100);
  }
  const paths: string[] = [];
  for await (const { path, kind, target } of readTarEntries(pieces()))
    if (kind !== 'folder') paths.push([path, kind, target].join(' '));
  expect(paths.toSorted()).toEqual([
    'rocketmq/bin/java symbolic-link ../lib/a.jar',
    'rocketmq/conf/broker.conf file ',
    'rocketmq/lib/a.jar file ',
  ]);
});

test.each<[string, Packed, string]>([
  [
    'a path that climbs out',
    { files: jars, options: ['--transform=s#lib/#../../etc/#'] },
    'points outside of its folder',
  ],
  ['an absolute path', { files: jars, options: ['--transform=s#^rocketmq/lib#/etc#'] }, 'points outside of its folder'],
  ['a link to a file of the system', { files: { ...jars, 'rocketmq/x': { link: '/etc/passwd' } } }, 'the link'],
  ['a link that climbs out', { files: { ...jars, 'rocketmq/x': { link: '../../x' } } }, 'the link'],
  ['a link to its own folder above', { files: { ...jars, 'rocketmq/x': { link: '..' } } }, 'the link'],
  ['two folders', { files: { ...jars, 'other/a': 'x' } }, 'instead of a single folder'],
  ['a file without a folder', { files: { a: 'x' } }, 'is in no folder'],
])('rejects an archive with %s', async (_, packed, reason) => {
  await expect(checked(packed)).rejects.toMatchObject({
    code: 'archive-refused',
    message: expect.stringContaining(reason),
  });
});

test.each<[string, RawEntry[]]>([
  [
    'a link that climbs out over another link',
    [
      { path: 'top/d/e/l', type: '2', target: '../../f' },
      { path: 'top/x', type: '2', target: 'd/e/l/../..' },
    ],
  ],
  ['a link to the folder that is stripped', [{ path: 'top/d/x', type: '2', target: '../../top/f' }]],
  [
    'a file that is placed through a link',
    [
      { path: 'top/l', type: '2', target: 'd' },
      { path: 'top/l/x', type: '0' },
    ],
  ],
  [
    'a hard link to a link, which leads elsewhere from there',
    [
      { path: 'top/d/e/l', type: '2', target: '../../f' },
      { path: 'top/x', type: '1', target: 'top/d/e/l' },
    ],
  ],
  ['a device', [{ path: 'top/sda', type: '3' }]],
  ['a program that runs as root', [{ path: 'top/su', type: '0', mode: 0o4755 }]],
  ['a folder whose group new files get', [{ path: 'top/d', type: '5', mode: 0o2755 }]],
  ['a jar that every user may replace', [{ path: 'top/a.jar', type: '0', mode: 0o666 }]],
])('rejects a raw archive with %s', async (_, entries) => {
  const bytes = gzipSync(rawTar([{ path: 'top/f', type: '5' }, ...entries]));
  await expect(checkTarball(written(bytes), io)).rejects.toMatchObject({ code: 'archive-refused' });
});

const system: RawEntry = { path: 'top/x', type: '2', target: '/etc' };
/** Entries that GNU tar unpacks from the contents of another. */
const hidden = rawTar([system]).toString('latin1', 0, 512);

test.each<[string, RawEntry[]]>([
  ['in a hard link', [{ path: 'top/h', type: '1', target: 'top/f', content: hidden }]],
  ['in a symbolic link', [{ path: 'top/l', type: '2', target: 'f', content: hidden }]],
  ['in a folder', [{ path: 'top/d', type: '5', content: hidden }]],
  ['in a file whose name makes it a folder', [{ path: 'top/d/', type: '0', content: hidden }]],
  ['in a comment', [{ path: 'pax', type: 'x', content: '26 comment=x\n14 linkpath=f\n' }, system]],
  [
    'behind a header for all entries',
    [
      { path: 'pax', type: 'g', content: '17 linkpath=/etc\n' },
      { path: 'top/x', type: '2', target: 'f' },
    ],
  ],
  [
    'behind the name of a sparse file',
    [
      { path: 'pax', type: 'x', content: '24 GNU.sparse.name=/etc\n' },
      { path: 'top/f', type: '0' },
    ],
  ],
  [
    'behind two names',
    [
      { path: 'pax', type: 'x', content: '17 linkpath=/etc\n' },
      { path: 'pax', type: 'x', content: '14 linkpath=f\n' },
      { path: 'top/x', type: '2', target: 'f' },
    ],
  ],
])('rejects a link to a folder of the system that is hidden %s', async (_, entries) => {
  const bytes = gzipSync(rawTar([{ path: 'top/f', type: '0' }, ...entries]));
  await expect(checkTarball(written(bytes), io)).rejects.toMatchObject({ code: 'archive-refused' });
});

test('rejects entries after the end of an archive', async () => {
  const whole = rawTar([{ path: 'top/f', type: '0' }]);
  const more = gzipSync(Buffer.concat([whole.subarray(0, -512), rawTar([system])]));
  await expect(checkTarball(written(more), io)).rejects.toMatchObject({ code: 'archive-refused' });
  const padded = gzipSync(Buffer.concat([whole, Buffer.alloc(20_480)]));
  expect(await checkTarball(written(padded), io)).toMatchObject({ unpackedBytes: 0 });
});

test('rejects files that every user may replace, with the command to repack', async () => {
  const refusedBy = async (mode: number) => {
    const bytes = gzipSync(rawTar([{ path: 'top/a.jar', type: '0', mode }]));
    return checkTarball(written(bytes), io).catch((error: unknown) => error);
  };
  expect(await refusedBy(0o666)).toMatchObject({
    message: expect.stringContaining('"top/a.jar" is writable by every user (mode 666)') as string,
    hint: expect.stringMatching(/^unpack it, run `chmod -R o-w` on its folder, .* in instances\.yaml$/) as string,
  });
  expect(await refusedBy(0o4755)).toMatchObject({ hint: expect.stringContaining('`chmod -R a-s`') as string });
});

test('lists folders without an entry, parents first', async () => {
  const files: RawEntry[] = [
    { path: 'top/conf/', type: '5' },
    { path: 'top/conf/broker.conf', type: '0' },
    { path: 'top/lib/ext/a.jar', type: '0' },
  ];
  const checkedOf = (entries: readonly RawEntry[]) => checkTarball(written(gzipSync(rawTar(entries))), io);
  expect((await checkedOf(files)).impliedFolders).toEqual(['lib', 'lib/ext']);
  expect((await checked({ files: jars })).impliedFolders).toEqual([]);
});

test('rejects a file that is not an archive, a truncated one, and one packed without content', async () => {
  const whole = gzipSync(tarOf({ files: { ...jars, 'rocketmq/lib/b.jar': 'y'.repeat(100_000) } }), { level: 0 });
  for (const bytes of [
    Buffer.from('<html>Not Found</html>'),
    whole.subarray(0, whole.length / 2),
    gzipSync('no tar'.repeat(200)),
    gzipSync(''),
  ]) {
    await expect(checkTarball(written(bytes), io)).rejects.toMatchObject({ code: 'archive-refused' });
  }
});

test('rejects an archive that claims more than a disk holds before it is unpacked', async () => {
  const bytes = tarOf({ files: jars });
  // The size of the first file, in octal, and the checksum of that header.
  const at = bytes.indexOf('rocketmq/lib/a.jar');
  bytes.write('77777777777\0', at + 124, 'latin1');
  bytes.fill(' ', at + 148, at + 156);
  const sum = bytes.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1');
  await expect(checkTarball(written(gzipSync(bytes)), io)).rejects.toMatchObject({ code: 'archive-refused' });
});

test('rejects a file with another digest and shows both digests', async () => {
  const path = written(Buffer.from('archive'));
  const digest = createHash('sha512').update('archive').digest('hex');
  await requireDigest(path, { algorithm: 'sha512', digest }, io);
  const other = requireDigest(path, { algorithm: 'sha512', digest: '0'.repeat(128) }, io);
  await expect(other).rejects.toMatchObject({
    code: 'archive-refused',
    message: expect.stringContaining(digest.slice(0, 16)),
  });
  await expect(requireDigest(join(folder, 'none'), { algorithm: 'sha256', digest }, io)).rejects.toMatchObject({
    code: 'not-found',
  });
});

test('the version of Kafka is that of its jar', async () => {
  const files = {
    'kafka/libs/kafka-clients-4.1.0.jar': 'jar',
    'kafka/libs/kafka_2.13-4.1.0.jar': 'jar',
    'kafka/a': '',
  };
  expect((await checked({ files })).kafkaVersion).toBe('4.1.0');
  expect((await checked({ files: jars })).kafkaVersion).toBeUndefined();
});
