// Plans, executes, resumes or rolls back a change of instances: start, stop, restart, roll.

import type { ClusterConfig } from '../../brokers/config.ts';
import { confirmationText } from '../../brokers/cluster-id.ts';
import type { Io } from '../../brokers/driver.ts';
import type { DesiredInstance } from '../../core/documents/instances.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import { readService } from '../../hosts/instances/service.ts';
import { finding, type PlannedChange } from '../../ops/change/change-kind.ts';
import type {
  ChangedInstance,
  InstanceAction,
  InstanceFacts,
  InstanceTools,
  WriteLatency,
} from '../../ops/instances/facts.ts';
import { instanceChanges } from '../../ops/instances/instance-changes.ts';
import { inRollingOrder } from '../../ops/instances/rolling-order.ts';
import { checkStart } from '../../ops/instances/start-checks.ts';
import type { Blocker } from '../../ops/change/step.ts';
import type { Caller } from '../caller.ts';
import { runChange, type ChangeRequest, type ChangeState } from '../change/run-change.ts';
import type { Config } from '../config/config-file.ts';
import { chooseInstances, instanceNamed, type NamedInstance } from './choose-instances.ts';
import { readDesired, type DesiredState } from './desired-file.ts';
import { isRolling, planRolling, seeCluster } from './plan-rolling.ts';
import { byKind } from '../../core/broker-kind/registry.ts';
import { openChangeDesk } from '../../brokers/rocketmq/changes/change-desk.ts';
import { AppError } from '../../core/errors.ts';
import { openInstanceHost, type InstanceHost } from '../../hosts/instances/instance-host.ts';
import { p99Of } from '../../brokers/canary/latency-window.ts';
import { kafkaGate } from '../../ops/instances/kafka-gate.ts';
import { rocketmqGate } from '../../ops/instances/rocketmq-gate.ts';
import { watchLatency } from '../change/write-latency.ts';
import { openPackages } from './packages.ts';

type ChangeIo = Caller<ChangeRequest>;

/** @throws AppError not-found, usage, config-unreadable, config-invalid; errors of app/change/run-change.ts */
export async function changeInstance(
  io: ChangeIo,
  action: 'start' | 'stop' | 'restart',
  name: string,
): Promise<ChangeState<InstanceFacts>> {
  const state = await readDesired(io);
  const target = instanceNamed(state, name, io.options.cluster);
  return change(io, state, { action, subject: name, cluster: target.cluster, chosen: [[name, target]] });
}

export type RollRequest = ChangeRequest &
  Readonly<{ canary?: string | undefined; 'abort-when-held': boolean; 'accept-refused-sends': boolean }>;

interface SafeTimes {
  /** Whether stops are limited to safe windows. */
  isWanted: boolean;
  blockers(cluster: string, config: Config, io: Io): Promise<readonly Blocker[]>;
}

/** Topic of the named canary, or of the exporter's canary for this cluster. */
const canaryOf = ({ config }: DesiredState, cluster: string, named: string | undefined): string | undefined =>
  named ?? config.exporter.clusters[cluster]?.canary?.topic;

/** @param names absent: every instance of the cluster with the desired state running */
export async function rollInstances(
  io: Caller<RollRequest>,
  names: readonly string[],
  times: SafeTimes,
): Promise<ChangeState<InstanceFacts>> {
  const state = await readDesired(io);
  const { cluster, chosen } = chooseInstances(state, names, io.options.cluster);
  return change(io, state, {
    action: 'roll',
    subject: cluster,
    cluster,
    chosen: inRollingOrder(chosen),
    times,
    canary: canaryOf(state, cluster, io.options.canary),
    ...choicesOf(io),
  });
}

/** @param names absent: every instance of the cluster with `install` and the desired state running */
export async function rollInstalled(
  io: Caller<RollRequest>,
  names: readonly string[],
  action: 'upgrade' | 'reconfigure',
  plan: (
    of: { state: DesiredState; cluster: string; inOrder: readonly NamedInstance[] },
    tools: InstanceTools,
    io: Io,
  ) => Promise<PlannedChange<InstanceFacts>>,
): Promise<ChangeState<InstanceFacts>> {
  const state = await readDesired(io);
  const { cluster, chosen } = chooseInstances(state, names, io.options.cluster, { isInstalled: true });
  const choices = choicesOf(io);
  const canary = canaryOf(state, cluster, io.options.canary);
  return runInstanceChange(io, state, {
    action,
    subject: cluster,
    cluster,
    ...choices,
    async plan(tools, within) {
      const planned = await plan({ state, cluster, inOrder: inRollingOrder(chosen) }, tools, within);
      return await planRolling(planned, { ...choices, canary }, tools, within);
    },
  });
}

/** Decisions of the operator before the change. */
interface RollingChoices {
  acceptRefusedSends?: boolean;
  abortsWhenHeld?: boolean;
}

const choicesOf = ({ options }: Pick<Caller<RollRequest>, 'options'>): RollingChoices => ({
  acceptRefusedSends: options['accept-refused-sends'],
  abortsWhenHeld: options['abort-when-held'],
});

interface WantedChange extends RollingChoices {
  action: InstanceAction;
  subject: string;
  cluster: string;
  chosen: readonly (readonly [string, DesiredInstance])[];
  times?: SafeTimes;
  /** Topic whose writes are measured for the p99. */
  canary?: string | undefined;
}

const change = (io: ChangeIo, state: DesiredState, wanted: WantedChange) =>
  runInstanceChange(io, state, { ...wanted, plan: (tools, within) => planChange(wanted, tools, within) });

