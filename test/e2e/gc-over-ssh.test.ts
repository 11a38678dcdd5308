// Compares `plimsoll gc ssh://…` with the same files read locally.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GcReport } from '../../gc/report/gc-report.ts';
import { plimsoll } from '../support/plimsoll.ts';
import { requires } from '../support/prerequisites.ts';
import { makeKey, publicKeyOf, startSshd, type Sshd } from '../support/sshd.ts';

const logs = join(import.meta.dirname, '../fixtures/gc-logs/unified');

requires('sshd').describe('GC logs on another machine', () => {
  let folder: string;
  let sshd: Sshd;
  let key: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'plimsoll-gc-ssh-'));
    key = makeKey(folder, 'key');
    sshd = await startSshd({ folder, authorized: [publicKeyOf(key)] });
    mkdirSync(join(folder, '.ssh'), { mode: 0o700 });
  });
  afterAll(async () => {
    await sshd[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  /** SFTP has file times in seconds, so files of the same second may be ordered differently. */
  const bytesOf = (report: GcReport | undefined) => report?.files.map(({ bytes }) => bytes).toSorted((a, b) => a - b);
  /** Runs as a user without an agent or a private key. */
  const gc = (...words: string[]) =>
    plimsoll(['gc', ...words], { environment: { HOME: folder, SSH_AUTH_SOCK: undefined } });
  const far = (path: string) => `ssh://${userInfo().username}@127.0.0.1:${sshd.port}${path}`;
  const knows = (line: string) => writeFileSync(join(folder, '.ssh/known_hosts'), `${line}\n`);

  test('give the same pauses as the local files', async () => {
    knows(sshd.knownHost);
    const [there, here] = (await Promise.all([gc(far(logs), '--identity', key, '--json'), gc(logs, '--json')])).map(
      ({ stdout }) => GcReport.parse(JSON.parse(stdout)),
    );
    expect(there?.runs.length).toBeGreaterThan(1);
    expect(there?.pauses).toEqual(here?.pauses);
    expect(bytesOf(there)).toEqual(bytesOf(here));
  }, 60_000);

  test('are read with the address, user and key of the host in the config file', async () => {
    knows(sshd.knownHost);
    const config = join(folder, 'plimsoll.yaml');
    const { username } = userInfo();
    writeFileSync(
      config,
      `hosts:\n  mq-1: { probe: ssh, address: '127.0.0.1:${sshd.port}', user: ${username}, privateKeyFile: ${key} }\n`,
    );
    const { stdout } = await gc(`ssh://mq-1${logs}`, '--config', config, '--json');
    expect(GcReport.parse(JSON.parse(stdout)).runs.length).toBeGreaterThan(1);
  }, 60_000);

  test('give an error for an unknown host key, a missing private key or a missing folder', async () => {
    knows('# nobody yet');
    expect((await gc(far(logs), '--identity', key)).stderr).toMatch(
      /shows the ssh-ed25519 key SHA256:.*\nhint: compare/,
    );
    knows(sshd.knownHost);
    expect((await gc(far(logs))).stderr).toMatch(/no key in ~\/\.ssh\nhint: give the key with --identity FILE/);
    expect((await gc(far('/nowhere'), '--identity', key)).stderr).toMatch(/no such file or folder\nhint: .*absolute/);
  }, 60_000);
});
