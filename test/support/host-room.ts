// Simulates hosts on this machine: each has separate network, processes and folders, with sshd and an empty supervisord.

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { BitsPerSecond } from '../../core/units.ts';
import { renderBitRate } from '../../lab/planned-lab.ts';
import { shapeDevice } from '../../lab/shaped-network.ts';
import { tbfSource } from '../../lab/tbf.ts';
import { makeKey, publicKeyOf, writeSshd } from './sshd.ts';

export type Paused = 'sshd' | 'supervisord';

export interface RoomHost {
  name: string;
  address: string;
  /** Folder that the host mounts as /srv. */
  srv: string;
  /** Pauses or continues its sshd with all sessions, so that open connections do not respond, or only its supervisord. */
  pause(what?: Paused): void;
  resume(what?: Paused): void;
  /** Starts a program on the host, which ends at the latest with the room. */
  spawn(program: string, ...words: readonly string[]): { child: ChildProcess; input: Writable; output: Readable };
}

export interface HostRoom extends AsyncDisposable {
  folder: string;
  /** Bridge interface of this machine in the network of the hosts. */
  bridge: string;
  hosts: readonly RoomHost[];
  /** Entries of `hosts` in plimsoll.yaml. */
  hostEntries: Readonly<Record<string, object>>;
}

/** A non-root user of each host that logs in with the same key, and may not use sudo. */
export const plainUser = 'monitor';
const plainId = 4242;

/** Path of the supervisord configuration on each host. */
export const supervisorConfig = '/srv/supervisord.conf';
export const supervisorPrograms = '/srv/programs';

/**
 * Needs root, sshd and supervisor. Addresses are of 198.18.0.0/15, which is for tests (RFC 2544).
 * @param nic speed of each network interface in each direction; shaped with tc and ethtool. Absent: not limited
 */
