import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readdirSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openPackages } from '../../../../app/instances/packages.ts';
import { Distribution } from '../../../../core/documents/instances.ts';
import { zipOf, type ZipEntry } from '../../../support/zip-archive.ts';

const io = { signal: new AbortController().signal };
const sha512 = (bytes: Buffer) => createHash('sha512').update(bytes).digest('hex');

async function site(bytes: Buffer) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-packages-'));
  onTestFinished(() => folder[Symbol.asyncDispose]());
  const at = (...parts: string[]) => join(folder.path, ...parts);
  writeFileSync(at('release.zip'), bytes);
  const environment = { XDG_CACHE_HOME: at('cache') };
  const distributions = { 'rocketmq-5.3.3': { archive: 'release.zip', sha512: sha512(bytes) } };
  const packages = openPackages({ file: at('instances.yaml'), distributions }, { environment });
  return {
    at,
    prepare: () => packages.archiveOf('rocketmq-5.3.3', io),
    inCache: () => readdirSync(at('cache'), { recursive: true, encoding: 'utf8' }).filter((name) => /gz/.test(name)),
  };
}

const long = `rocketmq/lib/${'deep/'.repeat(20)}${'n'.repeat(90)}.jar`;
/** An archive like those of Maven's assembly plugin, which lists folders, plus optional entries. */
const release: ZipEntry[] = [
  { path: 'rocketmq/', mode: 0o040755 },
  { path: 'rocketmq/bin/', mode: 0o040755 },
  { path: 'rocketmq/bin/mqbroker', mode: 0o100755, content: '#!/bin/sh\n'.repeat(100) },
  { path: 'rocketmq/conf/broker.conf', mode: 0o100644, content: 'brokerName=a\n' },
  { path: 'rocketmq/conf/empty', mode: 0o100600 },
  { path: 'rocketmq/NOTICE', content: 'made elsewhere' },
  { path: 'rocketmq/bin/start', mode: 0o120777, content: 'mqbroker' },
  { path: long, mode: 0o100644, content: 'x'.repeat(513) },
];

test('repacks the zip archive of a release for the hosts with contents, modes and links', async () => {
  const { at, prepare } = await site(zipOf(release));
  const { path, algorithm, digest, sentDigest, unpackedBytes } = await prepare();
  expect([algorithm, digest]).toEqual(['sha512', sha512(readFileSync(at('release.zip')))]);
  expect(sentDigest).toBe(sha512(readFileSync(path)));
  expect(unpackedBytes).toBe(
    release.reduce((sum, { mode = 0, content = '' }) => sum + (mode >>> 12 === 0o12 ? 0 : content.length), 0),
  );
  mkdirSync(at('out'));
  expect(spawnSync('tar', ['-xpzf', path, '-C', at('out')], { encoding: 'utf8' }).stderr).toBe('');
  const modeOf = (name: string) => (statSync(at('out', 'rocketmq', name)).mode & 0o7777).toString(8);
  expect(['bin', 'conf', 'bin/mqbroker', 'conf/broker.conf', 'conf/empty', 'NOTICE'].map(modeOf)).toEqual([
    '755',
    '755',
    '755',
    '644',
    '600',
    '644',
  ]);
  for (const { path: name, content = '' } of release.filter(
    ({ mode = 0, path: each }) => !each.endsWith('/') && mode >>> 12 !== 0o12,
  ))
    expect(readFileSync(at('out', name), 'utf8')).toBe(content);
  expect(readlinkSync(at('out', 'rocketmq', 'bin', 'start'))).toBe('mqbroker');
});

