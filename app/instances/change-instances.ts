// Plans, executes, resumes or rolls back a change of instances: start, stop, restart, roll.

import type { ClusterConfig } from '../../brokers/config.ts';
import { confirmationText } from '../../brokers/cluster-id.ts';
import { byKind } from '../../core/broker-kind/registry.ts';
import type { DesiredInstance, InstanceRole } from '../../core/documents/instances.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import { AppError } from '../../core/errors.ts';
import { nearest } from '../../core/text/nearest.ts';
import { openInstanceHost, type InstanceHost } from '../../hosts/instances/instance-host.ts';
import { readService } from '../../hosts/instances/service.ts';
import { finding, type PlannedChange } from '../../ops/change/change-kind.ts';
import type {
  ChangedInstance,
  ClusterGate,
  InstanceAction,
  InstanceFacts,
  InstanceTools,
} from '../../ops/instances/facts.ts';
import { instanceChanges } from '../../ops/instances/instance-changes.ts';
import { kafkaGate } from '../../ops/instances/kafka-gate.ts';
import { rocketmqGate } from '../../ops/instances/rocketmq-gate.ts';
import { checkStart } from '../../ops/instances/start-checks.ts';
import type { Blocker } from '../../ops/change/step.ts';
import type { Caller } from '../caller.ts';
import { runChange, type ChangeRequest, type ChangeState } from '../change/run-change.ts';
import type { Config } from '../config/config-file.ts';
import { readDesired, type DesiredState } from './desired-file.ts';

type ChangeIo = Caller<ChangeRequest>;

interface Io {
  signal: AbortSignal;
}

/** @throws AppError not-found, usage, config-unreadable, config-invalid; as app/change/run-change.ts */
export async function changeInstance(
  io: ChangeIo,
  action: Exclude<InstanceAction, 'roll'>,
  name: string,
): Promise<ChangeState<InstanceFacts>> {
  const state = await readDesired(io);
  const target = instanceNamed(state, name, io.options.cluster);
  return change(io, state, { action, subject: name, cluster: target.cluster, chosen: [[name, target]] });
}

interface SafeTimes {
  /** Only in safe windows. */
  isWanted: boolean;
  blockers(cluster: string, config: Config, io: Io): Promise<readonly Blocker[]>;
}

/** @param names absent: every instance of the cluster that is to run */
export async function rollInstances(
  io: ChangeIo,
  names: readonly string[],
  times: SafeTimes,
): Promise<ChangeState<InstanceFacts>> {
  const state = await readDesired(io);
  const { cluster: wanted } = io.options;
  const named = names.map((name) => [name, instanceNamed(state, name, wanted)] as const);
  const cluster = wanted ?? named[0]?.[1].cluster ?? onlyCluster(state);
  const other = named.find(([, target]) => target.cluster !== cluster);
  if (other !== undefined)
    throw new AppError('usage', `${other[0]} belongs to cluster ${other[1].cluster}, and not to ${cluster}`);
  const all = Object.entries(state.instances).filter(
    ([, each]) => each.cluster === cluster && each.desired === 'running',
  );
  const chosen = named.length > 0 ? named : all;
  if (chosen.length === 0)
    throw new AppError('not-found', `${state.file} has no instance of cluster ${cluster} that is to run`);
  return change(io, state, { action: 'roll', subject: cluster, cluster, chosen: inRollingOrder(chosen), times });
}

interface Wanted {
  action: InstanceAction;
  subject: string;
  cluster: string;
  chosen: readonly (readonly [string, DesiredInstance])[];
  times?: SafeTimes;
}

async function change(io: ChangeIo, state: DesiredState, wanted: Wanted): Promise<ChangeState<InstanceFacts>> {
  const { action, subject, cluster, times } = wanted;
  const { config, instances } = state;
  const clusterConfig = config.clusters[cluster] as ClusterConfig;
  await using hosts = openHosts(state, io);
  const tools: InstanceTools = {
    hostOf: hosts.of,
    gate: gateOf(cluster, clusterConfig),
    clock: io.clock,
    ...(times && {
      windowBlockers: (within: Io) => times.blockers(cluster, config, within),
    }),
    all: instances,
    clusterIdOf(name) {
      const { clusterId } = config.clusters[name] ?? {};
      return typeof clusterId === 'string' ? clusterId : undefined;
    },
  };
  return await runChange(
    io,
    { name: cluster, config: clusterConfig },
    {
      kind: instanceChanges[action],
      subject,
      tools,
      folder: 'changes',
      plan: (within) => planChange(wanted, tools, within),
      // Instances are also started where the cluster is down.
      ...(action !== 'roll' &&
        clusterConfig.clusterId !== undefined && { typedWhenDown: confirmationText(clusterConfig.clusterId) }),
    },
  );
}

