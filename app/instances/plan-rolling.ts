// Plans what changes of running instances share: state of each instance, state of the cluster, and the operator's choices.

import type { Io } from '../../brokers/driver.ts';
import type { DesiredInstance, Installation } from '../../core/documents/instances.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import { AppError } from '../../core/errors.ts';
import { readLink } from '../../hosts/instances/host-installer.ts';
import { readService } from '../../hosts/instances/service.ts';
import { finding, type PlannedChange } from '../../ops/change/change-kind.ts';
import type { Blocker } from '../../ops/change/step.ts';
import { planMasters } from '../../ops/instances/close-master.ts';
import type { ChangedInstance, InstanceAction, InstanceFacts, InstanceTools } from '../../ops/instances/facts.ts';
import { nameOf } from '../../ops/instances/rocketmq-gate.ts';
import { activeControllerLast, leadingServerLast } from '../../ops/instances/rolling-order.ts';
import { findLeadingServer, unseenEnsemble } from '../../ops/instances/zookeeper-ensemble.ts';

/** Whether the change goes through a whole cluster under load. */
export const isRolling = (action: InstanceAction) =>
  action === 'roll' || action === 'upgrade' || action === 'reconfigure';

const noCanary = finding(
  'info',
  'no-canary',
  'the latency of writes is not measured: name a topic with --canary, and the change waits while their p99 is above 1.5 times that of before',
);

/** Adds the operator's choices to a change that stops one instance after another, and the facts it needs about its cluster. */
export async function planRolling(
  { facts, findings }: Omit<PlannedChange<InstanceFacts>, 'holds'>,
  { canary, acceptRefusedSends = false }: { canary?: string | undefined; acceptRefusedSends?: boolean },
  tools: InstanceTools,
  io: Io,
): Promise<PlannedChange<InstanceFacts>> {
  const { baseline, holds, findings: ofCluster } = await seeCluster(facts, tools, io);
  const closed = await planMasters(facts.order, tools.desk, io);
  const leader = await findLeadingServer(facts.order, tools, io);
  return {
    facts: {
      ...facts,
      ...(canary !== undefined && { canary }),
      ...(acceptRefusedSends && { acceptRefusedSends }),
      order: leadingServerLast(activeControllerLast(facts.order, baseline?.controller), leader),
      ...(baseline && { baseline }),
      masters: closed.masters,
    },
    findings: [...findings, ...(canary === undefined ? [noCanary] : []), ...ofCluster, ...closed.findings],
    holds,
  };
}

/** Reads an installed instance before a change that requires it to run. */
export async function seeInstalled(
  name: string,
  target: DesiredInstance,
  install: Installation,
  { hostOf }: InstanceTools,
  io: Io,
): Promise<{ instance: ChangedInstance; stateText: string }> {
  const host = hostOf(target.host);
  const linked = await readLink(host, install, io);
  const { state } = await readService(host.commands, target, io);
  const instance = { name, target, wasRunning: state === 'running', ...(linked !== undefined && { linked }) };
  return { instance, stateText: `${name} is ${state}` };
}

/** Brokers with the desired state running belong to a healthy cluster, even if they were down before. */
export async function seeCluster(
  { action, order }: Pick<InstanceFacts, 'action' | 'order'>,
  tools: InstanceTools,
  io: Io,
): Promise<{ baseline?: InstanceFacts['baseline']; holds: readonly Blocker[]; findings: readonly Finding[] }> {
  const { gate } = tools;
  const why = unseenEnsemble(order, tools);
  const unseen =
    why === undefined ? [] : [finding(isRolling(action) ? 'critical' : 'warning', 'zookeeper-unseen', why)];
  try {
    const seen = await gate.baseline(io);
    const own = order.flatMap(({ target }) => (target.role.startsWith('kafka-broker') ? (target.broker ?? []) : []));
    // Replicas of what is stopped: a single master has no replacement.
    const copies = isRolling(action) ? copiesOf(order, seen.brokers, tools) : [];
    const baseline = { ...seen, brokers: [...new Set([...seen.brokers, ...own, ...copies])].toSorted() };
    const findings = (await gate.findRefusedSends?.(own, io)) ?? [];
    return { baseline, holds: await gate.blockers(baseline, io), findings: [...unseen, ...findings] };
  } catch (cause) {
    io.signal.throwIfAborted();
    if (isRolling(action) || !(cause instanceof AppError)) throw cause;
    const what = `the state of the cluster is unknown: ${cause.message}`;
    return { holds: [{ what, zh: `集群状态未知：${cause.message}` }], findings: unseen };
  }
}

/**
 * RocketMQ masters and slaves of these clusters with the desired state running. DLedger elections change the ids of members, so a
 * changed group is compared by its number of brokers. Controllers report their own replicas.
 */
function copiesOf(order: readonly ChangedInstance[], listed: readonly string[], { all }: Pick<InstanceTools, 'all'>) {
  const clusters = new Set(order.map(({ target }) => target.cluster));
  const running = Object.values(all).filter(({ cluster, desired }) => clusters.has(cluster) && desired === 'running');
  const idsOf = (instances: readonly DesiredInstance[], roles: readonly string[]) =>
    instances.flatMap(({ role, broker }) => (roles.includes(role) ? (broker ?? []) : []));
  const targets = order.map(({ target }) => target);
  const changed = new Set(idsOf(targets, ['rocketmq-dledger']).map(nameOf));
  const members = Map.groupBy(idsOf(running, ['rocketmq-dledger']), nameOf);
  const missing = [...members].flatMap(([name, own]) => {
    if (!changed.has(name)) return [];
    const there = listed.filter((id) => nameOf(id) === name);
    return own.filter((id) => !there.includes(id)).slice(0, Math.max(0, own.length - there.length));
  });
  return [...idsOf(running, ['rocketmq-master', 'rocketmq-slave']), ...missing];
}
