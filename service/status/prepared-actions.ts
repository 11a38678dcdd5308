// Prepares actions that help a cluster within minutes, from its verdict, forecast and last readings.

import { storedSizes } from '../../app/observe/resource-demand.ts';
import { type OutlookInputs, peakAhead } from '../../analyzer/forecast/event/limit-outlook.ts';
import { prepareActions } from '../../analyzer/forecast/event/prepare-actions.ts';
import type { EventState } from '../../analyzer/forecast/event/prepared.ts';
import { type ByKind, traitsOf } from '../../core/broker-kind/registry.ts';
import type { Analysis } from '../../core/documents/analysis.ts';
import type { Clock } from '../../core/clock.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import type { BrokerKind, Topic } from '../../core/cluster.ts';
import { AppError } from '../../core/errors.ts';
import type { PreparedAction } from '../../core/documents/event-outlook.ts';
import type { RecordedForecast } from '../../core/documents/history-entry.ts';
import type { ClusterStatus } from '../../core/documents/cluster-status.ts';
import type { ClusterTraffic } from '../clusters/traffic.ts';
import type { HistoryReader } from '../history/history.ts';
import type { ServiceConfig } from '../../app/config/service.ts';
import { isAllowed } from '../../exporter/name-filter.ts';
import type { ServedCluster } from '../parts.ts';
import type { ChangeStep, ShownAction } from '../../dashboards/web/prepared-change.ts';
import { safeRateOf } from './safe-rate.ts';
import { kafkaFeatures } from '../../brokers/kafka/permissions.ts';
import { rocketmqFeatures } from '../../brokers/rocketmq/permissions.ts';

/** Returns the documents that the status is based on. */
export function documentsOf(
  { verdict, forecast }: ClusterStatus,
  history: Pick<HistoryReader, 'entry'>,
): { analysis: Analysis | undefined; forecast: RecordedForecast | undefined } {
  const judged = verdict && history.entry(verdict.entry);
  const foreseen = forecast && history.entry(forecast.entry);
  return {
    analysis: judged?.kind === 'verdict' || judged?.kind === 'test' ? judged.document : undefined,
    forecast: foreseen?.kind === 'forecast' ? foreseen.document : undefined,
  };
}

/**
 * @returns nothing for a cluster with current and future headroom, without reading its verdict; nor while the history
 *   is unreadable
 */
export function urgentActions(
  status: ClusterStatus,
  { history, clock, config, served }: UrgentParts,
): readonly PreparedAction[] {
  const { cluster, loadState, forecast, safeMaxTps } = status;
  const safe = safeMaxTps && safeRateOf(safeMaxTps)?.low;
  const { tps: peakTps = 0, high: highestTps = peakTps } = forecast?.peak ?? {};
  const isAhead = safe !== undefined && highestTps > safe;
  if (loadState !== 'over' && loadState !== 'near' && !isAhead) return [];
  const nowMs = clock.now().getTime();
  try {
    const documents = documentsOf(status, history);
    return leversOf({ status, ...documents, nowMs, served, clientIds: config.clientIds[cluster] });
  } catch (cause) {
    // Every scrape calls this and must not fail with the history: the job that reads it reports the fault.
    if (cause instanceof AppError) return [];
    throw cause;
  }
}

interface UrgentParts {
  history: Pick<HistoryReader, 'entry'>;
  clock: Pick<Clock, 'now'>;
  config: Pick<ServiceConfig, 'clientIds'>;
  served: ReadCluster | undefined;
}

type ReadCluster = Pick<ServedCluster, 'traffic' | 'last' | 'shown'>;

interface KnownCluster {
  status: ClusterStatus;
  forecast: RecordedForecast | undefined;
  nowMs: number;
}

export const outlookInputs = ({ status: { now, safeMaxTps }, forecast, nowMs }: KnownCluster): OutlookInputs => ({
  nowMs,
  nowTps: now?.produceTps,
  safeMaxTps,
  forecast,
});

/** Returns no actions without a verdict. */
export function leversOf({
  analysis,
  served,
  clientIds = {},
  ...known
}: KnownCluster & {
  analysis: Analysis | undefined;
  served: ReadCluster | undefined;
  clientIds: Readonly<Record<string, string>> | undefined;
}): readonly ShownAction[] {
  if (analysis === undefined) return [];
  const { cluster, broker } = known.status;
  const peak = peakAhead(outlookInputs(known));
  const [snapshot, traffic] = [served?.last()?.snapshot, served?.traffic()];
  const unused = snapshot === undefined ? new Set<string>() : unusedBrokers(snapshot, traffic?.brokers);
  const actions = prepareActions({
    cluster,
    broker,
    verdict: analysis,
    ...(peak && { peak }),
    ...ratesOf(traffic, broker, unused),
    ...layoutOf(snapshot, unused),
    clientIds: new Map(Object.entries(clientIds)),
    unlistedTopics: unlistedTopics(Object.keys(clientIds), served),
    ...(snapshot !== undefined && Object.keys(clientIds).length > 0 && { messageBytes: storedSizes(snapshot) }),
  });
  return actions.map((action) => withSteps(action, broker));
}

/** Topics that were deleted or hidden from the account by ACLs. Topics that the config hides may be listed. */
function unlistedTopics(names: readonly string[], served: ReadCluster | undefined): ReadonlySet<string> {
  const { topics = [], sections = [] } = served?.last()?.snapshot ?? {};
  // An old list lacks topics created since.
  const isOld = sections.some(({ section, kind }) => section === 'metadata' && kind !== 'fresh');
  if (served === undefined || isOld || topics.length === 0) return new Set();
  const listed = new Set(topics.map(({ name }) => name));
  return new Set(names.filter((name) => !listed.has(name) && isAllowed(name, served.shown.topics)));
}