test.each<[string, Buffer]>([
  ['that is cut off', zipOf(release).subarray(0, -30)],
  ['that climbs out of its folder', zipOf([...release, { path: 'rocketmq/../../x', content: 'x' }])],
  [
    'with a link to a file of the system',
    zipOf([...release, { path: 'rocketmq/x', mode: 0o120777, content: '/etc/passwd' }]),
  ],
  ['with a device', zipOf([...release, { path: 'rocketmq/sda', mode: 0o060600 }])],
  ['with a program that runs as root', zipOf([...release, { path: 'rocketmq/su', mode: 0o104755, content: 'x' }])],
  ['of two folders', zipOf([...release, { path: 'other/x', content: 'x' }])],
])('rejects a zip archive %s, and leaves no part of it', async (_, bytes) => {
  const { prepare, inCache } = await site(bytes);
  await expect(prepare()).rejects.toMatchObject({ code: 'archive-refused' });
  expect(inCache().filter((name) => name.endsWith('.part'))).toEqual([]);
});

test('rejects a URL with a password, and accepts a signature, the only way to authenticate a download', () => {
  const faultOf = (archive: string) =>
    Distribution.safeParse({ archive, sha512: '0'.repeat(128) }).error?.issues.map(({ message }) => message);
  for (const archive of ['HTTPS://ci:hunter2@repo.example/kafka.tgz', 'ftp://ci:hunter2@repo.example/kafka.tgz']) {
    expect(faultOf(archive)).toEqual([expect.stringContaining('by hand')]);
  }
  for (const query of ['mirror=1', 'X-Amz-Signature=hunter2', 'sv=2024-11-04&sig=hunter2', 'token=hunter2']) {
    expect(faultOf(`https://repo.example/kafka.tgz?${query}`)).toBeUndefined();
  }
  expect(faultOf('archives/kafka@4.tgz')).toBeUndefined();
});

test('reports a failed download without the query of its URL, which may be a signature', async () => {
  const folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-packages-'));
  onTestFinished(() => folder[Symbol.asyncDispose]());
  // `fetch` refuses port 1.
  const archive = 'HTTP://127.0.0.1:1/releases/kafka.tgz?X-Amz-Signature=hunter2';
  const packages = openPackages(
    { file: join(folder.path, 'instances.yaml'), distributions: { 'kafka-4': { archive, sha512: '0'.repeat(128) } } },
    { environment: { XDG_CACHE_HOME: join(folder.path, 'cache') } },
  );
  await expect(packages.archiveOf('kafka-4', io)).rejects.toMatchObject({
    code: 'archive-refused',
    message: expect.stringMatching(/^cannot download http:\/\/127\.0\.0\.1:1\/releases\/kafka\.tgz: [^?]+$/),
  });
});

test('rejects a download with a wrong digest without caching it, and downloads a damaged cached file again', async () => {
  const bytes = zipOf(release);
  // A proxy answers with its own page and status 200.
  const answers = [Buffer.from('<html>log in</html>'), bytes, bytes];
  const server = createServer((_, response) => void response.end(answers.shift()));
  await using _closed = { [Symbol.asyncDispose]: async () => void server.close() };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const archive = `http://127.0.0.1:${(server.address() as AddressInfo).port}/rocketmq.zip`;
  const { at } = await site(bytes);
  const prepare = () =>
    openPackages(
      { file: at('instances.yaml'), distributions: { remote: { archive, sha512: sha512(bytes) } } },
      { environment: { XDG_CACHE_HOME: at('cache') } },
    ).archiveOf('remote', io);
  const cached = () =>
    readdirSync(at('cache'), { recursive: true, encoding: 'utf8' }).filter((name) => /\.(?:archive|part)$/.test(name));
  await expect(prepare()).rejects.toMatchObject({
    code: 'archive-refused',
    message: expect.stringMatching(/^cannot download http:.* its sha512 is /),
  });
  expect(cached()).toEqual([]);
  await expect(prepare()).resolves.toMatchObject({ digest: sha512(bytes) });
  for (const name of cached()) writeFileSync(at('cache', name), 'damaged');
  await expect(prepare()).resolves.toMatchObject({ digest: sha512(bytes) });
  expect(answers).toEqual([]);
});
