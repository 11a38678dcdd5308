// Plans and runs the installation, upgrade and removal of instances.

import { randomUUID } from 'node:crypto';
import type { Io } from '../../brokers/driver.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import { AppError } from '../../core/errors.ts';
import { linkOf, readLink, releaseOf } from '../../hosts/instances/host-installer.ts';
import { readService } from '../../hosts/instances/service.ts';
import { finding, findingIf, type PlannedChange } from '../../ops/change/change-kind.ts';
import type {
  ChangedInstance,
  InstallFacts,
  InstanceFacts,
  InstanceTools,
  ReleaseCopy,
} from '../../ops/instances/facts.ts';
import {
  ensembleFindings,
  installFindings,
  quorumFindings,
  releaseFindings,
  rightsFindings,
} from '../../ops/instances/install/install-checks.ts';
import { filesDigest } from '../../ops/instances/install/install-steps.ts';
import { dataFindings } from '../../ops/instances/install/remove-checks.ts';
import { inStartingOrder } from '../../ops/instances/rolling-order.ts';
import { checkStart } from '../../ops/instances/start-checks.ts';
import type { Caller } from '../caller.ts';
import type { ChangeRequest, ChangeState } from '../change/run-change.ts';
import { rollInstalled, runInstanceChange, type RollRequest } from './change-instances.ts';
import { seeCluster, seeInstalled } from './plan-rolling.ts';
import { chooseInstances, instanceNamed } from './choose-instances.ts';
import { operator } from '../change/operator.ts';
import { readDesired } from './desired-file.ts';

type ChangeIo = Caller<ChangeRequest>;

/** @param names absent: every instance of the cluster with `install`. @throws AppError of changeInstance, archive-refused */
export async function installInstances(io: ChangeIo, names: readonly string[]): Promise<ChangeState<InstanceFacts>> {
  const state = await readDesired(io);
  const { cluster, chosen } = chooseInstances(state, names, io.options.cluster, { isInstalled: true });
  const { clusterId } = state.config.clusters[cluster] ?? {};
  if (clusterId === undefined) {
    throw new AppError('cluster-id-missing', `cluster ${cluster} has no clusterId in the config file`, {
      hint: 'you confirm the installation with it: for Kafka the `clusterId` under `install`, for RocketMQ `{ name: brokerClusterName, brokers: [brokerName@address:port] }`',
    });
  }
  return runInstanceChange(io, state, {
    action: 'install',
    subject: cluster,
    cluster,
    async plan(tools, within) {
      const findings: Finding[] = [];
      const order: ChangedInstance[] = [];
      const together = new Set(chosen.map(([each]) => each));
      for (const [name, target] of inStartingOrder(chosen)) {
        order.push({ name, target, wasRunning: false });
        const own = await installFindings({ name, target }, tools, within);
        findings.push(...own, ...idFindings(name, target.install?.clusterId, clusterId));
        findings.push(...(await quorumFindings({ name, target }, together, tools, within)));
        // Reports once that a host is not writable.
        if (own.some(({ code }) => code === 'no-installation' || code === 'sudo-refused')) continue;
        findings.push(...(await checkStart({ name, target }, tools, within, { isPlanned: true })));
      }
      const planned = await withReleases({ action: 'install', order }, findings, tools, within);
      const { owner, host } = operator(io);
      const claim = `${owner} on ${host}, since ${io.clock.now().toISOString()}, ${randomUUID()}`;
      const { install = { archives: {}, copies: [], files: {} } } = planned.facts;
      return { ...planned, facts: { ...planned.facts, install: { ...install, claim } } };
    },
  });
}

