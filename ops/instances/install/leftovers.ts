// Removes unused releases and empty folders from a host.

import { dirname } from 'node:path/posix';
import type { Io } from '../../../brokers/driver.ts';
import type { Installation } from '../../../core/documents/instances.ts';
import { readLink, removeTree, runOn } from '../../../hosts/instances/host-installer.ts';
import type { InstanceHost } from '../../../hosts/instances/instance-host.ts';
import type { ChangedInstance, InstanceTools, ReleaseCopy } from '../facts.ts';

/** @returns the actions, as evidence */
export async function removeUnused(
  { host: name, release }: Pick<ReleaseCopy, 'host' | 'release'>,
  { hostOf, all }: InstanceTools,
  rights: Pick<Installation, 'sudo'>,
  io: Io,
): Promise<string[]> {
  const host = hostOf(name);
  const links = await Promise.all(
    Object.entries(all).map(async ([instance, { host: on, install }]) =>
      on === name && install !== undefined && (await readLink(host, install, io)) === release ? instance : undefined,
    ),
  );
  const users = links.filter((each) => each !== undefined);
  if (users.length > 0) return [`${release} stays on host ${name}: ${users.join(', ')} use it`];
  await removeTree(host, release, rights, io);
  await removeEmpty(host, [dirname(release)], rights, io);
  return [`${release} is removed from host ${name}`];
}

/** Folders created for this instance only. */
export function ownFolders({ target }: ChangedInstance, more: readonly string[] = []): string[] {
  const { settings, install } = target;
  return [
    ...more,
    ...(install === undefined ? [] : [install.home]),
    ...(settings === undefined ? [] : [dirname(settings)]),
  ];
}

/** @returns folders that stay because they have contents */
export async function removeEmpty(
  host: InstanceHost,
  folders: readonly string[],
  rights: Pick<Installation, 'sudo'>,
  io: Io,
): Promise<string[]> {
  const present = await host.files.statAll(folders, io);
  const there = folders.filter((path) => present.has(path));
  if (there.length === 0) return [];
  await runOn(host, 'rmdir', ['--ignore-fail-on-non-empty', '--', ...there], rights, io);
  const left = await host.files.statAll(there, io);
  return there.flatMap((path) => (left.has(path) ? [`${path} has contents and stays`] : []));
}
