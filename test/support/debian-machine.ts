// Boots a clean Debian with systemd in a systemd-nspawn container, without a network by default.

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheFolder } from '../../core/user-folders.ts';
import { builtOnce } from './jvms/built-once.ts';

const release = 'bookworm';
const mirror = 'http://deb.debian.org/debian';

export interface Answer {
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface DebianMachine extends AsyncDisposable {
  /** Path of its root file system on this machine. */
  root: string;
  /** Runs a program in it as root; the caller checks the result. */
  run(...words: string[]): Answer;
  /** Sends a request to a port of its loopback interface, with curl of this machine. */
  curl(...words: string[]): Answer;
}

/** Takes up to two minutes the first time. @param packages to install with dependencies, in addition to a minimal Debian and systemd */
export async function bootDebian({
  packages,
  network,
}: {
  packages: string[];
  network: boolean;
}): Promise<DebianMachine> {
  const root = await mkdtemp(join(tmpdir(), 'plimsoll-debian-'));
  // fs.cp copies no devices.
  must('cp', '--archive', '--no-target-directory', join(await baseOf(packages), 'root'), root);
  const names = network ? ['--bind-ro=/etc/resolv.conf', ...certificates()] : ['--private-network'];
  const words = [
    '--register=no',
    '--keep-unit',
    '--quiet',
    '--console=pipe',
    ...names,
    `--directory=${root}`,
    '--boot',
  ];
  const container = spawn('systemd-nspawn', words, { stdio: 'ignore' });
  const stop = async () => {
    await ended(container);
    await rm(root, { recursive: true, force: true });
  };
  try {
    const init = await pidOfInit(container);
    const enter = (namespaces: string[], command: string[]): Answer => {
      const { status, stdout, stderr } = spawnSync('nsenter', ['--target', init, ...namespaces, '--', ...command], {
        encoding: 'utf8',
        maxBuffer: 2 ** 26,
      });
      return { status, stdout, stderr };
    };
    const machine: DebianMachine = {
      root,
      run: (...command) =>
        enter(
          ['--mount', '--uts', '--ipc', '--net', '--pid', '--root', '--wdns=/'],
          ['env', '-i', ...environment, ...command],
        ),
      curl: (...command) => enter(['--net'], ['curl', '--silent', '--show-error', '--max-time', '5', ...command]),
      [Symbol.asyncDispose]: stop,
    };
    await booted(machine);
    return machine;
  } catch (error) {
    await stop();
    throw error;
  }
}

const environment = [
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'HOME=/root',
  'LANG=C.UTF-8',
  ...(process.env['NODE_EXTRA_CA_CERTS'] === undefined ? [] : ['NODE_EXTRA_CA_CERTS=/etc/extra-certificates.pem']),
];

/** Returns certificates of a network with a proxy that signs its own. */
function certificates(): string[] {
  const file = process.env['NODE_EXTRA_CA_CERTS'];
  return file === undefined ? [] : [`--bind-ro=${file}:/etc/extra-certificates.pem`];
}

function baseOf(packages: readonly string[]): Promise<string> {
  const home = join(cacheFolder(process.env), ['debian', release, ...packages].join('-'));
  return builtOnce(home, async (folder) => {
    const root = join(folder, 'root');
    must('debootstrap', '--variant=minbase', '--include=systemd-sysv,dbus', release, root, mirror);
    if (packages.length === 0) return;
    // Not with --include, because debootstrap does not resolve alternative dependencies.
    const inside = [
      '--register=no',
      '--keep-unit',
      '--quiet',
      '--pipe',
      '--bind-ro=/etc/resolv.conf',
      `--directory=${root}`,
    ];
    const command = `apt-get update -qq && apt-get install -qq --no-install-recommends ${packages.join(' ')} && apt-get clean`;
    must('systemd-nspawn', ...inside, '--setenv=DEBIAN_FRONTEND=noninteractive', 'sh', '-c', command);
  });
}

function must(program: string, ...words: string[]): void {
  const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`${program} ended with ${status}:\n${(stdout + stderr).slice(-2000)}`);
}

async function pidOfInit(container: ChildProcess): Promise<string> {
  for (let tries = 0; tries < 100; tries += 1) {
    const children = await readFile(`/proc/${container.pid}/task/${container.pid}/children`, 'utf8').catch(() => '');
    const [pid] = children.trim().split(' ');
    // Before it executes systemd, the process is a copy of nspawn whose namespaces are incomplete.
    const name = pid ? await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '') : '';
    if (pid && name.trim() === 'systemd') return pid;
    await sleep(100);
  }
  throw new Error('systemd did not start in the container');
}

async function booted(machine: DebianMachine): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const state = machine.run('systemctl', 'is-system-running').stdout.trim();
    if (state === 'running') return;
    if (state === 'degraded')
      throw new Error(`a unit failed: ${machine.run('systemctl', '--failed', '--no-legend').stdout}`);
    await sleep(100);
  }
  throw new Error('Debian did not boot in the container within 30 s');
}

async function ended(container: ChildProcess): Promise<void> {
  if (container.exitCode !== null || container.signalCode !== null) return;
  const exit = once(container, 'exit');
  container.kill('SIGTERM');
  const hurry = setTimeout(() => container.kill('SIGTERM'), 10_000);
  const end = setTimeout(() => container.kill('SIGKILL'), 20_000);
  await exit;
  clearTimeout(hurry);
  clearTimeout(end);
}
