// Finds the brokers, name servers and controllers that run on a host, and what started them.

import { dirname, isAbsolute, join } from 'node:path/posix';
import { defined } from '../../core/defined.ts';
import { AppError, faultOf, ignoreFault } from '../../core/errors.ts';
import { getOrMake } from '../../core/get-or-make.ts';
import type { HostFiles, Io } from '../host-files.ts';
import { parsePidStat } from '../proc/process.ts';
import { readBootTime } from '../processes/boot-time.ts';
import { findJvms, type Jvm } from '../processes/find-jvms.ts';
import { javaHomeOf } from '../processes/jvm-command.ts';
import type { InstanceHost } from './instance-host.ts';
import {
  classPathOf,
  instanceSettings,
  nameServersOf,
  parseProperties,
  settingsFileOf,
  variableIn,
  versionIn,
  type InstanceSettings,
} from './instance-settings.ts';
import { configNamedBy, usableConfig, type Ancestor } from './supervisord-config.ts';
import { readSupervisor, type Supervisor } from './supervisord.ts';
import { readUnits } from './systemd.ts';

/** A running instance. */
export interface FoundInstance {
  host: string;
  pid: number;
  /** Identifies the process together with the pid. */
  startedAfterBootSeconds: number;
  /** Start time since the epoch, by the host's clock. */
  startedAtSeconds?: number;
  settings: InstanceSettings;
  settingsFile?: string;
  version?: string;
  /** TCP ports it listens on; absent if this user may not see them. */
  listens?: readonly number[];
  javaHome?: string;
  startedBy: StartedBy;
}

export type StartedBy =
  | { kind: 'supervisord'; program: string; config?: string; sudo: boolean }
  | { kind: 'systemd'; unit: string }
  /** `reason`: the supervisor did not answer, or its configuration file is not used. */
  | { kind: 'none'; reason?: string };

/** @throws AppError host-unreachable, host-unreadable and other connection errors */
export async function findInstances(host: InstanceHost, io: Io): Promise<FoundInstance[]> {
  const { files, procfs } = host;
  const jvms = await findJvms(files, procfs, io);
  const bootTime = await readBootTime(files, procfs, io);
  const supervisors = new Map<string, Promise<ProgramsByPid | AppError>>();
  const found = await Promise.all(jvms.map((jvm) => describe(host, jvm, bootTime, supervisors, io)));
  const instances = found.filter((each) => each !== undefined);
  const inUnit = Map.groupBy(instances, ({ startedBy }) => (startedBy.kind === 'systemd' ? startedBy.unit : ''));
  // Stopping a unit would stop everything in it.
  const isShared = ({ startedBy }: FoundInstance) =>
    startedBy.kind === 'systemd' && (inUnit.get(startedBy.unit)?.length ?? 0) > 1;
  return instances
    .map((each): FoundInstance => (isShared(each) ? { ...each, startedBy: { kind: 'none' } } : each))
    .toSorted((one, other) => one.pid - other.pid);
}

async function describe(
  host: InstanceHost,
  jvm: Jvm,
  bootTime: number | undefined,
  supervisors: Map<string, Promise<ProgramsByPid | AppError>>,
  io: Io,
): Promise<FoundInstance | undefined> {
  const { files, procfs } = host;
  const { mainClass } = jvm.command.jvm;
  if (instanceSettings(mainClass, new Map(), '/') === undefined) return undefined;
  const own = (name: string) => join(procfs, String(jvm.pid), name);
  const links = await files.readLinks([own('cwd'), own('exe')], io);
  const named = settingsFileOf(jvm.command);
  const folder = links.get(own('cwd'));
  const settingsFile =
    named === undefined || isAbsolute(named) ? named : folder === undefined ? undefined : join(folder, named);
  const { texts } = await files.readAll([own('environ'), own('cgroup')], io);
  const environment = texts.get(own('environ')) ?? '';
  const home = variableIn(environment, 'HOME') ?? '/root';
  const text =
    settingsFile === undefined
      ? ''
      : (await files.readAll([settingsFile], io, { regularOnly: true })).texts.get(settingsFile);
  const properties = parseProperties(text ?? '');
  const read = instanceSettings(mainClass, properties, home);
  if (read === undefined) return undefined;
  const nameServers = nameServersOf(jvm.command, properties, text === undefined ? '' : environment);
  // Defaults apply if there is no file, but not if this user may not read it.
  const settings: InstanceSettings = text === undefined ? { role: read.role, ports: [], directories: [] } : read;
  const jars = await jarsOf(files, classPathOf(jvm.command, environment), folder, io);
  const version = versionIn(jars, mainClass);
  const javaHome = javaHomeOf(jvm.command, links.get(own('exe')));
  const ancestors = await ancestorsOf(host, jvm.pid, io);
  const supervised = await supervisordOf(host, jvm.pid, ancestors, supervisors, io);
  const startedBy =
    supervised.kind === 'none' && supervised.reason === undefined
      ? ((await ownUnit(host, [jvm.pid, ...ancestors.map(({ pid }) => pid)], texts.get(own('cgroup')) ?? '', io)) ??
        supervised)
      : supervised;
  return {
    host: host.name,
    pid: jvm.pid,
    startedAfterBootSeconds: jvm.startedAfterBootSeconds,
    ...(bootTime !== undefined && { startedAtSeconds: bootTime + jvm.startedAfterBootSeconds }),
    settings: { ...withPort(settings, jvm.ports), ...(nameServers.length > 0 && { nameServers }) },
    ...defined({ settingsFile, version, listens: jvm.ports, javaHome }),
    startedBy,
  };
}

