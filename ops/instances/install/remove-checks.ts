// Checks that nothing else on the host uses data directories before they are deleted.

import type { Io } from '../../../brokers/driver.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { findInstances } from '../../../hosts/instances/find-instances.ts';
import { finding } from '../../change/change-kind.ts';
import type { Blocker } from '../../change/step.ts';
import type { ChangedInstance, InstanceTools } from '../facts.ts';
import { directoriesInUse } from '../locked-directories.ts';
import { ownProcess } from '../start-checks.ts';

type Named = Pick<ChangedInstance, 'name' | 'target'>;

/** Folders that `--data` deletes: data, and folders such as logs. */
export const deletedOf = ({ directories, install }: Named['target']): string[] => [
  ...new Set([...directories, ...(install?.folders ?? [])]),
];

/** @returns critical findings: processes that use its data, and other instances of instances.yaml with the same folders */
export async function dataFindings(named: Named, tools: InstanceTools, io: Io): Promise<Finding[]> {
  const used = (await dataUsers(named, tools, io)).map(({ what, zh }) =>
    finding('critical', 'directory-in-use', { en: what, zh }),
  );
  return [...used, ...sharedFindings(named, tools)];
}

/** Processes, other than the instance, that use its data and block the deletion. */
export async function dataUsers({ name, target }: Named, { hostOf }: InstanceTools, io: Io): Promise<Blocker[]> {
  const host = hostOf(target.host);
  const running = await findInstances(host, io);
  const self = await ownProcess(host, target, running, io);
  const used = await directoriesInUse(host, deletedOf(target), { running, self }, io);
  return used.map(({ folder, pid }) => ({
    what: `${folder} of ${name} is in use by process ${pid} on host ${host.name}: its data is not deleted while it runs`,
    zh: `${name} 的 ${folder} 正被主机 ${host.name} 上的进程 ${pid} 使用：进程运行期间不删除数据`,
  }));
}

function sharedFindings({ name, target }: Named, { all }: InstanceTools): Finding[] {
  const deleted = deletedOf(target);
  return Object.entries(all).flatMap(([other, each]) => {
    const { host } = each;
    if (other === name || host !== target.host) return [];
    const shared = deletedOf(each).find((theirs) => deleted.some((own) => isWithin(own, theirs)));
    if (shared === undefined) return [];
    const message = `${other} stores in ${shared} on host ${host}: removing ${name} with --data would delete the data of ${other} as well`;
    return [finding('critical', 'duplicate-directory', message)];
  });
}

/** Whether deleting `folder` also deletes `other`. */
const isWithin = (folder: string, other: string): boolean => `${other}/`.startsWith(`${folder.replace(/\/+$/, '')}/`);
