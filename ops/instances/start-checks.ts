// Checks before a start what would prevent it, or let the instance damage data of another one.

import { join } from 'node:path/posix';
import type { Io } from '../../brokers/driver.ts';
import type { DesiredInstance } from '../../core/documents/instances.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import { AppError } from '../../core/errors.ts';
import { bytesText } from '../../core/text/quantity-text.ts';
import { findInstances, type FoundInstance } from '../../hosts/instances/find-instances.ts';
import type { InstanceHost } from '../../hosts/instances/instance-host.ts';
import { parseProperties, settingsOfRole, zooKeeperServers } from '../../hosts/instances/instance-settings.ts';
import { isSame } from '../../hosts/instances/same-instance.ts';
import { readService, serviceOf } from '../../hosts/instances/service.ts';
import { parseListeningSockets } from '../../hosts/proc/listening-sockets.ts';
import { socketHolders } from '../../hosts/processes/socket-holders.ts';
import { finding, findingIf, oneFinding } from '../change/change-kind.ts';
import type { ChangedInstance, InstanceTools } from './facts.ts';
import { nearestFolder } from './install/install-checks.ts';
import { directoriesInUse, type Running } from './locked-directories.ts';
import { metaFindings, numberFindings, type Checked } from './owner-checks.ts';

/**
 * @param how isPlanned: the same change installs the instance, so its settings may not be on the host yet
 * @returns findings; a critical one prevents the start. Ports and data that the running instance itself holds are no
 *   conflict.
 */
export async function checkStart(
  { name, target }: Pick<ChangedInstance, 'name' | 'target'>,
  { hostOf, all, clusterIdOf, packages }: InstanceTools,
  io: Io,
  { isPlanned = false }: { isPlanned?: boolean } = {},
): Promise<Finding[]> {
  const host = hostOf(target.host);
  const textOf = isPlanned ? (path: string) => packages.textOf(path, io) : undefined;
  const beside = Object.entries(all).filter(([other, each]) => other !== name && each.host === target.host);
  const [own, ...others] = await Promise.all(
    [[name, target] as const, ...beside].map(([each, of]) => readChecked(host, [each, of], io, textOf)),
  );
  if (own === undefined) return [];
  const running = await findInstances(host, io);
  const self = await ownProcess(host, target, running, io);
  return [
    ...settingsFindings(own),
    ...(await javaFindings(host, target, io)),
    ...duplicates(own, others),
    ...(await portFindings(host, own, { running, self }, io)),
    ...(await directoryFindings(host, own, { running, self }, io)),
    ...(await spaceFindings(host, own, io)),
    ...(await metaFindings(host, own, { clusterId: clusterIdOf(target.cluster), isPlanned }, io)),
    ...(await numberFindings(host, own, { isPlanned }, io)),
  ];
}

/**
 * @returns the process of the instance. A process started by hand with the settings of a stopped or unknown service is
 *   another one: it holds ports and data.
 */
export async function ownProcess(
  { commands }: InstanceHost,
  target: DesiredInstance,
  running: readonly FoundInstance[],
  io: Io,
): Promise<FoundInstance | undefined> {
  const same = running.find((each) => isSame(target, each));
  if (same === undefined || same.startedBy.kind !== 'none' || serviceOf(target) === undefined) return same;
  const state = await readService(commands, target, io).then(
    (service) => service.state,
    (cause: unknown) => {
      if (cause instanceof AppError && cause.code === 'host-unreadable') return 'stopped';
      throw cause;
    },
  );
  return state === 'stopped' || state === 'failed' || state === 'crash-loop' ? undefined : same;
}

/** @param textOf returns the text to install; used if the file is not on the host yet */
async function readChecked(
  host: InstanceHost,
  [name, target]: readonly [string, DesiredInstance],
  io: Io,
  textOf?: (path: string) => Promise<string>,
): Promise<Checked> {
  const { settings, role, port, directories, install } = target;
  const texts = settings === undefined ? undefined : (await host.files.readAll([settings], io)).texts;
  const source = settings === undefined ? undefined : install?.files[settings];
  const text =
    (settings === undefined ? undefined : texts?.get(settings)) ??
    (source === undefined ? undefined : await textOf?.(source));
  const properties = parseProperties(text ?? '');
  const read = text === undefined ? undefined : settingsOfRole(role, properties, '/root');
  const member = role === 'zookeeper' ? zooKeeperServers(properties).get(target.broker ?? '') : undefined;
  const named = [port, ...(read?.ports ?? []), member?.quorum, member?.election];
  const ports = [...new Set(named.filter((each) => each !== undefined))];
  // RocketMQ's default folder is below the home of its user, which is unknown here.
  const folders = directories.length > 0 ? directories : (read?.directories ?? []);
  return { name, target, properties, ports, directories: folders };
}

function settingsFindings({ name, target, properties }: Checked): Finding[] {
  const { settings } = target;
  if (settings !== undefined && properties.size > 0) return [];
  const why =
    settings === undefined
      ? { en: 'instances.yaml does not name its settings file', zh: 'instances.yaml 没有写明其配置文件' }
      : { en: `${settings} is missing, empty or not readable`, zh: `${settings} 不存在、为空或不可读` };
  return oneFinding('warning', 'settings-unread', {
    en: `${name}: ${why.en}, so ports and data directories are checked only as far as instances.yaml names them`,
    zh: `${name}：${why.zh}，因此只检查 instances.yaml 中写明的端口和数据目录`,
  });
}

