// Reads a host over a real sshd, and checks the error message of each failure.

import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { seconds, systemClock } from '../../core/clock.ts';
import type { AppError } from '../../core/errors.ts';
import { readingSections } from '../../core/documents/evidence/host-reading.ts';
import { openSshFiles } from '../../hosts/files/ssh.ts';
import type { HostFiles } from '../../hosts/host-files.ts';
import { SshHost } from '../../hosts/config.ts';
import { createSshConnection } from '../../hosts/ssh/connection.ts';
import { openSshHost } from '../../hosts/ssh.ts';
import { sshCommands } from '../../hosts/instances/host-commands.ts';
import { createHandClock } from '../support/hand-clock.ts';
import { requires } from '../support/prerequisites.ts';
import { makeKey, publicKeyOf, startSshd, type Sshd } from '../support/sshd.ts';
import { createSteppedClock } from '../support/stepped-clock.ts';

/** Bytes of all read system calls. */
const bytesReadBy = (pids: readonly number[]) =>
  pids
    .map((pid) => Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]))
    .reduce((a, b) => a + b, 0);
const soon = () => ({ signal: AbortSignal.timeout(20_000) });

requires('sshd').describe('a host over SSH', () => {
  let folder: string;
  let key: string;
  let sshd: Sshd;
  let knownHostsFile: string;
  const user = userInfo().username;

  const hostOf = (more: Record<string, unknown> = {}) =>
    SshHost.parse({
      probe: 'ssh',
      address: `127.0.0.1:${sshd.port}`,
      user,
      knownHostsFile,
      ...('agent' in more ? {} : { privateKeyFile: key }),
      ...more,
    });
  const filesOf = (more?: Record<string, unknown>): HostFiles =>
    openSshFiles(createSshConnection('far', hostOf(more), { clock: systemClock }), systemClock);
  const known = (name: string, ...lines: string[]) => {
    const path = join(folder, name);
    writeFileSync(path, `${lines.join('\n')}\n`);
    return path;
  };
  const failureOf = async (more: Record<string, unknown>) => {
    await using files = filesOf(more);
    return await files.readAll(['/proc/uptime'], soon()).then(
      () => expect.fail('it was read'),
      (error: unknown) => error,
    );
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'plimsoll-sshd-'));
    key = makeKey(folder, 'user_key');
    sshd = await startSshd({ folder, authorized: [publicKeyOf(key)] });
    knownHostsFile = known('known_hosts', sshd.knownHost);
  });
  afterAll(async () => {
    await sshd[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  requires('sshd').test('reports its load, memory and file systems', async () => {
    await using host = openSshHost('far', hostOf());
    const reading = await host.sample(new Set(readingSections), soon());
    expect(reading).toMatchObject({ cpus: expect.anything(), load: expect.anything(), fileSystems: expect.anything() });
  });

  requires('sshd').test('file system sizes and file identities equal those of a local stat(1)', async () => {
    await using files = filesOf();
    const { sizes, failures, hung } = await files.statFileSystems(['/proc', '/none here'], soon());
    expect([...sizes.keys()]).toEqual(['/proc']);
    expect([...failures]).toEqual([['/none here', 'No such file or directory']]);
    expect(hung).toEqual([]);
    const stats = await files.statAll([key, '/none'], soon());
    const identity = spawnSync('stat', ['-c', '%d:%i', key]).stdout.toString().trim();
    expect([...stats].map(([path, stat]) => [path, stat.identity])).toEqual([[key, identity]]);
  });

  requires('sshd').test('a user with SFTP alone reads everything except the output of commands', async () => {
    const settings = ['ForceCommand internal-sftp'];
    await using only = await startSshd({ folder, authorized: [publicKeyOf(key)], settings });
    const at = { address: `127.0.0.1:${only.port}`, knownHostsFile: known('only', only.knownHost) };
    await using files = filesOf(at);
    const [stat] = (await files.statAll([key], soon())).values();
    expect(Object.keys(stat ?? {}).sort()).toEqual(['modifiedAtMs', 'sizeBytes']);
    expect(await files.statFileSystems(['/'], soon())).toEqual({ sizes: new Map(), hung: [], failures: new Map() });
    const many = Array.from({ length: 150 }, (_, index) => known(`small-${index}`, String(index)));
    expect((await files.readAll(many, soon())).texts.get(many[149] ?? '')).toBe('149\n');
  });

  requires('sshd').test('an unknown host key is refused with its fingerprint and the line to add', async () => {
    const fingerprint = spawnSync('ssh-keygen', ['-lf', `${folder}/host_key_${sshd.port}.pub`]).stdout.toString();
    const error = await failureOf({ knownHostsFile: join(folder, 'none') });
    expect(error).toMatchObject({
      code: 'host-key-unknown',
      message: expect.stringContaining(fingerprint.split(' ')[1] ?? '?'),
      hint: expect.stringContaining(sshd.knownHost),
    });
  });

  requires('sshd').test('a changed or revoked host key is refused with the line in the known hosts file', async () => {
    const other = publicKeyOf(makeKey(folder, 'other_host')).split(' ').slice(0, 2).join(' ');
    const changed = known('changed', '# first', `[127.0.0.1]:${sshd.port} ${other}`);
    expect(await failureOf({ knownHostsFile: changed })).toMatchObject({
      code: 'host-key-changed',
      message: expect.stringContaining(`line 2 of ${changed}`),
    });
    const revoked = known('revoked', sshd.knownHost, `@revoked ${sshd.knownHost}`);
    expect(await failureOf({ knownHostsFile: revoked })).toMatchObject({
      code: 'host-key-changed',
      message: expect.stringContaining('revokes'),
    });
  });

  requires('sshd').test(
    'an unauthorized key, a key readable by others, and a missing sshd give different errors',
    async () => {
      const stranger = makeKey(folder, 'stranger');
      expect(await failureOf({ privateKeyFile: stranger })).toMatchObject({ code: 'ssh-login-refused' });
      const open = known('open_key', 'PRIVATE KEY');
      spawnSync('chmod', ['644', open]);
      expect(await failureOf({ privateKeyFile: open })).toMatchObject({
        code: 'ssh-key-unusable',
        message: expect.stringContaining('chmod 600'),
      });
      expect(await failureOf({ address: '127.0.0.1:1' })).toMatchObject({ code: 'host-unreachable' });
    },
  );

  requires('sshd').test('an encrypted key needs its passphrase, which no error contains', async () => {
    const locked = makeKey(folder, 'locked', { passphrase: 'open sesame' });
    await using other = await startSshd({ folder, authorized: [publicKeyOf(locked)] });
    const address = `127.0.0.1:${other.port}`;
    const at = { address, privateKeyFile: locked, knownHostsFile: known('of_locked', other.knownHost) };
    vi.stubEnv('TEST_PASSPHRASE', 'open sesame');
    await using files = filesOf({ ...at, passphrase: '${env:TEST_PASSPHRASE}' });
    expect((await files.readAll(['/proc/uptime'], soon())).texts.size).toBe(1);
    vi.stubEnv('TEST_PASSPHRASE', 'wrong secret');
    const error = await failureOf({ ...at, passphrase: '${env:TEST_PASSPHRASE}' });
    expect(error).toMatchObject({ code: 'ssh-key-unusable' });
    expect(JSON.stringify([error, String(error)])).not.toContain('wrong secret');
  });

  requires('sshd').test('keys of an SSH agent can be used', async () => {
    const socket = join(folder, 'agent.sock');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
    try {
      vi.stubEnv('SSH_AUTH_SOCK', socket);
      await vi.waitFor(() => expect(spawnSync('ssh-add', ['-q', key]).status).toBe(0), 5000);
      await using files = filesOf({ agent: true });
      expect((await files.readAll(['/proc/uptime'], soon())).texts.size).toBe(1);
    } finally {
      agent.kill();
    }
  });

  requires('sshd').test('a jump host can be used, and its key is checked as well', async () => {
    await using jump = await startSshd({ folder, authorized: [publicKeyOf(key)] });
    const through = { address: `127.0.0.1:${jump.port}`, user, privateKeyFile: key };
    const both = known('both', sshd.knownHost, jump.knownHost);
    await using files = filesOf({ jump: through, knownHostsFile: both });
    expect((await files.readAll(['/proc/uptime'], soon())).texts.size).toBe(1);
    expect(jump.sessions().length).toBeGreaterThan(0);
    expect(await failureOf({ jump: through })).toMatchObject({
      code: 'host-key-unknown',
      message: expect.stringContaining('jump host'),
    });
  });

  const stopped = (own: Sshd) => {
    const pids = own.sessions();
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    return () => pids.forEach((pid) => process.kill(pid, 'SIGCONT'));
  };

  requires('sshd').test('a program that does not end is named, and the next one runs', async () => {
    await using connection = createSshConnection('far', hostOf(), { clock: systemClock });
    const commands = sshCommands('far', connection, { brief: seconds(10), long: seconds(0.3) });
    // Like a change by an operator: it has no deadline.
    const io = { signal: new AbortController().signal };
    await expect(commands.run('env', ['sleep', '20'], io)).rejects.toMatchObject({
      code: 'host-hung',
      message: 'host far: env has not ended after 300 ms',
    });
    expect((await commands.run('id', ['-u'], io)).exitCode).toBe(0);
  });

  requires('sshd').test('a server stopped in the middle of a reply fails only callers with a deadline', async () => {
    await using own = await startSshd({ folder, authorized: [publicKeyOf(key)] });
    const at = { address: `127.0.0.1:${own.port}`, knownHostsFile: known('own', own.knownHost) };
    await using files = filesOf(at);
    const long = known('long', '');
    const length = 16 * 2 ** 20;
    truncateSync(long, length);
    await using file = await files.open(long, soon());
    const before = bytesReadBy(own.sessions());
    const reading = file.read(0, length, soon());
    await vi.waitFor(() => expect(bytesReadBy(own.sessions()) - before).toBeGreaterThan(2 ** 20), {
      interval: 1,
      timeout: 15_000,
    });
    const resume = stopped(own);
    const late = files.readAll(['/proc/uptime'], { signal: AbortSignal.timeout(300) });
    await expect(late).rejects.toMatchObject({ code: 'host-hung', message: expect.stringContaining('host far') });
    resume();
    expect((await reading).length).toBe(length);
    expect((await file.stat(soon())).sizeBytes).toBe(length);
  });

  requires('sshd').test('a silent server gets a new connection, on which waiting callers continue', async () => {
    const clock = createSteppedClock();
    await using own = await startSshd({ folder, authorized: [publicKeyOf(key)] });
    const host = hostOf({ address: `127.0.0.1:${own.port}`, knownHostsFile: known('silent', own.knownHost) });
    await using files = openSshFiles(createSshConnection('far', host, { clock }), clock);
    await files.readAll(['/proc/uptime'], soon());
    const before = own.sessions();
    stopped(own);
    const patient = files.readAll(['/proc/uptime'], soon());
    const late = files.readAll(['/proc/uptime'], { signal: AbortSignal.timeout(100) });
    await expect(late).rejects.toMatchObject({ code: 'host-hung' });
    await clock.advance(10);
    expect((await patient).texts.size).toBe(1);
    expect(own.sessions().filter((pid) => !before.includes(pid)).length).toBeGreaterThan(0);
  });

  requires('sshd').test('an SFTP server that does not start uses only one connection at a time', async () => {
    const clock = createSteppedClock();
    // Accepts requests without a response, like an sftp-server whose home directory is on a hung mount.
    const settings = ['ForceCommand cat > /dev/null'];
    await using own = await startSshd({ folder, authorized: [publicKeyOf(key)], settings });
    const host = hostOf({ address: `127.0.0.1:${own.port}`, knownHostsFile: known('no-sftp', own.knownHost) });
    await using connection = createSshConnection('far', host, { clock, random: () => 1, sftpMilliseconds: 300 });
    const failure = () =>
      connection
        .use({ signal: AbortSignal.timeout(3000) }, async () => 'opened')
        .catch((error: unknown) => error as AppError);
    const expected = { code: 'host-hung', message: 'host far: SFTP did not start within 0.3 s' };
    for (let reading = 0; reading < 3; reading += 1) {
      const first = await failure();
      expect(first).toMatchObject(expected);
      await vi.waitFor(() => expect(own.sessions()).toEqual([]), 5000);
      // No new connection until the backoff ends.
      expect(await failure()).toBe(first);
      await clock.advance(30);
    }
  });

  requires('sshd').test('requests above the session limit of sshd wait for each other', async () => {
    await using files = filesOf();
    const told = await Promise.all(Array.from({ length: 30 }, () => files.statAll([key], soon())));
    expect(told.filter((stats) => stats.get(key)?.identity !== undefined)).toHaveLength(30);
  });

  requires('sshd').test(
    'if all commands hang, the connection is closed, and the next commands use another',
    async () => {
      const clock = createSteppedClock();
      await using files = openSshFiles(createSshConnection('far', hostOf(), { clock }), clock);
      const pipe = join(folder, 'pipe');
      spawnSync('mkfifo', [pipe]);
      const small = Array.from({ length: 120 }, (_, index) => known(`many-${index}`, String(index)));
      await files.readAll([key], soon());
      const hanging = Array.from({ length: 5 }, () =>
        files.readAll([pipe, ...small], { signal: AbortSignal.timeout(1000) }),
      );
      const ends = await Promise.allSettled(hanging);
      expect(ends.map((end) => (end.status === 'rejected' ? (end.reason as AppError).code : 'read'))).toEqual(
        ends.map(() => 'host-hung'),
      );
      const waiting = files.readAll(small, soon());
      await clock.advance(10);
      expect((await waiting).texts.size).toBe(120);
      // Unblocks a reader that has opened the pipe: it reads the end of file.
      closeSync(openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK));
    },
  );

  requires('sshd').test('a killed sshd is not contacted again at once, and is read after it is back', async () => {
    const clock = createHandClock();
    const first = await startSshd({ folder, authorized: [publicKeyOf(key)] });
    const host = hostOf({ address: `127.0.0.1:${first.port}`, knownHostsFile: known('back', first.knownHost) });
    const connection = createSshConnection('far', host, { clock, random: () => 0 });
    await using files = openSshFiles(connection, clock);
    const read = () => files.readAll(['/proc/uptime'], soon());
    await read();
    await first[Symbol.asyncDispose]();
    await vi.waitFor(
      () => expect(read()).rejects.toMatchObject({ message: expect.stringContaining('cannot reach') }),
      5000,
    );
    const hostKey = join(folder, `host_key_${first.port}`);
    await using _again = await startSshd({ folder, authorized: [publicKeyOf(key)], port: first.port, hostKey });
    await expect(read()).rejects.toMatchObject({ code: 'host-unreachable' });
    clock.advance(60);
    expect((await read()).texts.size).toBe(1);
  });
});
