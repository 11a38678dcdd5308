// Copies a release to a host, writes the settings of an instance, links its program and formats its directories.

import { dirname, join } from 'node:path/posix';
import { createHash } from 'node:crypto';
import type { Io } from '../../../brokers/driver.ts';
import type { DesiredInstance, Installation } from '../../../core/documents/instances.ts';
import { AppError } from '../../../core/errors.ts';
import {
  linkOf,
  makeFolder,
  putFile,
  releaseOf,
  removePlaced,
  removeUnfinished,
  runOn,
  switchLink,
  unpack,
} from '../../../hosts/instances/host-installer.ts';
import { parseProperties } from '../../../hosts/instances/instance-settings.ts';
import { register, stopIfKnown } from '../../../hosts/instances/service.ts';
import { done, type Step } from '../../change/step.ts';
import type { ChangedInstance, InstallFacts, InstanceFacts, InstanceTools, Packages, ReleaseCopy } from '../facts.ts';
import { ownFolders, removeEmpty, removeUnused } from './leftovers.ts';

/** @throws AppError change-refused: a plan with such an instance is not begun */
export function installOf({ name, target }: Pick<ChangedInstance, 'name' | 'target'>): Installation {
  if (target.install !== undefined) return target.install;
  throw new AppError('change-refused', `${name} has no \`install\` in instances.yaml`, {
    hint: 'name its distribution, home and files there; docs/how-to/operate-instances.md shows one',
  });
}

export function copyRelease(
  copy: ReleaseCopy,
  { order, install }: InstanceFacts,
  tools: InstanceTools,
): Step<InstanceFacts> {
  const { host: name, release, distribution, owner, isNew } = copy;
  const host = tools.hostOf(name);
  // Not from instances.yaml, which may have been edited before --abort.
  const rights = order.find((each) => each.name === owner)?.target.install ?? { sudo: false };
  const planned = install?.archives[distribution];
  const digest = planned === undefined ? 'no digest' : `${planned.algorithm} ${planned.digest}`;
  return {
    id: `copy-${distribution}-to-${name}`,
    // The description includes the digest, so that it is shown and approved.
    description: `copy ${distribution} (${digest}) to host ${name}, compare its digest there and unpack it to ${release}`,
    zh: `把 ${distribution}（${digest}）复制到主机 ${name}，校验摘要后解压到 ${release}`,
    async run(io) {
      const archive = await tools.packages.archiveOf(distribution, io);
      if (planned?.digest !== archive.digest) {
        throw new AppError('change-stopped', `the archive of ${distribution} has changed since this was planned`);
      }
      await unpack(host, archive.path, { release, ...archive }, { sudo: rights.sudo }, io);
      return done();
    },
    undo: isNew
      ? {
          description: `remove ${release} from host ${name}, unless an instance uses it`,
          zh: `若没有实例使用，从主机 ${name} 删除 ${release}`,
          async run(io) {
            if (planned !== undefined) await removeUnfinished(host, { release, digest: planned.digest }, rights, io);
            return await removeUnused(copy, tools, rights, io);
          },
        }
      : {
          none: `${release} existed on host ${name} before this change and stays`,
          zh: `${release} 在变更前已存在于主机 ${name}，予以保留`,
        },
  };
}

/** Digest for the text of a step, so that the contents are shown and approved. */
export const digestText = (name: string, facts: InstallFacts | undefined, label = 'sha256 of its files: '): string =>
  `${label}${facts?.files[name] ?? 'none'}`;

/** Digest of the files of an instance, by path. */
export async function filesDigest({ files }: Installation, packages: Packages, io: Io): Promise<string> {
  const hash = createHash('sha256');
  for (const [path, source] of Object.entries(files).toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    hash.update(`${path}\0${await packages.textOf(source, io)}\0`);
  }
  return hash.digest('hex');
}

export function writeFiles(
  each: ChangedInstance,
  { install: facts }: InstanceFacts,
  tools: InstanceTools,
): Step<InstanceFacts> {
  const { name, target } = each;
  const install = installOf(each);
  const host = tools.hostOf(target.host);
  const folders = [...target.directories, ...install.folders];
  return {
    id: `write-files-${name}`,
    description: `write files (${Object.keys(install.files).length}) and folders (${folders.length}) of ${name} on host ${target.host} (${digestText(name, facts)})`,
    zh: `在主机 ${target.host} 上写入 ${name} 的文件（${Object.keys(install.files).length} 个）和目录（${folders.length} 个）（${digestText(name, facts, '文件 sha256：')}）`,
    async run(io) {
      if (facts?.files[name] !== (await filesDigest(install, tools.packages, io))) {
        throw new AppError('change-stopped', `the files of ${name} were edited since this was planned`);
      }
      await writeAll(each, tools, io);
      return done(Object.keys(install.files));
    },
    undo: {
      description: `remove these files and folders of ${name}; a folder with data stays`,
      zh: `删除 ${name} 的这些文件和目录；有数据的目录保留`,
      async run(io) {
        for (const path of Object.keys(install.files)) await removePlaced(host, path, install, io);
        return await removeEmpty(host, ownFolders(each, folders), install, io);
      },
    },
  };
}

/** @param only paths to write; default: all */
export async function writeAll(
  each: ChangedInstance,
  { hostOf, packages }: InstanceTools,
  io: Io,
  only?: readonly string[],
): Promise<void> {
  const { target } = each;
  const install = installOf(each);
  const host = hostOf(target.host);
  for (const path of [...target.directories, ...install.folders]) await makeFolder(host, path, install, io);
  // Other users must be able to enter it to reach the program.
  await runOn(host, 'install', ['-d', '-m', '0755', '--', install.home], install, io);
  for (const [path, source] of Object.entries(install.files)) {
    if (only?.includes(path) === false) continue;
    const text = await packages.textOf(source, io);
    await putFile(host, { text }, { path, ...rightsOf({ path, text }, target, install) }, install, io);
  }
}

