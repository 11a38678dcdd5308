// Checks permission, metrics, the load safety check and the guard before a load test sends anything.

import type { ClusterConfig } from '../../brokers/config.ts';
import type { ClusterInspector } from '../../brokers/driver.ts';
import { detailsOf } from '../../brokers/reported.ts';
import type { LoadTestPermission } from '../../core/policy/load-test-permission.ts';
import type { AppliedQuotas, ClusterLookup, LookupAnswer } from '../../brokers/lookup.ts';
import type { Clock } from '../../core/clock.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import { AppError } from '../../core/errors.ts';
import type { TelemetryEnvironment } from '../../core/documents/evidence/telemetry.ts';
import { stateFolder } from '../../core/user-folders.ts';
import type { HostProbe } from '../../hosts/probe.ts';
import { checkPermission } from '../../loadgen/guard/permission.ts';
import { findObstacles, type LoadSafetyFacts } from '../../loadgen/guard/load-safety.ts';
import type { QuotaTraffic } from '../../loadgen/guard/quota-rate.ts';
import {
  type BrokerCoverage,
  findMissingMetrics,
  hostMetrics,
  refuseMissingMetrics,
} from '../../loadgen/guard/readiness.ts';
import { describeWindow } from '../../loadgen/guard/window.ts';
import type { RunPlan } from '../../loadgen/plan/plan.ts';
import { percentText, rateText } from '../../core/text/quantity-text.ts';
import type { Config } from '../config/config-file.ts';
import { type BrokerLimits, readBrokerLimits } from './broker-settings.ts';
import { createLoadGuard, guardConfigOf, type LoadGuardParts, noDiskGuardText } from './load-guard.ts';
import { watchedStores } from './watched-stores.ts';
import { type LoadCoverage, lookAtBrokers } from './broker-coverage.ts';
import { recordedSettings } from './recorded-settings.ts';
import { copiesOf, filledStores, loadSafetyFacts, peakOf } from './load-safety-facts.ts';
import { quotaTexts, unmonitoredTexts } from './notices.ts';
import { hostsOfProxies } from '../observe/host-names.ts';
import { findingOf } from '../../core/documents/findings/findings.ts';
import { defined } from '../../core/defined.ts';
import type { ConfiguredLimits } from '../../core/documents/evidence/configured-limits.ts';

/** @throws AppError load-test-refused, without a request to the cluster */
export function checkPlan(plan: RunPlan, cluster: ClusterConfig, clock: Clock): LoadTestPermission {
  const peakTps = peakOf(plan);
  checkPermission(
    {
      cluster: plan.cluster.name,
      ...(peakTps !== undefined && { peakTps }),
      durationSeconds: plan.durationSeconds,
      topics: plan.topic.names,
      groups: plan.topic.groups,
      overloads: plan.search?.options.kind === 'find-max',
    },
    cluster.loadTest,
    clock.now(),
  );
  if (cluster.loadTest === undefined) throw new AppError('load-test-refused', 'no loadTest block');
  return cluster.loadTest;
}

type Allowance = { kind: 'allowed'; permission: LoadTestPermission } | { kind: 'refused'; reason: string };

/** @returns whether the cluster's `loadTest` block permits the plan now, without enforcing it */
export function allowanceOf(plan: RunPlan, cluster: ClusterConfig, clock: Clock): Allowance {
  try {
    const permission = checkPlan(plan, cluster, clock);
    if (cluster.clusterId !== undefined) return { kind: 'allowed', permission };
    return { kind: 'refused', reason: `clusters.${plan.cluster.name} has no clusterId` };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { kind: 'refused', reason: error.message };
  }
}

export function describeAllowance(plan: RunPlan, cluster: ClusterConfig, clock: Clock): string {
  const allowance = allowanceOf(plan, cluster, clock);
  if (allowance.kind === 'refused') return `REFUSED: ${allowance.reason}`;
  const { approver, maxTps, maxNicShare, window } = allowance.permission;
  return `allowed by ${approver}: up to ${rateText(maxTps)} and ${percentText(maxNicShare)} of each link, ${describeWindow(window)}`;
}