async function planChange(
  { action, subject, chosen, times }: Wanted,
  tools: InstanceTools,
  io: Io,
): Promise<PlannedChange<InstanceFacts>> {
  const order: ChangedInstance[] = [];
  const findings: Finding[] = [];
  for (const [name, target] of chosen) {
    if (target.supervisord === undefined && target.systemd === undefined) {
      findings.push(
        finding(
          'critical',
          'no-supervisor',
          `${name} has neither supervisord nor systemd in instances.yaml, so it cannot be controlled`,
        ),
      );
      order.push({ name, target, wasRunning: false });
      continue;
    }
    const { state, reason } = await readService(tools.hostOf(target.host).commands, target, io);
    const isRunning = state === 'running' || state === 'starting';
    order.push({ name, target, wasRunning: isRunning });
    if (action === 'start' && isRunning)
      findings.push(finding('critical', 'already-running', `${name} is ${state} already`));
    if (action === 'stop' && state === 'stopped')
      findings.push(finding('critical', 'already-stopped', `${name} is stopped already`));
    if (action === 'roll' && !isRunning) {
      findings.push(
        finding(
          'critical',
          'not-running',
          `${name} is ${state}${reason === undefined ? '' : ` (${reason})`}: a rolling restart begins with all of them running`,
        ),
      );
    }
    if (action !== 'stop') findings.push(...(await checkStart({ name, target }, tools, io)));
    if (action === 'stop' && target.desired === 'running') {
      findings.push(
        finding(
          'info',
          'desired-running',
          `instances.yaml states that ${name} is to run: set \`desired: stopped\` if it stays stopped`,
        ),
      );
    }
  }
  const isTimed = times?.isWanted === true;
  const facts: InstanceFacts = { action, order, marks: {}, ...(isTimed && { when: 'safe' }) };
  if (action === 'start') return { subject, facts, findings, holds: [] };
  const { baseline, holds } = await seeCluster(facts, tools, io);
  if (action === 'roll') {
    const closed = isTimed ? ((await tools.windowBlockers?.(io)) ?? []) : [];
    return { subject, facts: { ...facts, ...(baseline && { baseline }) }, findings, holds: [...holds, ...closed] };
  }
  const warnings = holds.map(({ what }) =>
    finding('warning', 'cluster-unhealthy', `stopping an instance now adds to this: ${what}`),
  );
  return { subject, facts, findings: [...findings, ...warnings], holds: [] };
}

/** Brokers that are to run belong to a healthy cluster, also those that were down before. */
async function seeCluster(
  { action, order }: InstanceFacts,
  { gate }: InstanceTools,
  io: Io,
): Promise<{ baseline?: InstanceFacts['baseline']; holds: readonly Blocker[] }> {
  try {
    const seen = await gate.baseline(io);
    const own = order.flatMap(({ target }) => (target.role.startsWith('kafka-broker') ? (target.broker ?? []) : []));
    const baseline = { ...seen, brokers: [...new Set([...seen.brokers, ...own])].toSorted() };
    return { baseline, holds: await gate.blockers(baseline, io) };
  } catch (cause) {
    io.signal.throwIfAborted();
    if (action === 'roll' || !(cause instanceof AppError)) throw cause;
    return { holds: [{ what: `the state of the cluster is unknown: ${cause.message}` }] };
  }
}

const gateOf = (name: string, config: ClusterConfig): ClusterGate =>
  byKind<ClusterConfig, ClusterGate>(config, {
    kafka: (kafka) => kafkaGate(name, kafka),
    rocketmq: (rocketmq) => rocketmqGate(name, rocketmq),
  });

function openHosts(
  { config }: DesiredState,
  { clock }: ChangeIo,
): AsyncDisposable & { of(name: string): InstanceHost } {
  const stack = new AsyncDisposableStack();
  const opened = new Map<string, InstanceHost>();
  return {
    of(name) {
      const known = opened.get(name);
      if (known !== undefined) return known;
      const host = config.hosts[name];
      if (host === undefined) throw new AppError('usage', `the config file has no host ${name}`);
      const open = stack.use(openInstanceHost(name, host, { clock }));
      opened.set(name, open);
      return open;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function instanceNamed({ instances, file }: DesiredState, name: string, cluster: string | undefined): DesiredInstance {
  const target = Object.hasOwn(instances, name) ? instances[name] : undefined;
  if (target === undefined) {
    const meant = nearest(name, Object.keys(instances));
    throw new AppError('not-found', `${file} has no instance ${name}`, {
      hint: meant === undefined ? '`plimsoll instances list` lists them' : `did you mean ${meant}?`,
    });
  }
  if (cluster === undefined || cluster === target.cluster) return target;
  throw new AppError('usage', `${name} belongs to cluster ${target.cluster}, and not to ${cluster}`);
}

function onlyCluster({ instances, file }: DesiredState): string {
  const clusters = [...new Set(Object.values(instances).map(({ cluster }) => cluster))];
  const [only] = clusters;
  if (only !== undefined && clusters.length === 1) return only;
  throw new AppError(
    'usage',
    clusters.length === 0 ? `${file} has no instances` : `--cluster is missing; clusters: ${clusters.join(', ')}`,
  );
}

/** Within a domain, what others depend on comes first, and a slave before its master. */
const rank: Readonly<Record<InstanceRole, number>> = {
  zookeeper: 0,
  'rocketmq-name-server': 0,
  'kafka-controller': 1,
  'rocketmq-controller': 1,
  'rocketmq-slave': 2,
  'rocketmq-dledger': 3,
  'rocketmq-replica': 3,
  'kafka-broker': 3,
  'kafka-broker-controller': 3,
  'rocketmq-master': 4,
  'rocketmq-container': 4,
  'rocketmq-proxy': 5,
};

export function inRollingOrder(
  chosen: readonly (readonly [string, DesiredInstance])[],
): (readonly [string, DesiredInstance])[] {
  const domainOf = ({ failureDomain, host }: DesiredInstance) => failureDomain ?? host;
  return chosen.toSorted(
    ([oneName, one], [otherName, other]) =>
      compare(domainOf(one), domainOf(other)) || rank[one.role] - rank[other.role] || compare(oneName, otherName),
  );
}

const compare = (one: string, other: string) => one.localeCompare(other, 'en', { numeric: true });
