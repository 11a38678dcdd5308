// Do files read the same whether they are here or behind a real sshd?

import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { SshHost } from '../../hosts/config.ts';
import { openLocalFiles } from '../../hosts/files/local.ts';
import { openSshFiles } from '../../hosts/files/ssh.ts';
import type { HostFiles } from '../../hosts/host-files.ts';
import { createSshConnection } from '../../hosts/ssh/connection.ts';
import { requires } from '../support/prerequisites.ts';
import { makeKey, publicKeyOf, startSshd } from '../support/sshd.ts';

const io = () => ({ signal: AbortSignal.timeout(20_000) });

async function openOverSsh(cleanUp: AsyncDisposableStack, folder: string): Promise<HostFiles> {
  const privateKeyFile = makeKey(folder, 'user_key');
  const sshd = cleanUp.use(await startSshd({ folder, authorized: [publicKeyOf(privateKeyFile)] }));
  const knownHostsFile = join(folder, 'known_hosts');
  writeFileSync(knownHostsFile, sshd.knownHost);
  const address = `127.0.0.1:${sshd.port}`;
  const host = SshHost.parse({ probe: 'ssh', address, user: userInfo().username, privateKeyFile, knownHostsFile });
  return openSshFiles(createSshConnection('far', host, { clock: systemClock }), systemClock);
}

describe.each([
  { name: 'local', suite: requires(), open: () => Promise.resolve(openLocalFiles()) },
  { name: 'ssh', suite: requires('sshd'), open: openOverSsh },
])('$name', ({ suite, open }) => {
  suite.describe('files of a machine', () => {
    const cleanUp = new AsyncDisposableStack();
    let files: HostFiles;
    let folder: string;
    let log: string;
    const at = (name: string) => join(folder, name);

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'plimsoll-files-'));
      cleanUp.defer(() => rmSync(folder, { recursive: true }));
      log = at('gc.log');
      files = cleanUp.use(await open(cleanUp, folder));
    });
    afterAll(() => cleanUp.disposeAsync());
    beforeEach(() => writeFileSync(log, 'first\n'));

    suite.test('texts come with those that failed, and why', async () => {
      writeFileSync(at('empty'), '');
      symlinkSync('nowhere', at('dangling'));
      mkdirSync(at('folder'));
      const { texts, failures } = await files.readAll(
        [log, at('empty'), at('none'), at('dangling'), at('folder')],
        io(),
      );
      expect(texts).toEqual(
        new Map([
          [log, 'first\n'],
          [at('empty'), ''],
        ]),
      );
      expect(failures.get(at('none'))).toBe('ENOENT');
      expect(failures.get(at('dangling'))).toBe('ENOENT');
      expect(failures.has(at('folder'))).toBe(true);
    });

    suite.test('files of the kernel are read to their end, though they say they have no size', async () => {
      const { texts } = await files.readAll(['/proc/version', '/proc/self/limits'], io());
      expect(texts.get('/proc/version')).toMatch(/^Linux .*\n$/);
      expect(texts.get('/proc/self/limits')).toContain('Max open files');
    });

    suite.test('a text is cut after four mebibytes, and one that is no text is still read', async () => {
      writeFileSync(at('huge'), 'x'.repeat(4 * 2 ** 20 + 1));
      writeFileSync(at('binary'), Buffer.from([0xff, 0, 0xfe]));
      const { texts } = await files.readAll([at('huge'), at('binary')], io());
      expect(texts.get(at('huge'))?.length).toBe(4 * 2 ** 20);
      expect(texts.get(at('binary'))).toBe('\ufffd\0\ufffd');
    });

    suite.test('folders and links are told, and what is none is left out', async () => {
      mkdirSync(at('listed'));
      writeFileSync(at('listed/a b'), '');
      symlinkSync('../gc.log', at('listed/link'));
      const lists = await files.listAll([at('listed'), at('none'), log], io());
      expect([...lists].map(([path, names]) => [path, [...names].sort()])).toEqual([[at('listed'), ['a b', 'link']]]);
      expect([...(await files.readLinks([at('listed/link'), log], io()))]).toEqual([[at('listed/link'), '../gc.log']]);
    });

    suite.test('an open file grows, stays itself under another name, and shrinks', async () => {
      await using file = await files.open(log, io());
      const [before] = (await files.statAll([log, at('none')], io())).values();
      appendFileSync(log, 'second\n');
      expect(Buffer.from(await file.read(6, 100, io())).toString()).toBe('second\n');
      renameSync(log, at('gc.log.0'));
      writeFileSync(log, 'another');
      expect((await file.stat(io())).sizeBytes).toBe(13);
      const stats = await files.statAll([log, at('gc.log.0')], io());
      expect(stats.get(at('gc.log.0'))?.identity).toBe(before?.identity);
      expect(stats.get(log)?.identity).not.toBe(before?.identity);
      truncateSync(at('gc.log.0'), 2);
      expect((await file.read(6, 100, io())).length).toBe(0);
    });

    suite.test('a file that cannot be opened is said by its path', async () => {
      await expect(files.open(at('none'), io())).rejects.toMatchObject({
        code: 'host-unreadable',
        message: expect.stringContaining(at('none')),
      });
    });

    suite.test('a file system has the size stat(1) tells', async () => {
      const { sizes } = await files.statFileSystems([folder], io());
      const told = spawnSync('stat', ['-f', '-c', '%S %b', folder]).stdout.toString().split(' ').map(Number);
      expect(sizes.get(folder)?.sizeBytes).toBe((told[0] ?? 0) * (told[1] ?? 0));
    });
  });
});