export interface PrepareParts {
  plan: RunPlan;
  config: Config;
  cluster: ClusterConfig;
  permission: LoadTestPermission;
  inspector: ClusterInspector & LoadGuardParts['inspector'];
  lookup: ClusterLookup;
  /** Probes of the hosts monitored during the run, by name. */
  probes: ReadonlyMap<string, HostProbe>;
  /** Brokers that are down during the run as requested. */
  lost: readonly string[];
  acceptBlind: boolean;
  /** Called for missing metrics that are accepted, and for quotas that apply. */
  onNotice(text: string): void;
  environment: NodeJS.ProcessEnv;
  clock: Clock;
}

/** @throws AppError not-ready, load-test-refused, guard-input-unreadable, load-stopped; nothing has been sent or created then */
export async function prepareLoad(parts: PrepareParts, io: { signal: AbortSignal }) {
  const { plan, config, cluster, permission, inspector, lookup, probes, clock, onNotice } = parts;
  const guardConfig = guardConfigOf(config);
  const coverage = await lookAtBrokers(
    {
      inspector,
      stated: cluster.brokers,
      hosts: config.hosts,
      probes,
      stateDirectory: stateFolder(parts.environment),
      clock,
    },
    io,
  );
  const { brokers: seen, snapshot, machines } = coverage;
  judgeCoverage(parts, coverage);
  const proxies = hostsOfProxies(cluster, config.hosts);
  for (const host of proxies.filter((name) => !machines.has(name)))
    onNotice(findingOf('not-monitored', { part: 'proxy-host', nodes: [host], hasFailed: true }).message);
  const limits = await readBrokerLimits(lookup, seen, io);
  const facts = await checkArithmetic(parts, coverage, { limits, freeDiskShare: guardConfig.freeDisk }, io);
  const configured = configuredLimits(limits, await lookup.clientQuotas(io), plan.groups.length);
  for (const text of quotaTexts(configured.quotas, quotaTraffic(facts), facts.peakTps)) onNotice(text);
  const { stores, unwatched } = watchedStores(seen, limits, probes);
  for (const { broker, reason } of unwatched) onNotice(noDiskGuardText(broker, reason));
  for (const broker of withoutFreeBytes(facts, stores))
    onNotice(
      `broker ${broker}: free disk unknown in the first reading, so the load safety check does not cover its disk`,
    );
  const guard = await createLoadGuard(
    {
      config: guardConfig,
      permission,
      environment: environmentOf(seen, { proxies, machines }),
      stores,
      inspector,
      groups: plan.groups,
      directory: plan.directory,
      clock,
      onNotice,
    },
    io,
  );
  const { topicConfigs } = detailsOf(snapshot);
  const configs = topicConfigs ?? [];
  const topics = configs.filter(({ topic }) => plan.topic.names.includes(topic));
  const isOther = (topic: string) => !topic.startsWith(permission.topicPrefix);
  const others = configs.filter(({ topic }) => isOther(topic));
  const otherNames = topicConfigs && snapshot?.topics.map(({ name }) => name).filter(isOther);
  const { processes, unread: notices } = limits;
  const settings = recordedSettings({ processes, notices, topics, others, otherNames }, seen);
  /** Batch size that every broker accepts, if its settings show it. */
  const { mostMessageBytes } = facts;
  const filled = filledStores(facts);
  return {
    guard,
    configuredLimits: configured,
    settings,
    machines,
    ...defined({ snapshot, mostMessageBytes }),
    ...(filled.length > 0 && { stores: filled }),
  };
}

/** Brokers with a known store whose free space was not read. */
const withoutFreeBytes = ({ brokers }: LoadSafetyFacts, stores: readonly { broker: string }[]) =>
  brokers.flatMap(({ id, rooms = [] }) =>
    rooms.length === 0 && stores.some(({ broker }) => broker === id) ? [id] : [],
  );

/** The broker that leads most reaches the quota first. */
const quotaTraffic = ({ brokers, storedMessageBytes, groups }: LoadSafetyFacts): QuotaTraffic => ({
  leaders: 1 / Math.max(...brokers.map(({ leaderShare }) => leaderShare)),
  messageBytes: storedMessageBytes,
  groups,
});

