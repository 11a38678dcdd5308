// Checks that files read the same locally and through a real sshd.

import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
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

async function openOverSsh(
  cleanUp: AsyncDisposableStack,
  folder: string,
  user = userInfo().username,
): Promise<HostFiles> {
  const privateKeyFile = makeKey(folder, 'user_key');
  const sshd = cleanUp.use(await startSshd({ folder, authorized: [publicKeyOf(privateKeyFile)] }));
  const knownHostsFile = join(folder, 'known_hosts');
  writeFileSync(knownHostsFile, sshd.knownHost);
  const address = `127.0.0.1:${sshd.port}`;
  const host = SshHost.parse({ probe: 'ssh', address, user, privateKeyFile, knownHostsFile });
  return openSshFiles(createSshConnection('far', host, { clock: systemClock }), systemClock);
}

/** Has no shell: it may only use SFTP. */
const stranger = 'nobody';
const isRoot = userInfo().uid === 0;

interface Way {
  name: string;
  suite: ReturnType<typeof requires>;
  open(cleanUp: AsyncDisposableStack, folder: string): Promise<HostFiles>;
  runsCommands: boolean;
  mayReadAll: boolean;
}

const ways: Way[] = [
  {
    name: 'local',
    suite: requires(),
    open: () => Promise.resolve(openLocalFiles()),
    runsCommands: true,
    mayReadAll: isRoot,
  },
  { name: 'ssh', suite: requires('sshd'), open: openOverSsh, runsCommands: true, mayReadAll: isRoot },
  {
    name: 'ssh as a user who may read little and run nothing',
    suite: requires('sshd', 'root'),
    open: (cleanUp, folder) => openOverSsh(cleanUp, folder, stranger),
    runsCommands: false,
    mayReadAll: false,
  },
];