export async function startHostRoom(names: readonly string[], nic?: BitsPerSecond): Promise<HostRoom> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-room-'));
  // A non-root user reads its keys below this folder.
  await chmod(folder, 0o711);
  const id = randomBytes(3).toString('hex');
  const subnet = freeSubnet();
  const bridge = `plb${id}`;
  const children: ChildProcess[] = [];
  const namespaces: string[] = [];
  const remove = async () => {
    for (const child of children) await kill(child);
    for (const name of namespaces) spawnSync('ip', ['netns', 'delete', name]);
    spawnSync('ip', ['link', 'delete', bridge]);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    tool('ip', 'link', 'add', bridge, 'type', 'bridge');
    tool('ip', 'address', 'add', `${subnet}.1/24`, 'dev', bridge);
    tool('ip', 'link', 'set', bridge, 'up');
    const key = makeKey(folder, 'login');
    const known: string[] = [];
    const hosts = names.map((name, index): RoomHost & { child: ChildProcess; card: string } => {
      const address = `${subnet}.${index + 11}`;
      const namespace = `plr${id}-${index}`;
      const [outer, inner] = [`plo${id}${index}`, `pli${id}${index}`];
      tool('ip', 'netns', 'add', namespace);
      namespaces.push(namespace);
      tool('ip', 'link', 'add', outer, 'type', 'veth', 'peer', 'name', inner, 'netns', namespace);
      tool('ip', 'link', 'set', outer, 'master', bridge, 'up');
      tool('ip', '-n', namespace, 'address', 'add', `${address}/24`, 'dev', inner);
      if (nic !== undefined)
        for (const call of [...shapeDevice(outer, nic), ...shapeDevice(inner, nic, namespace)]) tool(...call);
      tool('ip', '-n', namespace, 'link', 'set', inner, 'up');
      tool('ip', '-n', namespace, 'link', 'set', 'lo', 'up');
      const own = join(folder, name);
      const srv = join(own, 'srv');
      for (const path of [srv, join(own, 'root'), join(srv, 'programs')]) mkdirSync(path, { recursive: true });
      const sshd = writeSshd({
        folder: own,
        authorized: [publicKeyOf(key)],
        port: 22,
        inside: { namespace, address },
      });
      known.push(sshd.knownHost.replace(/^\[([^\]]+)\]:22 /, '$1 '));
      writeFileSync(join(srv, 'supervisord.conf'), supervisord(sshd.config));
      const passwd = join(own, 'passwd');
      const line = `${plainUser}:x:${plainId}:${plainId}::/srv/${plainUser}:/bin/sh\n`;
      writeFileSync(passwd, `${readFileSync('/etc/passwd', 'utf8')}${line}`);
      mkdirSync(join(srv, plainUser));
      chownSync(join(srv, plainUser), plainId, plainId);
      const bound = { [srv]: '/srv', [join(own, 'root')]: '/root', [passwd]: '/etc/passwd' };
      const mounted = Object.entries(bound).map(([from, to]) => `mount --bind ${from} ${to} && `);
      const mounts = `${mounted.join('')}exec supervisord -n -c ${supervisorConfig}`;
      const isolated = ['unshare', '--mount', '--pid', '--mount-proc', '--fork', '--kill-child=SIGKILL'];
      const words = ['netns', 'exec', namespace, ...isolated, 'sh', '-c', mounts];
      const child = spawn('ip', words, { stdio: 'ignore' });
      children.push(child);
      const each = (signal: 'SIGSTOP' | 'SIGCONT', what: Paused = 'sshd') => {
        const supervisord = childrenOf(child.pid ?? 0).slice(0, 1);
        for (const pid of what === 'sshd' ? sshdsIn(child.pid ?? 0) : supervisord) {
          try {
            process.kill(pid, signal);
          } catch {
            // The session has already ended.
          }
        }
      };
      const inside = (...own: readonly string[]) => {
        const [supervisor = 0] = childrenOf(child.pid ?? 0);
        const where = ['--target', String(supervisor), '--net', '--mount', '--pid', '--'];
        const other = spawn('nsenter', [...where, ...own], { stdio: ['pipe', 'pipe', 'inherit'] });
        children.push(other);
        return { child: other, input: other.stdin, output: other.stdout };
      };
      return {
        name,
        address,
        srv,
        child,
        card: inner,
        pause: (what) => each('SIGSTOP', what),
        resume: (what) => each('SIGCONT', what),
        spawn: inside,
      };
    });
    for (const { address } of hosts) await untilListens(address);
    const knownHosts = join(folder, 'known_hosts');
    writeFileSync(knownHosts, `${known.join('\n')}\n`);
    const login = { probe: 'ssh', user: 'root', privateKeyFile: key, knownHostsFile: knownHosts };
    return {
      folder,
      bridge,
      hosts,
      hostEntries: Object.fromEntries(
        hosts.map(({ name, address, card }) => {
          const network = nic && { devices: [card], speed: renderBitRate(nic), speedSource: tbfSource };
          return [name, { ...login, address, ...(network && { network }) }];
        }),
      ),
      [Symbol.asyncDispose]: remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

const supervisord = (sshd: string) => `[supervisord]
logfile=/srv/supervisord.log
pidfile=/srv/supervisord.pid
childlogdir=/srv
user=root
[unix_http_server]
file=/srv/supervisor.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix:///srv/supervisor.sock
[include]
files=${supervisorPrograms}/*.conf
[program:sshd]
command=/usr/sbin/sshd -D -e -f ${sshd}
`;

/** Chooses a free subnet, because other rooms may be open. */
function freeSubnet(): string {
  for (;;) {
    const subnet = `198.19.${randomBytes(1).readUInt8(0)}`;
    if (spawnSync('ip', ['address', 'show', 'to', `${subnet}.0/24`]).stdout.length === 0) return subnet;
  }
}

function tool(program: string, ...words: readonly string[]): void {
  const { status, stderr } = spawnSync(program, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${words.join(' ')}: ${stderr}`);
}

/** Returns sshd processes below this one; the JVMs of its host keep running. */
function sshdsIn(pid: number): number[] {
  return childrenOf(pid).flatMap((own) => {
    return [...(nameOf(own).startsWith('sshd') ? [own] : []), ...sshdsIn(own)];
  });
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8');
  } catch {
    return '';
  }
}

function childrenOf(pid: number): number[] {
  const children = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' }).stdout;
  return children.trim().split(/\s+/).filter(Boolean).map(Number);
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function untilListens(address: string): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    const socket = connect(22, address);
    try {
      await once(socket, 'connect');
      return;
    } catch {
      await delay(50);
    } finally {
      socket.destroy();
    }
  }
  throw new Error(`no sshd at ${address}`);
}