export interface InstanceChangeRequest extends RollingChoices, Pick<WantedChange, 'action' | 'subject' | 'cluster'> {
  plan(tools: InstanceTools, io: Io): Promise<PlannedChange<InstanceFacts>>;
  times?: SafeTimes | undefined;
  /** A directory whose deletion is confirmed by typing its name. */
  deletes?: string | undefined;
}

export async function runInstanceChange(
  io: ChangeIo,
  state: DesiredState,
  {
    action,
    subject,
    cluster,
    plan,
    deletes,
    times,
    acceptRefusedSends = false,
    abortsWhenHeld = false,
  }: InstanceChangeRequest,
): Promise<ChangeState<InstanceFacts>> {
  const clusterConfig = state.config.clusters[cluster] as ClusterConfig;
  await using opened = openInstanceTools(state, cluster, io);
  const tools: InstanceTools = {
    ...opened.tools,
    ...(times && { windowBlockers: (within: Io) => times.blockers(cluster, state.config, within) }),
  };
  return await runChange(
    io,
    { name: cluster, config: clusterConfig },
    {
      kind: instanceChanges[action],
      subject,
      tools,
      folder: 'changes',
      plan: (within) => plan(tools, within),
      abortsWhenHeld,
      // May also be decided while the change waits for it.
      amend: (facts) => (acceptRefusedSends ? { ...facts, acceptRefusedSends } : facts),
      ...(deletes !== undefined && { deletes }),
      // Instances can also be started while the cluster is down, and a change of the only broker must be resumable then.
      ...(!isRolling(action) && { plansFirst: true }),
      ...(clusterConfig.clusterId !== undefined && { typedWhenDown: confirmationText(clusterConfig.clusterId) }),
    },
  );
}

async function planChange(
  { action, chosen, times, canary, acceptRefusedSends = false }: WantedChange,
  tools: InstanceTools,
  io: Io,
): Promise<PlannedChange<InstanceFacts>> {
  const order: ChangedInstance[] = [];
  const findings: Finding[] = [];
  for (const [name, target] of chosen) {
    if (target.supervisord === undefined && target.systemd === undefined) {
      const message = `${name} has neither supervisord nor systemd in instances.yaml, so it cannot be controlled`;
      findings.push(finding('critical', 'no-supervisor', message));
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
      const why = reason === undefined ? '' : ` (${reason})`;
      const message = `${name} is ${state}${why}: before a rolling restart, all instances must run`;
      findings.push(finding('critical', 'not-running', message));
    }
    if (action !== 'stop') findings.push(...(await checkStart({ name, target }, tools, io)));
    if (action === 'stop' && target.desired === 'running') {
      const message = `instances.yaml states that ${name} is to run: set \`desired: stopped\` if it stays stopped`;
      findings.push(finding('info', 'desired-running', message));
    }
  }
  const isTimed = times?.isWanted === true;
  const facts: InstanceFacts = { action, order, marks: {}, ...(isTimed && { when: 'safe' }) };
  if (action === 'start') return { facts, findings };
  if (action === 'roll') {
    const planned = await planRolling({ facts, findings }, { canary, acceptRefusedSends }, tools, io);
    const closed = isTimed ? ((await tools.windowBlockers?.(io)) ?? []) : [];
    return { ...planned, holds: [...(planned.holds ?? []), ...closed] };
  }
  const { holds, findings: refused } = await seeCluster(facts, tools, io);
  const warnings = holds.map(({ what, zh }) =>
    finding('warning', 'cluster-unhealthy', {
      en: `stopping an instance now adds to this: ${what}`,
      zh: `现在停止实例会加重以下问题：${zh}`,
    }),
  );
  return { facts, findings: [...findings, ...refused, ...warnings] };
}

/** Interval of canary messages: enough for a p99 after 5 s. */
const canaryEverySeconds = 0.1;

/** Opens what the steps of a change of instances use: hosts, the gate of the cluster, and the distributions. */
function openInstanceTools(
  state: DesiredState,
  cluster: string,
  io: Pick<Caller, 'clock' | 'environment' | 'signal' | 'stderr'>,
): AsyncDisposable & { tools: InstanceTools } {
  const { config, instances } = state;
  const stack = new AsyncDisposableStack();
  const opened = new Map<string, InstanceHost>();
  const clusterConfig = config.clusters[cluster] as ClusterConfig;
  let latency: WriteLatency | undefined;
  const tools: InstanceTools = {
    hostOf(name) {
      const known = opened.get(name);
      if (known !== undefined) return known;
      const host = config.hosts[name];
      if (host === undefined) throw new AppError('usage', `the config file has no host ${name}`);
      const open = stack.use(openInstanceHost(name, host, io));
      opened.set(name, open);
      return open;
    },
    ...brokerTools(cluster, clusterConfig, stack),
    clock: io.clock,
    writeLatency(topic) {
      if (latency !== undefined) return latency;
      const every = { topic, everySeconds: canaryEverySeconds };
      const { recent, reason } = stack.use(watchLatency(io, { name: cluster, config: clusterConfig }, every));
      return (latency = { p99: (window) => p99Of(recent(window)), reason });
    },
    all: instances,
    clusterIdOf(name) {
      const { clusterId } = config.clusters[name] ?? {};
      return typeof clusterId === 'string' ? clusterId : undefined;
    },
    packages: openPackages(state, io),
  };
  return { tools, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

type BrokerTools = Pick<InstanceTools, 'gate' | 'desk'>;

const brokerTools = (name: string, config: ClusterConfig, stack: AsyncDisposableStack): BrokerTools =>
  byKind<ClusterConfig, BrokerTools>(config, {
    kafka: (kafka) => ({ gate: kafkaGate(name, kafka) }),
    rocketmq: (rocketmq) => ({ gate: rocketmqGate(name, rocketmq), desk: stack.use(openChangeDesk(name, rocketmq)) }),
  });