/** Properties of a proxy or controller name no port, so uses the lowest port it listens on. */
function withPort(settings: InstanceSettings, ports: readonly number[] | undefined): InstanceSettings {
  const [lowest] = ports ?? [];
  return settings.port !== undefined || lowest === undefined
    ? settings
    : { ...settings, port: lowest, ports: [lowest] };
}

async function jarsOf(
  files: HostFiles,
  classPath: readonly string[],
  cwd: string | undefined,
  io: Io,
): Promise<string[]> {
  const absolute = classPath.map((entry) => (isAbsolute(entry) || cwd === undefined ? entry : join(cwd, entry)));
  const folders = absolute.filter((entry) => entry.endsWith('/*')).map((entry) => dirname(entry));
  const lists = folders.length === 0 ? new Map<string, readonly string[]>() : await files.listAll(folders, io);
  return [...absolute, ...[...lists].flatMap(([folder, names]) => names.map((name) => join(folder, name)))];
}

type ProgramsByPid = ReadonlyMap<number, { program: string; supervisor: Supervisor }>;

/** Searches ancestors too: if a shell starts the JVM, supervisord only knows the shell's pid. */
async function supervisordOf(
  host: InstanceHost,
  pid: number,
  ancestors: readonly Ancestor[],
  known: Map<string, Promise<ProgramsByPid | AppError>>,
  io: Io,
): Promise<StartedBy> {
  const at = ancestors.findIndex(({ args }) => args.some((word) => /(?:^|\/)supervisord$/.test(word)));
  const daemon = ancestors[at];
  if (daemon === undefined) return { kind: 'none' };
  const named = configNamedBy(daemon);
  const path = named === undefined ? undefined : await usableConfig(host, daemon, named, io);
  const programs = await getOrMake(known, path ?? '', () => programsByPid(host, path, io));
  const runs = `supervisord (process ${daemon.pid}) runs it but`;
  const unused =
    named === undefined || path !== undefined
      ? ''
      : '; its configuration file is not used, because it may be in a container or under the control of another user. Only if root or the login user alone can write it and its folders, add `supervisord` with `program` and `config` to the instance in instances.yaml';
  if (programs instanceof AppError) {
    return { kind: 'none', reason: `${runs} gave no answer: ${programs.message}${unused}` };
  }
  const below = [pid, ...ancestors.slice(0, at).map((ancestor) => ancestor.pid)];
  const entry = below.map((each) => programs.get(each)).find((each) => each !== undefined);
  if (entry === undefined) {
    return { kind: 'none', ...(unused !== '' && { reason: `${runs} does not list it${unused}` }) };
  }
  const { program, supervisor } = entry;
  return {
    kind: 'supervisord',
    program,
    sudo: supervisor.sudo,
    ...(supervisor.config !== undefined && { config: supervisor.config }),
  };
}

/** Tries without sudo first. @returns the first error if both attempts fail */
async function programsByPid(
  { commands }: InstanceHost,
  config: string | undefined,
  io: Io,
): Promise<ProgramsByPid | AppError> {
  const faults: AppError[] = [];
  for (const sudo of [false, true]) {
    const supervisor = { config, sudo };
    const programs = await readSupervisor(commands, supervisor, io).catch((cause: unknown) => faultOf(cause, io));
    if (programs instanceof AppError) {
      faults.push(programs);
      continue;
    }
    return new Map(
      [...programs].flatMap(([program, { pid }]) =>
        pid === undefined ? [] : [[pid, { program, supervisor }] as const],
      ),
    );
  }
  return faults[0] as AppError;
}

/** Lists ancestors from the parent up to init, ten at most. */
async function ancestorsOf({ files, procfs }: InstanceHost, pid: number, io: Io): Promise<Ancestor[]> {
  const chain: Ancestor[] = [];
  let current = pid;
  for (let depth = 0; depth <= 10 && current > 0; depth += 1) {
    const paths = ['stat', 'cmdline', 'status'].map((name) => join(procfs, String(current), name));
    const { texts } = await files.readAll(paths, io);
    const [stat = '', cmdline = '', status = ''] = paths.map((path) => texts.get(path) ?? '');
    chain.push({ pid: current, args: cmdline.split('\0').filter((word) => word !== ''), status });
    current = parsePidStat(stat)?.parentPid ?? 0;
  }
  return chain.slice(1);
}

/**
 * A process started by rc.local, cron or cloud-init stays in the control group of that service: a unit belongs to an
 * instance only if its main process is the JVM or the script around it.
 *
 * @param pids pids of the JVM and its ancestors
 */
async function ownUnit(
  { commands }: InstanceHost,
  pids: readonly number[],
  cgroup: string,
  io: Io,
): Promise<StartedBy | undefined> {
  const named = systemdOf(cgroup);
  if (named?.kind !== 'systemd') return undefined;
  const units = await readUnits(commands, [named.unit], io).catch(
    ignoreFault('what started the instance is then unknown, and it is listed as a plain process'),
  );
  const mainPid = units?.get(named.unit)?.pid;
  return mainPid !== undefined && pids.includes(mainPid) ? named : undefined;
}

/** Parses `0::/system.slice/kafka.service`, or in cgroup version 1 `1:name=systemd:/system.slice/kafka.service`. */
export function systemdOf(cgroup: string): StartedBy | undefined {
  const [, unit] = /^(?:0:|\d+:name=systemd):.*\/([^/\n]+\.service)$/m.exec(cgroup) ?? [];
  // Units of a login, a container, cron or supervisord itself are not the instance's unit.
  return unit === undefined || /^(?:user@|docker|containerd|supervisor|ssh|crond?\.|atd\.)/.test(unit)
    ? undefined
    : { kind: 'systemd', unit };
}