/** Section of a systemd unit or a supervisord program. */
const serviceSection = /^\[(?:Unit|Service|Install|program:|group:|eventlistener:|fcgi-program:)/m;
/** Folders whose files root reads or runs; some files are ignored unless root owns them. */
const rootFolder =
  /^\/etc\/(?:security\/)?(?:cron\.\w+|(?:logrotate|sysctl|limits|sudoers|profile|tmpfiles|modules-load)\.d)\//;

/** Files may contain passwords, and a broker rewrites its settings; files of the supervisor belong to its user. */
function rightsOf({ path, text }: { path: string; text: string }, target: DesiredInstance, { user }: Installation) {
  const isOfSupervisor = !isOfBroker(path, target) && (serviceSection.test(text) || rootFolder.test(path));
  return isOfSupervisor ? { mode: '0644' } : { mode: '0640', owner: user };
}

/** False for a file that the supervisor reads. */
export const isOfBroker = (
  path: string,
  { settings, directories }: Pick<DesiredInstance, 'settings' | 'directories'>,
): boolean =>
  (settings !== undefined && dirname(path) === dirname(settings) && !path.endsWith('.service')) ||
  directories.includes(dirname(path));

/** @param to release; default: the release of the desired distribution */
export function linkProgram(each: ChangedInstance, { hostOf }: InstanceTools): Step<InstanceFacts> {
  const { name, target, linked } = each;
  const install = installOf(each);
  const host = hostOf(target.host);
  const release = releaseOf(install);
  const link = linkOf(install);
  return {
    id: `link-${name}`,
    description: `point ${link} on host ${target.host} to ${release}${linked === undefined ? '' : ` instead of ${linked}`}`,
    zh: `把主机 ${target.host} 上的 ${link} 指向 ${release}${linked === undefined ? '' : `（原为 ${linked}）`}`,
    async run(io) {
      await switchLink(host, install, release, io);
      return done(`${link} → ${release}`);
    },
    undo: {
      description: linked === undefined ? `remove ${link}` : `point ${link} to ${linked} again`,
      zh: linked === undefined ? `删除 ${link}` : `把 ${link} 重新指向 ${linked}`,
      async run(io) {
        if (linked !== undefined) await switchLink(host, install, linked, io);
        else await removePlaced(host, link, install, io);
        return linked === undefined ? [] : [`${link} → ${linked}`];
      },
    },
  };
}

/** For Kafka with KRaft; keeps directories that are already formatted. ZooKeeper gets the id once it serves (name-ensemble.ts). */
export function formatDirectories(each: ChangedInstance, { hostOf }: InstanceTools): Step<InstanceFacts>[] {
  const { name, target } = each;
  const install = installOf(each);
  const { clusterId, user } = install;
  const { settings, java, directories } = target;
  if (clusterId === undefined || settings === undefined || target.role === 'zookeeper') return [];
  const host = hostOf(target.host);
  return [
    {
      id: `format-${name}`,
      description: `format ${directories.join(', ')} of ${name} for cluster ${clusterId}`,
      zh: `为集群 ${clusterId} 格式化 ${name} 的 ${directories.join('、')}`,
      async run(io) {
        const paths = directories.map((folder) => join(folder, 'meta.properties'));
        const { texts } = await host.files.readAll(paths, io);
        const ids = [...texts.values()].map((text) => parseProperties(text).get('cluster.id'));
        const other = ids.find((id) => id !== clusterId);
        if (other !== undefined)
          throw new AppError('change-stopped', `${directories.join(', ')} is of cluster ${other}`);
        if (paths.length > 0 && texts.size === paths.length)
          return done({ en: `${name} was formatted already`, zh: `${name} 此前已格式化` });
        const program = java === undefined ? 'java' : join(java, 'bin/java');
        const tool = ['-cp', `${linkOf(install)}/libs/*`, 'kafka.tools.StorageTool', 'format', '--ignore-formatted'];
        const words = [program, ...tool, '-t', clusterId, '-c', settings];
        if (user === undefined) await runOn(host, 'env', words, { sudo: false }, io);
        else await runOn(host, 'runuser', ['-u', user, '--', ...words], install, io);
        return done();
      },
      undo: {
        none: 'a formatted directory without messages is reused by the next install',
        zh: '没有消息的已格式化目录可供下次安装使用',
      },
    },
  ];
}

/** Registering starts the program under supervisord, but not under systemd. */
export function registerService({ name, target }: ChangedInstance, { hostOf }: InstanceTools): Step<InstanceFacts> {
  const { commands } = hostOf(target.host);
  const by = target.systemd === undefined ? 'supervisord' : 'systemd';
  return {
    id: `register-${name}`,
    description: `register ${name} with ${by} on host ${target.host}`,
    zh: `在主机 ${target.host} 的 ${by} 中注册 ${name}`,
    async run(io) {
      await register(commands, target, 'add', io);
      return done();
    },
    undo: {
      description: `stop ${name} and remove it from ${by}`,
      zh: `停止 ${name} 并从 ${by} 中移除`,
      async run(io) {
        await stopIfKnown(commands, target, io);
        await register(commands, target, 'remove', io);
        return [];
      },
    },
  };
}