describe.each(ways)('$name', ({ suite, open, runsCommands, mayReadAll }) => {
  suite.describe('files of a host', () => {
    const cleanUp = new AsyncDisposableStack();
    let files: HostFiles;
    let folder: string;
    let log: string;
    const at = (name: string) => join(folder, name);

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'plimsoll-files-'));
      cleanUp.defer(() => rmSync(folder, { recursive: true }));
      chmodSync(folder, 0o755);
      log = at('gc.log');
      files = cleanUp.use(await open(cleanUp, folder));
    });
    afterAll(() => cleanUp.disposeAsync());
    beforeEach(() => writeFileSync(log, 'first\n'));

    suite.test('returns the text of readable files, and the error of each other file', async () => {
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

    suite.test('reads kernel files completely, although their reported size is 0', async () => {
      const { texts } = await files.readAll(['/proc/version', '/proc/self/limits'], io());
      expect(texts.get('/proc/version')).toMatch(/^Linux .*\n$/);
      expect(texts.get('/proc/self/limits')).toContain('Max open files');
    });

    suite.test('cuts a text after 4 MiB, and replaces invalid UTF-8', async () => {
      writeFileSync(at('huge'), 'x'.repeat(4 * 2 ** 20 + 1));
      writeFileSync(at('binary'), Buffer.from([0xff, 0, 0xfe]));
      const { texts } = await files.readAll([at('huge'), at('binary')], io());
      expect(texts.get(at('huge'))?.length).toBe(4 * 2 ** 20);
      expect(texts.get(at('binary'))).toBe('\ufffd\0\ufffd');
    });

    suite.test('counts the lines of long files and of kernel files', async () => {
      // 65,530 memory maps, each with a path as long as that of a log segment.
      writeFileSync(
        at('maps'),
        `${'7f4ac0000000-7f4b00000000 rw-s 00000000 fd:01 '.padEnd(129, 'x')}\n`.repeat(65_530),
      );
      expect(await files.countLines(at('maps'), io())).toEqual({ kind: 'counted', lines: 65_530 });
      expect(await files.countLines('/proc/version', io())).toEqual({ kind: 'counted', lines: 1 });
      writeFileSync(at('empty'), '');
      expect(await files.countLines(at('empty'), io())).toEqual({ kind: 'counted', lines: 0 });
    });

    suite.test('reports why the lines of a missing file, a folder or a forbidden file were not counted', async () => {
      mkdirSync(at('not a file'));
      writeFileSync(at('forbidden'), 'secret\n', { mode: 0o000 });
      expect(await files.countLines(at('none'), io())).toEqual({ kind: 'unread', reason: 'ENOENT' });
      expect(await files.countLines(at('not a file'), io())).toMatchObject({ kind: 'unread' });
      expect(await files.countLines(at('forbidden'), io())).toEqual(
        mayReadAll ? { kind: 'counted', lines: 1 } : { kind: 'unread', reason: 'EACCES' },
      );
    });

    suite.test('lists folders and links, and omits other paths', async () => {
      mkdirSync(at('listed'));
      writeFileSync(at('listed/a b'), '');
      symlinkSync('../gc.log', at('listed/link'));
      const lists = await files.listAll([at('listed'), at('none'), log], io());
      expect([...lists].map(([path, names]) => [path, [...names].sort()])).toEqual([[at('listed'), ['a b', 'link']]]);
      expect([...(await files.readLinks([at('listed/link'), log], io()))]).toEqual([[at('listed/link'), '../gc.log']]);
    });

    suite.test('reports forbidden files as EACCES, and reads the others', async () => {
      writeFileSync(at('closed'), 'secret', { mode: 0o000 });
      mkdirSync(at('shut'), { mode: 0o000 });
      const { texts, failures } = await files.readAll([log, at('closed')], io());
      expect([...texts.keys()]).toEqual(mayReadAll ? [log, at('closed')] : [log]);
      expect([...failures]).toEqual(mayReadAll ? [] : [[at('closed'), 'EACCES']]);
      expect((await files.listAll([at('shut')], io())).size).toBe(Number(mayReadAll));
    });

    suite.test('reads many files and links with any names', async () => {
      mkdirSync(at('many'));
      const names = Array.from({ length: 150 }, (_, index) => `many/${index}`);
      const texts = new Map(names.map((name, index) => [at(name), index % 5 === 0 ? '' : `text ${index}`]));
      texts.set(at('many/a b'), '==> many/7 <==\n');
      texts.set(at("many/it's"), `\n==> ${at('many/0')} <==\n`);
      texts.set(at('many/two\nlines'), 'two\nlines\n');
      texts.set(at('many/long'), 'x'.repeat(2 ** 14 + 1));
      texts.set(at('many/exact'), 'ü'.repeat(2 ** 13));
      for (const [path, text] of texts) writeFileSync(path, text);
      const read = await files.readAll([...texts.keys(), at('many/none'), at('many')], io());
      expect(read.texts).toEqual(texts);
      expect(read.failures.get(at('many/none'))).toBe('ENOENT');
      expect(read.failures.has(at('many'))).toBe(true);

      const links = new Map([...texts.keys()].map((path) => [`${path}.link`, `${path} -> elsewhere`]));
      for (const [path, target] of links) symlinkSync(target, path);
      const told = await files.readLinks([...links.keys(), log, at('none')], io());
      expect(told).toEqual(links);
    });

    suite.test('reads more files than an SFTP server can have open at once', async () => {
      mkdirSync(at('thousands'));
      const names = Array.from({ length: 1100 }, (_, index) => at(`thousands/${index}`));
      for (const name of names) writeFileSync(name, 'text');
      const { texts, failures } = await files.readAll(names, io());
      expect([texts.size, [...failures]]).toEqual([names.length, []]);
    });

    suite.test('an open file keeps its identity while it grows, is renamed or shrinks', async () => {
      await using file = await files.open(log, io());
      const [before] = (await files.statAll([log, at('none')], io())).values();
      appendFileSync(log, 'second\n');
      expect(Buffer.from(await file.read(6, 100, io())).toString()).toBe('second\n');
      renameSync(log, at('gc.log.0'));
      writeFileSync(log, 'another');
      expect((await file.stat(io())).sizeBytes).toBe(13);
      const stats = await files.statAll([log, at('gc.log.0')], io());
      expect(stats.get(at('gc.log.0'))?.identity).toBe(before?.identity);
      if (runsCommands) expect(stats.get(log)?.identity).not.toBe(before?.identity);
      else expect(before).toEqual({ sizeBytes: 6, modifiedAtMs: expect.any(Number) });
      truncateSync(at('gc.log.0'), 2);
      expect((await file.read(6, 100, io())).length).toBe(0);
    });

    suite.test('names the path of a file that cannot be opened', async () => {
      await expect(files.open(at('none'), io())).rejects.toMatchObject({
        code: 'host-unreadable',
        message: expect.stringContaining(at('none')),
      });
    });

    suite.test('reports the size of a file system like stat(1)', async () => {
      const { sizes, failures } = await files.statFileSystems([folder], io());
      if (!runsCommands) return expect(sizes.size + failures.size).toBe(0);
      const told = spawnSync('stat', ['-f', '-c', '%S %b', folder]).stdout.toString().split(' ').map(Number);
      expect(sizes.get(folder)?.totalBytes).toBe((told[0] ?? 0) * (told[1] ?? 0));
    });
  });
});
