// Checks before an installation, upgrade or removal what would fail on a host: rights, users, space and existing files.

import { dirname } from 'node:path/posix';
import type { Io } from '../../../brokers/driver.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import type { DesiredInstance, Installation, InstanceRole } from '../../../core/documents/instances.ts';
import { AppError } from '../../../core/errors.ts';
import { bytesText } from '../../../core/text/quantity-text.ts';
import {
  archiveText,
  linkOf,
  readLink,
  readRelease,
  readText,
  releaseOf,
  releasesOf,
} from '../../../hosts/instances/host-installer.ts';
import type { InstanceHost } from '../../../hosts/instances/instance-host.ts';
import { readService } from '../../../hosts/instances/service.ts';
import { oneFinding } from '../../change/change-kind.ts';
import { mayUseZooKeeper } from '../../render/kafka-version.ts';
import type { ChangedInstance, InstanceTools, PreparedArchive } from '../facts.ts';
import { membersIn } from './settings-difference.ts';

type Named = Pick<ChangedInstance, 'name' | 'target'>;
const severe = (code: string, message: string) => oneFinding('critical', code, message);

/** Common to every change of installed files. */
export async function rightsFindings({ name, target }: Named, { hostOf }: InstanceTools, io: Io): Promise<Finding[]> {
  const { install } = target;
  if (install === undefined) {
    return severe('no-installation', `${name} has no \`install\` in instances.yaml, so it is unknown what to install`);
  }
  const { commands, name: host } = hostOf(target.host);
  const { sudo, user } = install;
  const who = await commands.run('id', ['-u'], io, { sudo });
  if (who.exitCode !== 0) {
    const why = who.stderr.trim().split('\n').at(-1) ?? '';
    return severe('sudo-refused', `${name}: sudo is refused on host ${host}: ${why || `exit code ${who.exitCode}`}`);
  }
  if (user === undefined) return [];
  if (who.stdout.trim() !== '0') {
    return severe('not-root', `${name}: only root can write files of ${user} on host ${host}: set \`sudo: true\``);
  }
  if ((await commands.run('id', ['-u', '--', user], io)).exitCode === 0) return [];
  return severe('user-missing', `user does not exist: ${user} on host ${host}: useradd --system ${user}`);
}

/** None of the instance's files may exist yet. */
export async function installFindings(named: Named, tools: InstanceTools, io: Io): Promise<Finding[]> {
  const { name, target } = named;
  const { install } = target;
  const rights = await rightsFindings(named, tools, io);
  // Without rights, nothing else can be checked.
  if (install === undefined || rights.length > 0) return rights;
  const host = tools.hostOf(target.host);
  const present = await readLink(host, install, io);
  const files = Object.keys(install.files);
  const there = [...(await host.files.statAll(files, io)).keys()];
  const { settings } = target;
  return [
    ...(present === undefined
      ? []
      : severe('already-installed', `${name} is installed on host ${host.name}: ${linkOf(install)} names ${present}`)),
    ...there.flatMap((path) =>
      severe('file-exists', `${path} of ${name} is on host ${host.name} already; it is not overwritten`),
    ),
    ...(settings !== undefined && install.files[settings] === undefined
      ? severe('settings-missing', `${name}: \`install.files\` does not write its settings ${settings}`)
      : []),
    ...sharedPaths(name, target, install, tools),
    ...(await serviceFindings(named, host, io)),
  ];
}

function sharedPaths(name: string, target: DesiredInstance, install: Installation, { all }: InstanceTools): Finding[] {
  const own = new Set([install.home, ...Object.keys(install.files)]);
  return Object.entries(all).flatMap(([other, each]) => {
    if (other === name || each.host !== target.host || each.install === undefined) return [];
    const same = [each.install.home, ...Object.keys(each.install.files)].find((path) => own.has(path));
    return same === undefined
      ? []
      : severe('duplicate-path', `${name} and ${other} on host ${target.host} are both installed to ${same}`);
  });
}

async function serviceFindings({ name, target }: Named, host: InstanceHost, io: Io): Promise<Finding[]> {
  try {
    const { state, reason } = await readService(host.commands, target, io);
    const isUnknown = target.systemd !== undefined && state === 'unknown' && reason?.includes('no such unit') === true;
    if (isUnknown) return [];
    return severe('service-exists', `the service of ${name} is already registered on host ${host.name}: ${state}`);
  } catch (cause) {
    if (!(cause instanceof AppError) || !/does not know/.test(cause.message)) throw cause;
    return [];
  }
}

