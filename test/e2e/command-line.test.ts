// Runs the command line as a process: help, refusals, exit codes, signals and closed pipes.

import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeNew } from '../../app/files/write-new.ts';
import { commandsIn } from '../../cli/command-list.ts';
import { commands } from '../../cli/registry.ts';
import { main, plimsoll, spawnPlimsoll } from '../support/plimsoll.ts';
import { requires } from '../support/prerequisites.ts';

const bootstrap = fileURLToPath(new URL('../../bootstrap.mjs', import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-e2e-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('every command has help with options and examples, and declares its registered name', async () => {
  const { stdout } = await plimsoll(['--help']);
  for (const { name, load } of commandsIn(commands)) {
    const command = await load();
    expect(command.name).toBe(name);
    expect(command.examples.length, name).toBeGreaterThan(0);
    expect(stdout).toContain(`\n  ${name.split(' ')[0] ?? name} `);
  }
  expect(await plimsoll(['lab', 'up', '--help'])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('--nic SPEED'),
  });
});

test('rejects a mistyped command or option and suggests the nearest one', async () => {
  expect(await plimsoll(['analyse'])).toEqual({
    exitCode: 2,
    stdout: '',
    stderr:
      'error: there is no command `analyse`\nhint: did you mean `plimsoll analyze`? `plimsoll --help` lists the commands\n',
  });
  expect(await plimsoll(['run', '--message-sise', '500'])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('did you mean --message-size?'),
  });
});

test('an error with --json is one JSON document on standard output', async () => {
  const { exitCode, stdout } = await plimsoll(['analyze', join(folder, 'absent'), '--json']);
  expect(exitCode).toBe(2);
  expect(JSON.parse(stdout)).toEqual({
    schemaVersion: 1,
    error: { code: 'run-missing', message: expect.stringContaining('absent'), hint: expect.any(String) },
  });
});

test('reports all errors of an invalid config before anything is started', async () => {
  const config = join(folder, 'bad.yaml');
  await writeFile(
    config,
    `clusters:
  lab:
    broker: kafka
    bootstrap: []
    sasl: { mechanism: plain, username: u, password: hunter2 }
    brokers: { "1": { host: brokr-1 } }
hosts:
  broker-1: { probe: local, network: { speed: 50 } }
hots: {}
`,
  );
  const told = await plimsoll(['config', 'check', '--config', config]);
  expect(told).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('5 problems') });
  for (const where of [
    ':4: clusters.lab.bootstrap:',
    ':5: clusters.lab.sasl.password:',
    ':6: clusters.lab.brokers.1.host:',
    ':8: hosts.broker-1.network.speed:',
    ':9: hots:',
  ]) {
    expect(told.stderr).toContain(where);
  }
  expect(told.stderr).not.toContain('hunter2');

  const checked = await plimsoll(['config', 'check', '--config', config, '--json']);
  expect(JSON.parse(checked.stdout)).toMatchObject({
    schemaVersion: 1,
    valid: false,
    error: { code: 'config-invalid' },
  });
  expect(JSON.parse(checked.stdout).problems).toHaveLength(5);

  const run = await plimsoll(['run', '--config', config, '--rate-steps', '10', '--message-size', '100']);
  expect(run).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('5 problems') });
});

test('names a port that is in use, and does not disturb the program that listens on it', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = `127.0.0.1:${(other.address() as AddressInfo).port}`;
  const told = await plimsoll(['start', '--listen', address]);
  other.close();
  expect(told).toMatchObject({
    exitCode: 5,
    stdout: '',
    stderr: expect.stringContaining(`cannot listen on ${address}`),
  });
});

test('Ctrl-C stops a server with exit code 0, even if a second signal follows', async () => {
  await writeFile(join(folder, 'plimsoll.yaml'), 'hosts: { local: { probe: local } }\n');
  const { child, written, finished } = spawnPlimsoll(['exporter', '--listen', '127.0.0.1:0'], { cwd: folder });
  while (!written.stdout.includes('listening on ')) await once(child.stdout, 'data');
  child.kill('SIGINT');
  child.kill('SIGTERM');
  expect(await finished).toMatchObject({ exitCode: 0, stderr: '' });
});

test('a server ends when its launcher is killed, so that the next start finds its port and history free', async () => {
  await writeFile(join(folder, 'plimsoll.yaml'), '{}\n');
  const launcher = spawn(process.execPath, [bootstrap, main, 'exporter', '--listen', '127.0.0.1:0'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(launcher.stdout, 'data');
  launcher.kill('SIGKILL');
  // The server has inherited the pipe.
  await once(launcher.stdout, 'close');
}, 60_000);

test.skipIf(!existsSync('/dev/full'))('output to a full disk fails with an error and a hint', () => {
  const full = openSync('/dev/full', 'w');
  const words = [main, 'analyze', 'examples/founding-70k'];
  const { status, stderr } = spawnSync(process.execPath, words, { stdio: ['ignore', full, 'pipe'], encoding: 'utf8' });
  closeSync(full);
  expect(stderr).toMatch(/^error: cannot write the output: ENOSPC.*\nhint: .*\n$/);
  expect(status).toBe(5);
});

requires('root').test('output that a full disk cuts short fails too', async () => {
  const small = join(folder, 'small');
  await mkdir(small);
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8k', 'tmpfs', small]);
  try {
    const file = openSync(join(small, 'verdict.json'), 'w');
    const words = [main, 'analyze', 'examples/load-test', '--json'];
    const { status, stderr } = spawnSync(process.execPath, words, {
      stdio: ['ignore', file, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(file);
    expect((await stat(join(small, 'verdict.json'))).size).toBeGreaterThan(0);
    expect([status, stderr]).toEqual([
      5,
      expect.stringMatching(/^error: cannot write the output: ENOSPC.*\nhint: .*\n$/),
    ]);
  } finally {
    spawnSync('umount', [small]);
  }
});

requires('root').test('a replaced file keeps its content if the disk has no room for the new version', async () => {
  const small = join(folder, 'smaller');
  await mkdir(small);
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', small]);
  try {
    const file = join(small, 'signed.html');
    await writeFile(file, 'signed', { mode: 0o640 });
    await expect(writeNew(file, 'x'.repeat(65_536), { force: true })).rejects.toMatchObject({ code: 'no-space' });
    expect(await readFile(file, 'utf8')).toBe('signed');
    expect(await readdir(small)).toEqual(['signed.html']);
    await writeNew(file, 'signed again', { force: true });
    expect([await readFile(file, 'utf8'), (await stat(file)).mode & 0o777]).toEqual(['signed again', 0o640]);
  } finally {
    spawnSync('umount', [small]);
  }
});

test('exits with 0 when the reader closes the pipe early', async () => {
  const { child, finished } = spawnPlimsoll(['analyze', 'examples/founding-70k', '--json']);
  child.stdout.destroy();
  expect(await finished).toMatchObject({ exitCode: 0, stderr: '' });
});
