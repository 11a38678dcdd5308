// Replaces settings and service of a stopped instance, and keeps the former files until the change ends.

import type { Io } from '../../../brokers/driver.ts';
import { AppError } from '../../../core/errors.ts';
import {
  formerOf,
  keepFormer,
  putBack,
  readText,
  removePlaced,
  runOn,
} from '../../../hosts/instances/host-installer.ts';
import { register } from '../../../hosts/instances/service.ts';
import { done, type Step } from '../../change/step.ts';
import { stopInRollback } from '../instance-steps.ts';
import type { ChangedInstance, InstallFacts, InstanceFacts, InstanceTools } from '../facts.ts';
import { differenceOf } from './settings-difference.ts';
import { digestText, filesDigest, installOf, isOfBroker, writeAll } from './install-steps.ts';

export function replaceFiles(each: ChangedInstance, known: InstanceFacts, tools: InstanceTools): Step<InstanceFacts> {
  const { name, target } = each;
  const { install: facts } = known;
  const install = installOf(each);
  const host = tools.hostOf(target.host);
  const replaced = facts?.replaced?.[name] ?? [];
  const paths = replaced.map(({ path }) => path);
  return {
    id: `replace-files-${name}`,
    description: `replace ${paths.join(', ')} of ${name} on host ${target.host} (${digestText(name, facts)})`,
    zh: `替换主机 ${target.host} 上 ${name} 的 ${paths.join('、')}（${digestText(name, facts, '文件 sha256：')}）`,
    async run(io) {
      if (facts?.files[name] !== (await filesDigest(install, tools.packages, io))) {
        throw new AppError('change-stopped', `the files of ${name} were edited since this was planned`);
      }
      for (const { path, isNew } of replaced) if (!isNew) await keepFormer(host, path, install, io);
      await writeAll(each, tools, io, paths);
      return done(paths);
    },
    undo: {
      description: `restore the former files of ${name}`,
      zh: `恢复 ${name} 原来的文件`,
      async run(io) {
        // Supervisord may have started it: with the new files, or with the former ones before this was interrupted.
        await stopInRollback(each, known, tools, io);
        for (const { path, isNew } of replaced) {
          if (isNew) await removePlaced(host, path, install, io);
          else if (!(await putBack(host, path, install, io))) await requireUntouched(path, io);
        }
        if (replacesService(each, facts)) await registerAgain(each, tools, io);
        return paths;
      },
    },
  };

  /** Allows two cases: the file was not replaced yet, or its former text was removed at the end of the change. */
  async function requireUntouched(path: string, io: Io): Promise<void> {
    const { [path]: source = '' } = install.files;
    const [current, next] = [await readText(host, path, install, io), await tools.packages.textOf(source, io)];
    // The broker may since have rewritten its settings with additional ones.
    const isReplaced =
      current === next || (current !== undefined && path === target.settings && !differenceOf(current, next));
    if (!isReplaced) return;
    throw new AppError(
      'change-stopped',
      `${formerOf(path)} on host ${host.name} is gone: ${name} keeps its new settings`,
      { hint: 'write the former settings next to instances.yaml, and run `plimsoll instances reconfigure` again' },
    );
  }
}

const replacesService = ({ name, target }: ChangedInstance, facts: InstallFacts | undefined) =>
  facts?.replaced?.[name]?.some(({ path }) => !isOfBroker(path, target)) === true;

/** The instance is stopped; registering may start it under supervisord. */
export function reloadService(
  each: ChangedInstance,
  { install: facts }: InstanceFacts,
  tools: InstanceTools,
): Step<InstanceFacts>[] {
  if (!replacesService(each, facts)) return [];
  const { name, target } = each;
  const by = target.systemd === undefined ? 'supervisord' : 'systemd';
  return [
    {
      id: `reload-${name}`,
      description: `make ${by} on host ${target.host} read the service of ${name} again`,
      zh: `让主机 ${target.host} 的 ${by} 重新读取 ${name} 的服务配置`,
      async run(io) {
        // If it runs, an attempt that was interrupted has started it with the new files.
        await registerAgain(each, tools, io).catch((cause: unknown) => {
          if (!(cause instanceof AppError) || !cause.message.includes('still running')) throw cause;
        });
        return done();
      },
      undo: { none: 'it is read again after the former files are restored', zh: '恢复原文件后会重新读取' },
    },
  ];
}

/** Systemd reloads the unit; supervisord keeps its copy of a program until that is removed. */
async function registerAgain({ target }: ChangedInstance, { hostOf }: InstanceTools, io: Io): Promise<void> {
  const { commands } = hostOf(target.host);
  if (target.supervisord !== undefined) await register(commands, target, 'remove', io);
  await register(commands, target, 'add', io);
}

export function removeFormer(
  each: ChangedInstance,
  { install: facts }: InstanceFacts,
  { hostOf }: InstanceTools,
): Step<InstanceFacts> {
  const { name, target } = each;
  const install = installOf(each);
  const formers = (facts?.replaced?.[name] ?? []).map(({ path }) => formerOf(path));
  return {
    id: `remove-former-${name}`,
    description: `remove the former files of ${name} from host ${target.host}`,
    zh: `从主机 ${target.host} 删除 ${name} 的旧文件`,
    async run(io) {
      await runOn(hostOf(target.host), 'rm', ['-f', '--', ...formers], install, io);
      return done();
    },
    undo: { none: 'the change is complete', zh: '变更已完成' },
  };
}
