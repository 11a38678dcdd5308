// Removes unused releases and empty folders from a host.

import { dirname } from 'node:path/posix';
import type { Io } from '../../../brokers/driver.ts';
import type { Installation } from '../../../core/documents/instances.ts';
import type { Text } from '../../../core/text/bilingual.ts';
import { readLink, removeTree, runOn } from '../../../hosts/instances/host-installer.ts';
import type { InstanceHost } from '../../../hosts/instances/instance-host.ts';
import type { ChangedInstance, InstanceTools, ReleaseCopy } from '../facts.ts';

/** @returns the actions, as evidence */
export async function removeUnused(
  { host: name, release }: Pick<ReleaseCopy, 'host' | 'release'>,
  { hostOf, all }: InstanceTools,
  rights: Pick<Installation, 'sudo'>,
  io: Io,
): Promise<Text[]> {
  const host = hostOf(name);
  const links = await Promise.all(
    Object.entries(all).map(async ([instance, { host: on, install }]) =>
      on === name && install !== undefined && (await readLink(host, install, io)) === release ? instance : undefined,
    ),
  );
  const users = links.filter((each) => each !== undefined);
  const en = `${release} stays on host ${name}: ${users.join(', ')} use it`;
  const kept = { en, zh: `${release} 保留在主机 ${name} 上：${users.join('、')} 仍在使用` };
  if (users.length > 0) return [kept];
  await removeTree(host, release, rights, io);
  await removeEmpty(host, [dirname(release)], rights, io);
  return [];
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
): Promise<Text[]> {
  const present = await host.files.statAll(folders, io);
  const there = folders.filter((path) => present.has(path));
  if (there.length === 0) return [];
  await runOn(host, 'rmdir', ['--ignore-fail-on-non-empty', '--', ...there], rights, io);
  const left = await host.files.statAll(there, io);
  const kept = there.filter((path) => left.has(path));
  return kept.map((path) => ({ en: `${path} has contents and stays`, zh: `${path} 非空，予以保留` }));
}