/** @throws AppError not-ready */
export function judgeCoverage(
  {
    plan,
    config,
    cluster,
    lost,
    acceptBlind,
    onNotice,
  }: Pick<PrepareParts, 'plan' | 'config' | 'cluster' | 'lost' | 'acceptBlind' | 'onNotice'>,
  { brokers: seen, unlisted }: Pick<LoadCoverage, 'brokers' | 'unlisted'>,
): void {
  // An elected RocketMQ master takes over the id of the lost one, which its controller then lists by another id.
  const { group } = traitsOf(cluster.broker).brokerId;
  const lostGroups = new Set(lost.map(group));
  const absent = unlisted.filter((id) => !lostGroups.has(group(id)));
  const blind = findMissingMetrics(seen, absent);
  refuseMissingMetrics(plan.cluster.name, blind, acceptBlind ? hostMetrics : (config.loadgen?.acceptBlind ?? []));
  for (const { broker, what, unknown } of blind)
    onNotice(`broker ${broker}: no ${what} metrics, so ${unknown} cannot be computed`);
  const ids = seen.map(({ broker }) => broker);
  for (const text of unmonitoredTexts(cluster, config.hosts, ids)) onNotice(text);
}

/** If a full link and overload are permitted, the target may exceed the link. */
const drivableNicShare = ({ maxNicShare, overload }: PrepareParts['permission']) =>
  maxNicShare >= 1 && overload === 'allowed' ? Number.POSITIVE_INFINITY : maxNicShare;

async function checkArithmetic(
  { plan, permission, inspector }: PrepareParts,
  { brokers: coverages, snapshot: known }: Pick<LoadCoverage, 'brokers' | 'snapshot'>,
  { limits, freeDiskShare }: { limits: BrokerLimits; freeDiskShare: number },
  io: { signal: AbortSignal },
): Promise<LoadSafetyFacts> {
  const snapshot = known ?? (await inspector.snapshot(io, { topics: plan.topic.names, groups: [] }));
  const facts = loadSafetyFacts({
    plan,
    brokers: snapshot.cluster.brokers,
    coverages,
    limits,
    freeDiskShare,
    maxNicShare: drivableNicShare(permission),
    version: snapshot.cluster.version,
    topicConfigs: detailsOf(snapshot).topicConfigs,
    ...copiesOf(plan, snapshot),
  });
  const obstacles = findObstacles(facts);
  if (obstacles.length === 0) return facts;
  throw new AppError(
    'load-test-refused',
    `cluster ${plan.cluster.name} cannot take this load: ${obstacles.join('; ')}`,
    {
      hint: 'this was computed, nothing was sent; lower the rate, or add capacity',
    },
  );
}

const environmentOf = (
  seen: readonly BrokerCoverage[],
  { proxies, machines }: { proxies: readonly string[]; machines: LoadCoverage['machines'] },
): TelemetryEnvironment => {
  const inventories = [...seen, ...proxies.map((host) => machines.get(host))].flatMap((read) => read?.inventory ?? []);
  return {
    hosts: [...new Map(inventories.map((inventory) => [inventory.host, inventory] as const)).values()],
    brokers: seen.map(({ broker, host }) => ({ id: broker, address: '', ...(host !== undefined && { host }) })),
    proxyHosts: [...proxies],
  };
};

/** Collects the limits that the cluster's configuration sets on the clients of a load test, for run.json. */
export function configuredLimits(
  { brokers, unread }: Pick<BrokerLimits, 'brokers' | 'unread'>,
  quotas: LookupAnswer<AppliedQuotas>,
  groups: number,
): ConfiguredLimits {
  const applied =
    quotas.kind === 'answered' ? quotas.value : { quotas: [], unread: [`client quotas: ${quotas.reason}`] };
  const reasons = [...unread, ...applied.unread];
  return {
    // Without consumers there are no fetches.
    quotas: applied.quotas.filter(({ kind }) => kind !== 'fetch-quota' || groups > 0),
    brokers: [...brokers],
    ...(reasons.length > 0 && { unread: reasons }),
  };
}
