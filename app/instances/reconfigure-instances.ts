// Plans and applies new settings of installed instances whose files on the host differ from the rendered ones.

import { basename, dirname } from 'node:path/posix';
import type { Io } from '../../brokers/driver.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import type { DesiredInstance, Installation } from '../../core/documents/instances.ts';
import { AppError } from '../../core/errors.ts';
import { formerOf, readText } from '../../hosts/instances/host-installer.ts';
import { finding } from '../../ops/change/change-kind.ts';
import type { ChangedInstance, InstanceFacts, InstanceTools } from '../../ops/instances/facts.ts';
import { rightsFindings } from '../../ops/instances/install/install-checks.ts';
import { filesDigest } from '../../ops/instances/install/install-steps.ts';
import { differenceOf, differenceText, ownSettingsText } from '../../ops/instances/install/settings-difference.ts';
import type { Caller } from '../caller.ts';
import type { ChangeState } from '../change/run-change.ts';
import { rollInstalled, type RollRequest } from './change-instances.ts';
import { seeInstalled } from './plan-rolling.ts';

interface Compared {
  replaced: { path: string; isNew: boolean }[];
  findings: Finding[];
}

/** @param names absent: every instance of the cluster with `install`. @throws AppError usage if no file differs; errors of changeInstance */
export async function reconfigureInstances(
  io: Caller<RollRequest>,
  names: readonly string[],
): Promise<ChangeState<InstanceFacts>> {
  return rollInstalled(io, names, 'reconfigure', async ({ state, cluster, inOrder }, tools, within) => {
    const findings: Finding[] = [];
    const order: ChangedInstance[] = [];
    const install = { archives: {}, copies: [], files: {} as Record<string, string>, replaced: {} as Replaced };
    for (const [name, target] of inOrder) {
      if (target.install === undefined) continue;
      const rights = await rightsFindings({ name, target }, tools, within);
      findings.push(...rights);
      if (rights.length > 0) continue;
      const { replaced, findings: own } = await compare(name, target, target.install, tools, within);
      findings.push(...own);
      if (replaced.length === 0) continue;
      const { instance, stateText } = await seeInstalled(name, target, target.install, tools, within);
      order.push(instance);
      install.replaced[name] = replaced;
      install.files[name] = await filesDigest(target.install, tools.packages, within);
      if (!instance.wasRunning) {
        const message = `${stateText}: before new settings, all instances must run`;
        findings.push(finding('critical', 'not-running', message));
      }
    }
    if (order.length === 0 && findings.length === 0) {
      throw new AppError('usage', `every instance of ${cluster} has the settings that ${state.file} names`, {
        hint: 'change site.yaml, run `plimsoll instances render` again, and then this command',
      });
    }
    if (order.length === 0) throw new AppError('change-refused', findings.map(({ message }) => message).join('; '));
    const facts: InstanceFacts = { action: 'reconfigure', order, marks: {}, install };
    return { facts, findings };
  });
}

type Replaced = Record<string, Compared['replaced']>;

async function compare(
  name: string,
  target: DesiredInstance,
  install: Installation,
  { hostOf, packages }: InstanceTools,
  io: Io,
): Promise<Compared> {
  const host = hostOf(target.host);
  const replaced: Compared['replaced'] = [];
  const findings: Finding[] = [];
  for (const [path, source] of Object.entries(install.files)) {
    const [current, next] = [await readText(host, path, install, io), await packages.textOf(source, io)];
    if ((await readText(host, formerOf(path), install, io)) !== undefined) {
      const message = `${name}: ${formerOf(path)} of an earlier change is on host ${host.name}: put it back or remove it`;
      findings.push(finding('critical', 'former-settings', message));
    }
    if (current === next) continue;
    const file = `${name}: ${basename(path)}`;
    if (current !== undefined && target.directories.includes(dirname(path))) {
      const message = `${file} of host ${host.name} is ${current.trim()} and would be ${next.trim()}, that of another server`;
      findings.push(finding('critical', 'identity-changed', message));
      continue;
    }
    const difference = current === undefined || path !== target.settings ? undefined : differenceOf(current, next);
    if (current !== undefined && path === target.settings && difference === undefined) continue;
    replaced.push({ path, isNew: current === undefined });
    const how = difference === undefined ? (current === undefined ? 'is new' : 'differs') : differenceText(difference);
    findings.push(finding('info', 'settings-changed', `${file}: ${how}`));
    if (difference === undefined) continue;
    if (difference.identity.length > 0) {
      const message = `${file} would make it another broker, leave its data behind or change the members of its quorum: ${difference.identity.join(', ')}. Keep their former values`;
      findings.push(finding('critical', 'identity-changed', message));
    }
    if (difference.ownSettings > 0) {
      const message = `${file} loses ${ownSettingsText(difference.ownSettings)}: add settings that were made with updateBrokerConfig to the new file`;
      findings.push(finding('warning', 'broker-settings-lost', message));
    }
  }
  return { replaced, findings };
}
