// Removes the service, files, program and, with `--data`, the data of an instance.

import { AppError } from '../../../core/errors.ts';
import { seconds } from '../../../core/clock.ts';
import {
  linkOf,
  releaseOf,
  removeOrEmpty,
  removePlaced,
  removeTree,
  switchLink,
} from '../../../hosts/instances/host-installer.ts';
import { register } from '../../../hosts/instances/service.ts';
import { done, type Step } from '../../change/step.ts';
import type { ChangedInstance, InstanceFacts, InstanceTools } from '../facts.ts';
import { dataUsers, deletedOf } from './remove-checks.ts';
import { filesDigest, installOf, isOfBroker, writeAll } from './install-steps.ts';
import { ownFolders, removeEmpty, removeUnused } from './leftovers.ts';

export function removeSteps(each: ChangedInstance, facts: InstanceFacts, tools: InstanceTools): Step<InstanceFacts>[] {
  const { name, target, linked } = each;
  const install = installOf(each);
  const host = tools.hostOf(target.host);
  const link = linkOf(install);
  const release = linked ?? releaseOf(install);
  const by = target.systemd === undefined ? 'supervisord' : 'systemd';
  const deleted = deletedOf(target);
  const steps: Step<InstanceFacts>[] = [
    {
      id: `unregister-${name}`,
      description: `remove ${name} from ${by} on host ${target.host}`,
      zh: `从主机 ${target.host} 的 ${by} 中移除 ${name}`,
      async run(io) {
        if (facts.install?.files[name] !== (await filesDigest(install, tools.packages, io))) {
          throw new AppError('change-stopped', `the files of ${name} were edited since this was planned`);
        }
        // Systemd needs the file to disable a unit; supervisord drops a program after its file is removed.
        if (target.systemd !== undefined) await register(host.commands, target, 'remove', io);
        for (const path of serviceFiles(each)) await removeTree(host, path, install, io);
        await register(host.commands, target, 'remove', io);
        return done();
      },
      undo: {
        description: `write the files of ${name} and register it with ${by} again`,
        zh: `写入 ${name} 的文件并重新注册到 ${by}`,
        async run(io) {
          await writeAll(each, tools, io);
          await register(host.commands, target, 'add', io);
          return [];
        },
      },
    },
    {
      id: `remove-program-${name}`,
      description: `remove ${link} and the files of ${name} from host ${target.host}`,
      zh: `从主机 ${target.host} 删除 ${link} 和 ${name} 的文件`,
      async run(io) {
        for (const path of [...Object.keys(install.files), link]) await removePlaced(host, path, install, io);
        const left = await removeEmpty(host, ownFolders(each), install, io);
        return done(left);
      },
      undo: {
        description: `write the files of ${name} again, and point ${link} to ${release}`,
        zh: `重新写入 ${name} 的文件，并把 ${link} 指向 ${release}`,
        async run(io) {
          await writeAll(each, tools, io);
          await switchLink(host, install, release, io);
          return [`${link} → ${release}`];
        },
      },
    },
    {
      id: `remove-release-${name}`,
      description: `remove ${release} from host ${target.host}, unless another instance uses it`,
      zh: `若没有其他实例使用，从主机 ${target.host} 删除 ${release}`,
      async run(io) {
        return done(await removeUnused({ host: target.host, release }, tools, install, io));
      },
      undo: {
        none: `\`instances install ${name}\` copies it again`,
        zh: `可用 \`instances install ${name}\` 重新复制`,
      },
    },
  ];
  if (facts.install?.data !== true) return steps;
  return [
    ...steps,
    {
      id: `remove-data-${name}`,
      description: `delete ${deleted.join(', ')} on host ${target.host}`,
      zh: `删除主机 ${target.host} 上的 ${deleted.join('、')}`,
      pause: seconds(2),
      async run(io) {
        const holds = await dataUsers(each, tools, io);
        if (holds.length > 0) return { kind: 'held', holds };
        const evidence = await Array.fromAsync(deleted, async (path) => {
          const isGone = await removeOrEmpty(host, path, deleted, install, io);
          return isGone ? path : { en: `${path} is emptied; a mount point stays`, zh: `${path} 已清空（挂载点保留）` };
        });
        return done(evidence);
      },
      undo: { none: 'deleted data cannot be restored', zh: '已删除的数据无法恢复' },
    },
  ];
}

/** Files that register the service; the supervisor drops it without them. */
function serviceFiles(each: ChangedInstance): string[] {
  return Object.keys(installOf(each).files).filter((path) => !isOfBroker(path, each.target));
}
