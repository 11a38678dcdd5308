// Checks that data directories belong to the instance to start: meta.properties of Kafka, myid of ZooKeeper.

import { join } from 'node:path/posix';
import type { Io } from '../../brokers/driver.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import type { DesiredInstance } from '../../core/documents/instances.ts';
import { AppError } from '../../core/errors.ts';
import { readText } from '../../hosts/instances/host-installer.ts';
import type { InstanceHost } from '../../hosts/instances/instance-host.ts';
import { parseProperties, zooKeeperServers, type Properties } from '../../hosts/instances/instance-settings.ts';
import { numberFile } from '../render/kafka-files.ts';
import { findingIf, oneFinding } from '../change/change-kind.ts';
import { named } from '../../core/text/bilingual.ts';

/** An instance with values from its settings. */
export interface Checked {
  name: string;
  target: DesiredInstance;
  properties: Properties;
  ports: readonly number[];
  directories: readonly string[];
}

/*
 *   version=1
 *   cluster.id=u6T0R2V0RsGBm7lFiN1c1Q
 *   node.id=1                            broker.id before KRaft
 */
export async function metaFindings(
  { files, name: host }: InstanceHost,
  { name, target, properties, directories }: Checked,
  { clusterId, isPlanned }: { clusterId: string | undefined; isPlanned: boolean },
  io: Io,
): Promise<Finding[]> {
  if (!target.role.startsWith('kafka-')) return [];
  const paths = directories.map((folder) => join(folder, 'meta.properties'));
  const { texts, failures } = await files.readAll(paths, io);
  const unread = paths.filter((path) => (failures.get(path) ?? 'ENOENT') !== 'ENOENT');
  const isKraft = properties.has('process.roles');
  const isFormatted = isPlanned && target.install?.clusterId !== undefined;
  if (texts.size === 0 && unread.length === 0 && isKraft && paths.length > 0 && !isFormatted) {
    return oneFinding('critical', 'not-formatted', {
      en: `${name}: no meta.properties in ${directories.join(', ')} on host ${host}. Check that the disk is mounted; format a new broker with kafka-storage.sh`,
      zh: `${name}：主机 ${host} 的 ${directories.join('、')} 中没有 meta.properties。请检查磁盘是否已挂载；新 Broker 请用 kafka-storage.sh 格式化`,
    });
  }
  const wanted = target.broker ?? properties.get('node.id') ?? properties.get('broker.id');
  const reason = failures.get(unread[0] ?? '');
  const unchecked = findingIf(unread.length > 0, 'warning', 'settings-unread', {
    en: `${name}: ${named(unread)} on host ${host} cannot be read (${reason}), so its cluster and broker are not checked`,
    zh: `${name}：无法读取主机 ${host} 上的 ${named(unread, 5, 'zh')}（${reason}），因此未检查其所属的集群和 Broker`,
  });
  const mismatched = [...texts].flatMap(([path, text]) => {
    const meta = parseProperties(text);
    const [cluster, broker] = [meta.get('cluster.id'), meta.get('node.id') ?? meta.get('broker.id')];
    const isOfOther = clusterId !== undefined && cluster !== undefined && cluster !== clusterId;
    return [
      ...findingIf(isOfOther, 'critical', 'other-cluster', {
        en: `${path} on host ${host} is of cluster ${cluster}, and ${target.cluster} is ${clusterId}`,
        zh: `主机 ${host} 上的 ${path} 属于集群 ${cluster}，而 ${target.cluster} 是 ${clusterId}`,
      }),
      ...findingIf(wanted !== undefined && broker !== undefined && broker !== wanted, 'critical', 'other-broker', {
        en: `${path} on host ${host} is of broker ${broker}, and ${name} is broker ${wanted}`,
        zh: `主机 ${host} 上的 ${path} 属于 Broker ${broker}，而 ${name} 是 Broker ${wanted}`,
      }),
    ];
  });
  return [...unchecked, ...mismatched];
}

/** A member of a ZooKeeper ensemble reads its number from the file myid, which is written once. */
export async function numberFindings(
  host: InstanceHost,
  { name, target, properties, directories: [folder] }: Checked,
  { isPlanned }: { isPlanned: boolean },
  io: Io,
): Promise<Finding[]> {
  if (target.role !== 'zookeeper' || folder === undefined) return [];
  const path = join(folder, numberFile);
  const servers = zooKeeperServers(properties);
  // Settings of another user are not readable, but an installed server always has a number.
  const isInstalled = target.install?.files[path] !== undefined;
  if (servers.size === 0 && !isInstalled) return [];
  let text: string | undefined;
  try {
    text = await readText(host, path, { sudo: target.install?.sudo ?? false }, io);
  } catch (cause) {
    if (!(cause instanceof AppError && cause.code === 'host-refused')) throw cause;
    const message = `${name}: the number of this server is not checked: ${cause.message}`;
    return oneFinding('warning', 'settings-unread', message);
  }
  const number = text?.trim();
  if (number === undefined) {
    if (isPlanned && isInstalled) return [];
    const message = `${name}: no ${path} on host ${host.name}. Check that the disk is mounted; in a new directory, write the number of this server into it`;
    return oneFinding('critical', 'myid-missing', message);
  }
  const { broker: wanted = number } = target;
  if (number !== wanted) {
    return oneFinding(
      'critical',
      'other-server',
      `${path} on host ${host.name} is of server ${number}, and ${name} is server ${wanted}`,
    );
  }
  if (servers.size === 0 || servers.has(number)) return [];
  const known = [...servers.keys()].join(', ');
  const message = `${path} on host ${host.name} has the id ${number}, but the settings list only the servers ${known}`;
  return oneFinding('critical', 'other-server', message);
}