/** Kafka 4 refuses the settings of a broker with ZooKeeper, and includes no ZooKeeper server. */
export function ensembleFindings(
  { name, target }: Named,
  { kafkaVersion }: PreparedArchive,
  { all }: Pick<InstanceTools, 'all'>,
): Finding[] {
  const hasEnsemble = Object.values(all).some(
    ({ cluster, role }) => cluster === target.cluster && role === 'zookeeper',
  );
  if (!hasEnsemble || kafkaVersion === undefined || mayUseZooKeeper(kafkaVersion)) return [];
  const message = `${name} belongs to a cluster with ZooKeeper, and ${target.install?.distribution} is Kafka ${kafkaVersion}, which runs without ZooKeeper: stay below 4.0, or migrate to KRaft first (Kafka 3.9)`;
  return severe('runs-without-zookeeper', message);
}

/** Roles that vote: a cluster has one quorum of each, whose settings list its members. */
const votingRoles: readonly (readonly InstanceRole[])[] = [
  ['zookeeper'],
  ['kafka-controller', 'kafka-broker-controller'],
  ['rocketmq-controller'],
];

/** New members with another list could elect a second leader. @param chosen names of the instances installed together */
export async function quorumFindings(
  { name, target }: Named,
  chosen: ReadonlySet<string>,
  { all, hostOf, packages }: Pick<InstanceTools, 'all' | 'hostOf' | 'packages'>,
  io: Io,
): Promise<Finding[]> {
  const source = target.settings === undefined ? undefined : target.install?.files[target.settings];
  const roles = votingRoles.find((each) => each.includes(target.role));
  if (source === undefined || roles === undefined) return [];
  const wanted = membersIn(await packages.textOf(source, io));
  const findings = Object.entries(all).map(async ([other, { cluster, role, host, settings, install }]) => {
    if (chosen.has(other) || cluster !== target.cluster || !roles.includes(role) || settings === undefined) return [];
    let text: string | undefined;
    try {
      text = await readText(hostOf(host), settings, { sudo: install?.sudo ?? false }, io);
    } catch (cause) {
      if (!(cause instanceof AppError)) throw cause;
      const message = `${name}: the members of its quorum are not compared with those of ${other}: ${cause.message}`;
      return oneFinding('warning', 'settings-unread', message);
    }
    const members = text === undefined ? wanted : membersIn(text);
    if (members === wanted) return [];
    const message = `${name} would have other members in its quorum than ${other} on host ${host}: ${wanted || 'none'} instead of ${members || 'none'}. Keep the former members in site.yaml: Plimsoll does not extend a quorum`;
    return severe('other-quorum', message);
  });
  return (await Promise.all(findings)).flat();
}

/** Checks the release on one host. @returns whether it must be copied */
export async function releaseFindings(
  { name, target }: Named,
  archive: PreparedArchive,
  { hostOf }: InstanceTools,
  io: Io,
): Promise<{ isNew: boolean; findings: Finding[] }> {
  const { install } = target;
  if (install === undefined) return { isNew: false, findings: [] };
  const host = hostOf(target.host);
  const release = releaseOf(install);
  const present = await readRelease(host, release, io);
  if (present === archiveText(archive)) return { isNew: false, findings: [] };
  if (present !== undefined) {
    const what = present === '' ? 'was not unpacked by Plimsoll' : `is of another archive (${present.slice(0, 24)}…)`;
    const message = `${name}: ${release} is on host ${host.name} and ${what}: give the distribution another name`;
    return { isNew: false, findings: severe('other-release', message) };
  }
  const room = [
    { path: releasesOf(install), bytes: archive.unpackedBytes, what: 'the unpacked distribution' },
    { path: host.uploads.folder, bytes: archive.archiveBytes, what: 'the archive' },
  ];
  const findings = await Promise.all(room.map((each) => roomFindings(host, name, each, io)));
  return { isNew: true, findings: findings.flat() };
}

async function roomFindings(
  { files, name: host }: InstanceHost,
  name: string,
  { path, bytes, what }: { path: string; bytes: number; what: string },
  io: Io,
): Promise<Finding[]> {
  const existing = path.startsWith('/') ? await nearestFolder(files, path, io) : '.';
  const size = (await files.statFileSystems([existing], io)).sizes.get(existing);
  if (size === undefined || size.availableBytes >= bytes) return [];
  const free = bytesText(size.availableBytes);
  return severe('disk-full', `${name}: ${free} are free on host ${host} for ${what}, which needs ${bytesText(bytes)}`);
}

/** @returns the nearest existing folder, in which missing ones are created */
export async function nearestFolder(files: InstanceHost['files'], folder: string, io: Io): Promise<string> {
  for (let path = folder; path !== '/'; path = dirname(path)) {
    if ((await files.statAll([path], io)).has(path)) return path;
  }
  return '/';
}