function layoutOf(snapshot: ClusterSnapshot | undefined, unused: ReadonlySet<string>): Pick<EventState, 'partitions'> {
  if (snapshot === undefined) return {};
  return { partitions: new Map(snapshot.topics.map(({ name, partitions }) => [name, countsOf(partitions, unused)])) };
}

function countsOf(partitions: Topic['partitions'], unused: ReadonlySet<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { brokerName, leader } of partitions) {
    const broker = brokerName ?? leader;
    if (broker === undefined || unused.has(broker)) continue;
    counts.set(broker, (counts.get(broker) ?? 0) + 1);
  }
  return counts;
}

/** Excludes unused brokers: they make the load uneven, and moving partitions cannot change that. */
function ratesOf(
  traffic: ClusterTraffic | undefined,
  kind: EventState['broker'],
  unused: ReadonlySet<string>,
): Pick<EventState, 'topics' | 'brokers'> {
  const topics = new Map<string, number>();
  const brokers = new Map<string, number>();
  for (const [topic, { produceTps }] of traffic?.topics ?? []) {
    if (produceTps !== undefined) topics.set(topic, produceTps);
  }
  for (const [id, { produceTps }] of traffic?.brokers ?? []) {
    if (produceTps === undefined) continue;
    // In a RocketMQ group, only one member at a time accepts messages.
    const name = traitsOf(kind).brokerId.group(id);
    if (unused.has(name)) continue;
    brokers.set(name, (brokers.get(name) ?? 0) + produceTps);
  }
  return { topics, brokers };
}

/** Features of `docs/reference/permissions.md`, by the command of the user. */
const features: ByKind<readonly { commands: readonly string[]; permissions: readonly string[] }[]> = {
  kafka: Object.values(kafkaFeatures).map(({ commands, grants }) => ({
    commands,
    permissions: grants.map(({ resource, name, operation, use }) =>
      resource === 'cluster' ? `cluster: ${operation} (${use})` : `${resource} ${name}: ${operation} (${use})`,
    ),
  })),
  rocketmq: Object.values(rocketmqFeatures).map(({ commands, grants }) => ({
    commands,
    permissions:
      grants.length === 0
        ? ['an account; for RocketMQ 4.x with `admin: true` in plain_acl.yml']
        : grants.map(({ resource, name, action, use }) => `${resource} ${name}: ${action} (${use})`),
  })),
};

/** @returns the action with the steps of its commands; other kinds of actions unchanged */
export function withSteps(action: PreparedAction, broker: BrokerKind): ShownAction {
  return action.kind === 'ready' ? { ...action, steps: action.commands.map((each) => stepOf(each, broker)) } : action;
}

/** Without `--execute`, every command only plans. */
function stepOf(command: string, broker: BrokerKind): ChangeStep {
  const own = command.replace(/^plimsoll /, '');
  const feature = features[broker].find(({ commands }) => commands.some((each) => own.startsWith(`${each} `)));
  return { check: command, execute: `${command} --execute`, permissions: feature?.permissions ?? [] };
}

type BrokerRates = ClusterTraffic['brokers'];

/** @returns Kafka brokers by id, RocketMQ groups by broker name */
function unusedBrokers(snapshot: ClusterSnapshot, rates: BrokerRates = new Map()): ReadonlySet<string> {
  const { copies } = traitsOf(snapshot.cluster.kind);
  return copies === 'any-broker' ? withoutReplicas(snapshot, rates) : closedGroups(snapshot);
}

function withoutReplicas({ cluster, topics }: ClusterSnapshot, rates: BrokerRates): ReadonlySet<string> {
  // Hidden topics are missing in the snapshot, but count in the rates.
  const isIdle = (id: string) => (rates.get(id)?.produceTps ?? 0) === 0;
  const empty = new Set(cluster.brokers.map(({ id }) => id).filter(isIdle));
  for (const { partitions } of topics) {
    for (const { replicas } of partitions) for (const id of replicas) empty.delete(id);
    if (empty.size === 0) break;
  }
  // If no topics were read, nothing is known.
  return topics.length === 0 ? new Set() : empty;
}

/** Bits of PermName: 4 read, 2 write. */
const writeBit = 2;

/** Uses `brokerPermission`, or the permission of each topic. A broker without topics is new and counts as open. */
function closedGroups({ rocketmq }: ClusterSnapshot): ReadonlySet<string> {
  const { brokers = [], topics = [] } = rocketmq ?? {};
  const permissions = brokers.flatMap(({ brokerName, role, config }) => {
    const permission = role === 'slave' ? undefined : config?.get('brokerPermission');
    return permission === undefined ? [] : [{ brokerName, isOpen: (Number(permission) & writeBit) !== 0 }];
  });
  // Retry topics stay open, because consumers write to them.
  const routes = topics.flatMap((topic) => (topic.kind === 'normal' ? topic.routes : []));
  const writable = new Set(
    routes.flatMap(({ brokerName, permission, writeQueues }) =>
      permission.includes('w') && writeQueues > 0 ? [brokerName] : [],
    ),
  );
  return new Set([
    ...permissions.flatMap(({ brokerName, isOpen }) => (isOpen ? [] : [brokerName])),
    ...routes.flatMap(({ brokerName }) => (writable.has(brokerName) ? [] : [brokerName])),
  ]);
}