/** Upgrades instances whose `current` release differs from instances.yaml. @throws AppError usage if there are none */
export async function upgradeInstances(
  io: Caller<RollRequest>,
  names: readonly string[],
): Promise<ChangeState<InstanceFacts>> {
  return rollInstalled(io, names, 'upgrade', async ({ cluster, inOrder }, tools, within) => {
    const findings: Finding[] = [];
    const order: ChangedInstance[] = [];
    for (const [name, target] of inOrder) {
      const { install } = target;
      if (install === undefined) continue;
      const { instance, stateText } = await seeInstalled(name, target, install, tools, within);
      const { linked } = instance;
      if (linked === releaseOf(install)) continue;
      order.push(instance);
      findings.push(...(await rightsFindings({ name, target }, tools, within)));
      if (linked === undefined) {
        const message = `${name} is not installed on host ${target.host}: there is no ${linkOf(install)}`;
        findings.push(finding('critical', 'not-installed', message));
      }
      if (!instance.wasRunning) {
        const message = `${stateText}: before an upgrade, all instances must run`;
        findings.push(finding('critical', 'not-running', message));
      }
      findings.push(...(await checkStart({ name, target }, tools, within)));
    }
    if (order.length === 0) {
      throw new AppError('usage', `every instance of ${cluster} runs the distribution that instances.yaml states`, {
        hint: 'add the new version under `distributions`, name it as `install.distribution` of the instances, and run the command again',
      });
    }
    return await withReleases({ action: 'upgrade', order }, findings, tools, within);
  });
}

/** @param data whether its data directories are also deleted */
export async function removeInstance(
  io: ChangeIo,
  name: string,
  { data }: { data: boolean },
): Promise<ChangeState<InstanceFacts>> {
  const state = await readDesired(io);
  const target = instanceNamed(state, name, io.options.cluster);
  return runInstanceChange(io, state, {
    action: 'remove',
    subject: name,
    cluster: target.cluster,
    deletes: data ? name : undefined,
    async plan(tools, within) {
      const { install } = target;
      const findings = await rightsFindings({ name, target }, tools, within);
      const host = tools.hostOf(target.host);
      const linked = install === undefined ? undefined : await readLink(host, install, within);
      const { state: runs } = await readService(host.commands, target, within);
      const isRunning = runs === 'running' || runs === 'starting';
      const order = [{ name, target, wasRunning: isRunning, ...(linked !== undefined && { linked }) }];
      const files = install === undefined ? '' : await filesDigest(install, tools.packages, within);
      const { holds, findings: refused } = isRunning
        ? await seeCluster({ action: 'remove', order }, tools, within)
        : { holds: [], findings: [] };
      findings.push(
        ...refused,
        ...holds.map(({ what, zh }) =>
          finding('warning', 'cluster-unhealthy', {
            en: `removing an instance now adds to this: ${what}`,
            zh: `现在移除实例会加重以下问题：${zh}`,
          }),
        ),
        finding(
          'warning',
          'instance-removed',
          `data that only ${name} has will not be served: move partitions or drain queues first (ops kafka reassign, ops rocketmq scale-in)`,
        ),
      );
      if (data) findings.push(...(await dataFindings({ name, target }, tools, within)));
      const facts: InstanceFacts = {
        action: 'remove',
        order,
        marks: {},
        install: { archives: {}, copies: [], files: { [name]: files }, data },
      };
      return { facts, findings };
    },
  });
}

/** Adds the releases to copy to each host, and the files to write for each instance. */
async function withReleases(
  { action, order }: Pick<InstanceFacts, 'action' | 'order'>,
  findings: readonly Finding[],
  tools: InstanceTools,
  io: Io,
): Promise<PlannedChange<InstanceFacts>> {
  const install: InstallFacts = { archives: {}, copies: [], files: {} };
  const copies = new Map<string, ReleaseCopy>();
  const more: Finding[] = [];
  for (const { name, target } of order) {
    if (target.install === undefined) continue;
    const { distribution } = target.install;
    const archive = await tools.packages.archiveOf(distribution, io);
    install.archives[distribution] = { algorithm: archive.algorithm, digest: archive.digest };
    install.files[name] = await filesDigest(target.install, tools.packages, io);
    more.push(...ensembleFindings({ name, target }, archive, tools));
    const release = releaseOf(target.install);
    const key = `${target.host} ${release}`;
    if (copies.has(key)) continue;
    const { isNew, findings: own } = await releaseFindings({ name, target }, archive, tools, io);
    copies.set(key, { host: target.host, release, distribution, owner: name, isNew });
    more.push(...own);
  }
  install.copies.push(...copies.values());
  return { facts: { action, order, marks: {}, install }, findings: [...findings, ...more] };
}

function idFindings(name: string, planned: string | undefined, configured: unknown): Finding[] {
  return findingIf(
    planned !== undefined && planned !== configured,
    'critical',
    'other-cluster',
    `${name} would get the cluster id ${planned}, and the config file states ${String(configured)}`,
  );
}
