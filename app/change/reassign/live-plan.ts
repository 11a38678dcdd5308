// Plans a reassignment from the current state and write rates of a cluster.

import type { ClusterSnapshot } from '../../../brokers/snapshot.ts';
import type { KafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import { kafkaDriver } from '../../../brokers/kafka/driver.ts';
import type { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { defined } from '../../../core/defined.ts';
import { AppError } from '../../../core/errors.ts';
import { naturalOrder } from '../../../core/text/natural-order.ts';
import { nonPreferredLeadersFinding, nonPreferredLeaders } from '../../../ops/kafka/live/non-preferred-leaders.ts';
import { busiest, byPartition, partitionKey } from '../../../ops/kafka/live/broker-load.ts';
import { topicRates } from '../../../ops/kafka/live/choose-topics.ts';
import { copyRateUnknown } from '../../../ops/kafka/live/copy-rate.ts';
import { liveFindings } from '../../../ops/kafka/live/live-findings.ts';
import { defaultBackoffMs, fetchBackoff, handOversIn, writesWait } from '../../../ops/kafka/live/writes-wait.ts';
import { readCluster, type LiveCluster } from '../../../ops/kafka/live/read-cluster.ts';
import { usableRacks } from '../../../ops/kafka/live/usable-racks.ts';
import { balanceFindings } from '../../../ops/kafka/reassign/balance-findings.ts';
import { buildProblem } from '../../../ops/kafka/reassign/build-problem.ts';
import { Brokers } from '../../../ops/kafka/reassign/files.ts';
import { slowestLink } from '../../../ops/kafka/reassign/pace.ts';
import { planFindings } from '../../../ops/kafka/reassign/plan-findings.ts';
import { planReassignment, type KafkaPartition } from '../../../ops/kafka/reassign/plan-reassignment.ts';
import { factorOf, requestedGoal, type RequestedGoal } from './goal.ts';
import { approvedTarget } from './approved-target.ts';
import { requestedTopics } from './topics.ts';
import { readInput, type MadePlan } from './made-plan.ts';
import { paceOf, toleranceOf, type ReassignCaller } from './reassign-request.ts';
import { finding, findingIf } from '../../../ops/change/change-kind.ts';
import { named } from '../../../core/text/bilingual.ts';
import type { KafkaMetadata } from '../../../brokers/kafka/client.ts';
import type { HostsConfig } from '../../../hosts/config.ts';

/** Findings for script users: `--execute` does these steps itself. */
const ofScripts: ReadonlySet<string> = new Set(['preferred-election', 'verify-each-wave']);

/** Addresses that a client needs to find the others. */
const mostServers = 3;

export interface LivePlan extends MadePlan, RequestedGoal {
  cluster: LiveCluster;
  snapshot: ClusterSnapshot;
  /** min.insync.replicas by topic, without topics that could not be read. */
  minInSync: ReadonlyMap<string, number>;
  networkBytesPerSecond?: number;
  /**
   * Maximum time that writes to a partition wait for its hand-over, and maximum share of all writes that wait;
   * absent: unlimited.
   */
  handOvers?: { waitSeconds: number; share: number };
  /** Partitions that keep their replicas and only get their preferred leader; filled if only leaders were requested. */
  toElect: readonly KafkaPartition[];
}

/** @returns bytes per second of the link of a host, as the config file states it */
function configuredLink(hosts: HostsConfig, host: string | undefined): number | undefined {
  const bitsPerSecond = host === undefined ? undefined : hosts[host]?.network.speed;
  return bitsPerSecond === undefined ? undefined : bitsPerSecond / 8;
}

/** @throws AppError usage, unsupported-broker, reassignment-impossible, change-refused, broker-unreachable */
export async function planLive(
  io: ReassignCaller,
  { name, config, hosts }: { name: string; config: KafkaClusterConfig; hosts: HostsConfig },
  changes: KafkaChanges,
): Promise<LivePlan> {
  const { options, signal } = io;
  const { interval, 'cut-retention': cut } = options;
  const pace = paceOf(options);
  const typed = requestedGoal(options);
  await using inspector = await kafkaDriver.inspect(name, config, io, { allCommits: cut !== undefined });
  const before = await inspector.snapshot({ signal }, { groups: [] });
  const at = io.clock.monotonic();
  const cluster = await readCluster(changes, { clock: io.clock, sample: interval }, io);
  const { requested, findings: goneFindings } = leaveOutGone(typed, cluster);
  const snapshot = await inspector.snapshot({ signal });
  const rates = topicRates(before.offsets, snapshot.offsets, io.clock.monotonic() - at);
  const given = options.brokers === undefined ? [] : await readInput(options, 'brokers', Brokers, signal);
  const known = cluster.brokers.map((broker) => {
    const stated = given.find(({ id }) => id === broker.id);
    const network = options.network ?? configuredLink(hosts, config.brokers[broker.id]?.host);
    const capacity = { ...(network !== undefined && { networkBytesPerSecond: network }), ...stated?.capacity };
    return { ...broker, ...stated, ...(Object.keys(capacity).length > 0 && { capacity }) };
  });
  const { brokers, findings: rackFindings } = usableRacks(known, requested.remove);
  const silent = cluster.absent.find((id) => !requested.remove.includes(id));
  if (silent !== undefined) {
    throw new AppError('change-refused', `broker ${silent} has replicas, but is not in the cluster now`, {
      hint: `start it, or plan with --remove ${silent}: partitions with another replica are copied from it`,
    });
  }
  refuseAbsent(cluster.metadata, typed, given);
  // A new broker may already hold new topics, whatever their names: it is balanced as well.
  const holding = new Set(cluster.assignment.partitions.flatMap(({ replicas }) => replicas));
  const partitions = byPartition(cluster.metadata);
  const cordoned = new Set(cluster.disks.filter(({ disk }) => disk.isCordoned).map(({ disk }) => disk.broker));
  const { problem, leftBehind } = buildProblem({
    cordoned,
    assignment: cluster.assignment,
    brokers,
    sizes: cluster.sizes,
    add: requested.add.filter((id) => !holding.has(id)),
    remove: requested.remove,
    isChosen: await requestedTopics(io, cluster.assignment, { name, rates }),
    factor: factorOf(requested.goal),
    isLagging: (each, id) => !(partitions.get(partitionKey(each))?.inSyncReplicas.includes(String(id)) ?? true),
  });
  const networkBytesPerSecond = slowestLink(brokers);
  const incoming = pace.incoming ?? Math.ceil(busiest(cluster.load.incoming));
  const balance = { written: cluster.load.written, tolerance: toleranceOf(options) };
  const target = await approvedTarget(io);
  const plan = planReassignment(problem, { ...pace, ...balance, incoming, goal: requested.goal, target });
  const staying = cluster.metadata.brokers.filter(({ id }) => !requested.remove.includes(Number(id)));
  const minInSync = minInSyncOf(snapshot);
  const astray = nonPreferredLeaders(cluster.metadata, problem.partitions, plan.plan.partitions);
  const isElected = requested.goal.kind === 'leaders';
  const delayed = options['delayed-writes'];
  const share = delayed === 'off' ? undefined : delayed;
  const handOvers = [
    ...handOversIn(plan.plan.partitions, plan.rollback.partitions),
    ...(isElected ? astray.map(({ topic, partition }) => ({ topic, partition })) : []),
  ];
  const backoffs = handOvers.length > 0 ? await backoffsOf(cluster, changes, io) : new Map<number, number>();
  const wait = writesWait(backoffs, {
    handOvers,
    written: cluster.load.written,
    ...(share !== undefined && { share }),
  });
  const findings: Finding[] = [
    ...liveFindings(cluster, {
      plan: plan.plan.partitions,
      waves: plan.waves,
      leaving: requested.remove,
      minInSync,
      version: snapshot.cluster.version,
    }),
    ...(requested.goal.kind === 'leaders' ? [] : rackFindings),
    ...cordonFindings(requested, cordoned),
    ...goneFindings,
    ...planFindings(problem, plan, { leftBehind, incoming, absent: cluster.absent }).filter(
      ({ code }) => !ofScripts.has(code) && !(code === 'even-already' && requested.goal.kind === 'as-is'),
    ),
    ...balanceFindings(problem, plan, requested.goal, balance),
    ...(wait === undefined ? [] : [wait]),
    ...copyRateUnknown(plan, { networkBytesPerSecond, throttleBytesPerSecond: options.throttle }),
    ...nonPreferredLeadersFinding(astray, isElected),
  ];
  return {
    ...requested,
    plan,
    findings,
    servers: {
      bootstrap: staying.slice(0, mostServers).map(({ address }) => address),
      // Since 2.6, kafka-reassign-partitions.sh connects to brokers (KAFKA-8820).
      mayNeedZooKeeper: naturalOrder(snapshot.cluster.version ?? '', '2.6') < 0,
      isSecured: config.tls !== undefined || config.sasl !== undefined,
    },
    cluster,
    snapshot,
    minInSync,
    toElect: isElected ? astray : [],
    ...(share !== undefined && {
      handOvers: {
        share,
        waitSeconds: Math.max(0, ...backoffs.values(), ...(backoffs.size === 0 ? [defaultBackoffMs] : [])) / 1000,
      },
    }),
    ...defined({ networkBytesPerSecond }),
  };
}

function cordonFindings({ goal, remove }: RequestedGoal, cordoned: ReadonlySet<number>): Finding[] {
  const staying = [...cordoned].filter((id) => !remove.includes(id)).map(String);
  const isPlaced = goal.kind === 'even' || goal.kind === 'factor';
  return findingIf(isPlaced && staying.length > 0, 'warning', 'brokers-cordoned', {
    en: `Brokers that get no replicas, because all of their log directories are cordoned (cordoned.log.dirs): ${named(staying)}. To use them, remove that setting, and plan again.`,
    zh: `以下 Broker 的所有日志目录都已封锁（cordoned.log.dirs），不会迁入副本：${named(staying, 5, 'zh')}。若要使用，请删除该配置，然后重新制定计划。`,
  });
}

function minInSyncOf({ kafka }: ClusterSnapshot): Map<string, number> {
  return new Map(
    (kafka?.topicConfigs ?? []).flatMap(({ topic, minInSyncReplicas }) =>
      minInSyncReplicas === undefined ? [] : [[topic, minInSyncReplicas] as const],
    ),
  );
}

/** Reads each broker that responds; permission may be missing. */
async function backoffsOf({ brokers }: LiveCluster, changes: KafkaChanges, { signal }: ReassignCaller) {
  const backoffs = await Promise.all(
    brokers.map(async ({ id }) => {
      const of = { kind: 'broker', name: String(id) } as const;
      const settings = await changes.settingsOf(of, [fetchBackoff], { signal }).catch((cause: unknown) => {
        if (cause instanceof AppError) return undefined;
        throw cause;
      });
      return [id, Number(settings?.get(fetchBackoff)?.value ?? Number.NaN)] as const;
    }),
  );
  return new Map(backoffs.filter(([, milliseconds]) => Number.isFinite(milliseconds)));
}

/**
 * Removes absent brokers from the request. If nothing else is requested, the plan moves nothing: an absent broker is no
 * reason to balance the others.
 */
export function leaveOutGone(
  requested: RequestedGoal,
  { brokers }: Pick<LiveCluster, 'brokers'>,
): { requested: RequestedGoal; findings: Finding[] } {
  const isKnown = (id: number) => brokers.some((broker) => broker.id === id);
  const gone = requested.remove.filter((id) => !isKnown(id));
  if (gone.length === 0) return { requested, findings: [] };
  const remove = requested.remove.filter(isKnown);
  const isNothingLeft = requested.goal.kind === 'even' && remove.length + requested.add.length === 0;
  return {
    requested: { ...requested, remove, ...(isNothingLeft && { goal: { kind: 'as-is' as const } }) },
    findings: gone.map((id) =>
      finding('info', 'nothing-to-remove', {
        en: `Broker ${id} is not in the cluster and has no replicas: there is nothing to move.`,
        zh: `Broker ${id} 不在集群中，也没有副本：无需迁移。`,
      }),
    ),
  };
}

/** @param given brokers of --brokers, which may also list leaving brokers. @throws AppError change-refused */
export function refuseAbsent(
  { brokers }: Pick<KafkaMetadata, 'brokers'>,
  { goal, add, remove }: RequestedGoal,
  given: Brokers,
): void {
  const present = new Set(brokers.map(({ id }) => Number(id)));
  const named = [
    ...add.map((id) => ({ id, option: '--add' })),
    ...(goal.kind === 'replace' ? [{ id: goal.to, option: '--replace' }] : []),
    ...given.filter(({ id }) => !remove.includes(id)).map(({ id }) => ({ id, option: '--brokers' })),
  ];
  const absent = named.find(({ id }) => !present.has(id));
  if (absent === undefined) return;
  throw new AppError('change-refused', `broker ${absent.id} of ${absent.option} is not in the cluster now`, {
    hint: 'start it, and run the command again',
  });
}