async function javaFindings({ files, commands, name: host }: InstanceHost, { java }: DesiredInstance, io: Io) {
  if (java !== undefined) {
    const program = join(java, 'bin/java');
    if ((await files.statAll([program], io)).has(program)) return [];
    return oneFinding('critical', 'java-missing', {
      en: `there is no ${program} on host ${host}: install Java there, or correct \`java\``,
      zh: `主机 ${host} 上没有 ${program}：请安装 Java，或更正 \`java\``,
    });
  }
  const { exitCode } = await commands.run('java', ['-version'], io);
  if (exitCode === 0) return [];
  return oneFinding('warning', 'java-not-in-path', {
    en: `no java in the PATH of the user of host ${host}: name its home as \`java\`, unless the service sets JAVA_HOME`,
    zh: `主机 ${host} 登录用户的 PATH 中没有 java：请用 \`java\` 指定其目录，除非服务已设置 JAVA_HOME`,
  });
}

function duplicates(own: Checked, others: readonly Checked[]): Finding[] {
  return others.flatMap((other) => {
    const port = own.ports.find((each) => other.ports.includes(each));
    const folder = own.directories.find((each) => other.directories.includes(each));
    const where = `${own.name} and ${other.name} on host ${own.target.host}`;
    const whereZh = `主机 ${own.target.host} 上的 ${own.name} 和 ${other.name}`;
    const isRocketmq = own.target.role.startsWith('rocketmq-');
    return [
      ...findingIf(port !== undefined, 'critical', 'duplicate-port', {
        en: `${where} both use port ${port}: give each a separate listenPort, listeners or clientPort${isRocketmq ? '; a RocketMQ broker also uses the ports 2 below and 1 above' : ''}`,
        zh: `${whereZh} 都使用端口 ${port}：请分别设置 listenPort、listeners 或 clientPort${isRocketmq ? '；RocketMQ Broker 还使用该端口减 2 和加 1 的端口' : ''}`,
      }),
      ...findingIf(folder !== undefined, 'critical', 'duplicate-directory', {
        en: `${where} both store data in ${folder}: give each a separate directory`,
        zh: `${whereZh} 的数据都存放在 ${folder}：请使用各自的目录`,
      }),
    ];
  });
}

async function portFindings(
  { files, procfs, name: host }: InstanceHost,
  { name, ports }: Checked,
  { running, self }: Running,
  io: Io,
): Promise<Finding[]> {
  const tables = ['tcp', 'tcp6'].map((table) => join(procfs, 'net', table));
  const { texts } = await files.readAll(tables, io);
  const listening = tables.flatMap((table) => [...parseListeningSockets(texts.get(table) ?? '')]);
  // If this login may not see the sockets of the own process, its ports are checked after it is stopped.
  const isOwn = (port: number) => self !== undefined && self.listens?.includes(port) !== false;
  const taken = listening.filter(([, port]) => ports.includes(port) && !isOwn(port));
  if (taken.length === 0) return [];
  const holders = await socketHolders(files, procfs, new Set(taken.map(([inode]) => inode)), io);
  return [...Map.groupBy(taken, ([, port]) => port)].map(([port, sockets]) => {
    const owner = running.find((each) => each.listens?.includes(port));
    const holder = sockets.flatMap(([inode]) => holders.get(inode) ?? [])[0];
    const pid = owner?.pid ?? holder?.pid;
    const program = owner === undefined ? holder?.program : (owner.settings.broker ?? owner.settings.role);
    const by =
      pid === undefined
        ? { en: 'a process that this login cannot see', zh: '当前登录用户看不到的进程' }
        : { en: `${program} (process ${pid})`, zh: `${program}（进程 ${pid}）` };
    return finding('critical', 'port-in-use', {
      en: `port ${port} of ${name} is in use on host ${host} by ${by.en}`,
      zh: `${name} 的端口 ${port} 在主机 ${host} 上已被占用：${by.zh}`,
    });
  });
}

async function directoryFindings(
  host: InstanceHost,
  { name, directories }: Checked,
  { running, self }: Running,
  io: Io,
): Promise<Finding[]> {
  return (await directoriesInUse(host, directories, { running, self }, io)).map(({ folder, pid }) =>
    finding('critical', 'directory-in-use', {
      en: `${folder} of ${name} is in use by process ${pid} on host ${host.name}: RocketMQ would end with "Lock failed, MQ already started", Kafka with "Failed to acquire lock"`,
      zh: `${name} 的 ${folder} 正被主机 ${host.name} 上的进程 ${pid} 使用：RocketMQ 会因 "Lock failed, MQ already started" 退出，Kafka 会因 "Failed to acquire lock" 退出`,
    }),
  );
}

/** A RocketMQ commit log file has 1 GiB, and so has a Kafka segment; with less space, the first write may fail. */
const leastBytes = 2 ** 30;

async function spaceFindings({ files, name: host }: InstanceHost, { name, directories }: Checked, io: Io) {
  const findings = await Promise.all(
    directories.map(async (folder) => {
      const existing = await nearestFolder(files, folder, io);
      const { sizes } = await files.statFileSystems([existing], io);
      const size = sizes.get(existing);
      if (size === undefined || size.availableBytes >= leastBytes) return undefined;
      const [free, least] = [bytesText(size.availableBytes), bytesText(leastBytes)];
      return finding('critical', 'disk-full', {
        en: `${name}: ${free} are free for ${folder} on host ${host}, less than the ${least} of one log file`,
        zh: `${name}：主机 ${host} 上 ${folder} 只剩 ${free}，少于一个日志文件的 ${least}`,
      });
    }),
  );
  return findings.filter((each) => each !== undefined);
}
