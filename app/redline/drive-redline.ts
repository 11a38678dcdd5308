// Opens the measurements of a redline, raises the load, and closes its run bundle.

import type { Io } from '../../brokers/driver.ts';
import { driverOf } from '../../brokers/registry.ts';
import type { TelemetryEnvironment } from '../../core/documents/evidence/telemetry.ts';
import type { RedlineStop } from '../../core/documents/redline.ts';
import type { RunDocument } from '../../core/documents/run-bundle.ts';
import type { LoadTestPermission } from '../../core/policy/load-test-permission.ts';
import { AppError, endOfWait } from '../../core/errors.ts';
import { basename } from 'node:path';
import { openHost } from '../../hosts/registry.ts';
import { createBundle } from '../../loadgen/record/bundle/bundle-writer.ts';
import type { Breach } from '../../loadgen/guard/guard.ts';
import type { TopicFilter } from '../../ops/redline/live-load.ts';
import type { RedlineDriver, RedlineTools } from '../../ops/redline/redline-driver.ts';
import { createLoadGuard, guardConfigOf, noDiskGuardText } from '../load-test/load-guard.ts';
import { readProvenance } from '../load-test/provenance.ts';
import { watchGcLogs } from '../load-test/telemetry/gc-log-watch.ts';
import { createTelemetrySource } from '../load-test/telemetry/telemetry.ts';
import { watchedStores } from '../load-test/watched-stores.ts';
import { stateFolderOf } from '../caller.ts';
import { watchCanary } from './canary-latency.ts';
import { measuredUses } from './measured-uses.ts';
import { readCluster, type RecordedCluster } from './recorded-cluster.ts';
import type { LivePlan } from './plan-live.ts';
import { faultStop, type Raised, raiseLoad } from './raise-load.ts';
import { recordLive } from './record-live.ts';
import type { RedlineCaller, RedlineSetting } from './redline-request.ts';
import { hostIn } from '../observe/host-names.ts';
import { withLast } from '../observe/read-once.ts';
import type { GroupSnapshot } from '../../brokers/snapshot.ts';
import { named } from '../../core/text/bilingual.ts';

export interface DriveParts {
  setting: RedlineSetting;
  live: LivePlan;
  permission: LoadTestPermission;
  bundle: string;
  only: TopicFilter;
  tell(line: string): void;
  progress(line: string): void;
}

export type RedlineDrive = Awaited<ReturnType<typeof openDrive>>;

const completed: ReadonlySet<RedlineStop['code']> = new Set(['limit', 'no-partitions', 'budget']);

/** Runs before any change. @throws AppError guard-input-unreadable, load-stopped, run-exists, no-space; errors of host and cluster */
export async function openDrive(io: RedlineCaller, parts: DriveParts) {
  const { setting, live, permission, bundle: directory, only, tell } = parts;
  const { name, cluster, config, driver, policy, brokerHosts } = setting;
  const { id } = driver.broker;
  const product = driverOf(cluster);
  const { clock, signal } = io;
  await using opening = new AsyncDisposableStack();
  const inspector = withLast(opening.use(await product.inspect(name, cluster, { signal })));
  const host = brokerHosts[id]?.host ?? '';
  const stateDirectory = stateFolderOf(io);
  const probe = openHost(host, hostIn(config, host), { stateDirectory });
  const topics = live.topics.filter(only);
  const { groups } = await inspector.snapshot({ signal });
  const { partitionTps } = live;
  const { partitionName } = driver;
  const watched = watchedGroups(groups, io.options['ignore-group'], { topics, partitionTps, partitionName });
  for (const line of watched.notices) tell(line);
  const telemetry = opening.use(
    createTelemetrySource({
      cluster: name,
      inspector,
      brokerHosts,
      hosts: [{ name: host, probe }],
      generatorHost: '',
      topics,
      groups: new Map(watched.names.map((group) => [group, [group]])),
      watches: [
        await product.watchBrokers(name, cluster, { topics }),
        watchGcLogs({
          brokers: async (its) => (await inspector.describe(its)).brokers,
          stated: Object.fromEntries(Object.entries(brokerHosts).filter(([each]) => each === id)),
          probes: new Map([[host, probe]]),
        }),
      ],
      clock,
    }),
  );
  const { generatorHost: _, ...environment } = await telemetry.describe({ signal });
  const guardConfig = guardConfigOf(config);
  const own = { ...environment, brokers: environment.brokers.filter((each) => each.id === id) };
  const { recorded, seen, limits } = await readCluster(
    { name, cluster, hosts: config.hosts, inspector, stateDirectory, clock },
    { signal },
  );
  const unread = seen.flatMap(({ broker, trouble }) => (trouble === undefined ? [] : [`broker ${broker}: ${trouble}`]));
  if (unread.length > 0) {
    tell(`machines not recorded, so a report cannot show whether they changed since (${unread.join('; ')})`);
  }
  const ownCoverage = seen.filter(({ broker }) => broker === id);
  const { stores, unwatched } = watchedStores(ownCoverage, limits, new Map([[host, probe]]));
  for (const { broker, reason } of unwatched) tell(noDiskGuardText(broker, reason));
  const guard = await createLoadGuard(
    {
      config: guardConfig,
      permission,
      environment: own,
      stores,
      inspector,
      groups: [],
      directory,
      clock,
      onNotice: tell,
    },
    { signal },
  );
  const document = await documentOf(parts, environment, recorded, { signal, now: clock.now() });
  const bundle = opening.use(await createBundle(directory, document));
  const opened = opening.move();
  let breach: Breach | undefined;
  const over = new AbortController();

  return {
    /** @throws AppError lease-lost, change-under-way; the signal's reason. Other faults end the load and become the stop reason. */
    async raise(tools: RedlineTools): Promise<Raised> {
      const within = { signal: AbortSignal.any([tools.signal, over.signal]) };
      const watching = guard.watch({ ...within, onBreach: (each) => (breach ??= each) }).catch(endOfWait);
      const canaryTopic = io.options.canary;
      await using canary =
        canaryTopic === undefined
          ? undefined
          : watchCanary(io, { name, cluster, broker: driver.broker.name, topic: canaryTopic });
      await using recorder = await recordLive(
        {
          driver,
          only,
          bundle,
          telemetry,
          environment: own,
          ...(canary && { canary }),
          clock,
          see: (records) => guard.see(records),
        },
        within,
      );
      const end = async (status: 'completed' | 'stopped' | 'aborted', reason: string) => {
        over.abort(new Error('the load is over'));
        await recorder[Symbol.asyncDispose]();
        recorder.write({ kind: 'run-ended', elapsedSeconds: recorder.elapsed(), status, reason });
        await recorder.flush();
        await watching;
      };
      let moves = 0;
      try {
        const raised = await raiseLoad({
          setting,
          recorder,
          tools,
          originals: live.originals,
          measure: () =>
            measuredUses(directory, { policy, maxNicShare: permission.maxNicShare, growthOf: driver.growthOf }, within),
          guard: guardConfig,
          maxNicShare: permission.maxNicShare,
          clusterTps: live.basis.clusterTps,
          groupTps: watched.groupTps,
          ...(canary && { canary }),
          breach: () => breach,
          tell,
          progress: parts.progress,
          moved: (all) => (moves = all),
        });
        await end(completed.has(raised.stop.code) ? 'completed' : 'stopped', raised.stop.message);
        return raised;
      } catch (cause) {
        const stop = tools.signal.aborted ? undefined : faultStop(cause);
        const reason = cause instanceof Error ? cause.message : String(cause);
        await end(tools.signal.aborted ? 'aborted' : 'stopped', reason);
        if (stop === undefined) throw cause;
        return { stop, moves };
      }
    },
    async [Symbol.asyncDispose]() {
      over.abort(new Error('the redline is over'));
      await opened[Symbol.asyncDispose]();
    },
  };
}

async function documentOf(
  { setting: { name, cluster }, live, permission, bundle }: DriveParts,
  environment: TelemetryEnvironment,
  { hosts, ...recorded }: RecordedCluster,
  { signal, now }: Io & { now: Date },
): Promise<RunDocument> {
  const { versions, gitCommit } = await readProvenance({ signal });
  const id = basename(bundle);
  if (!/^\w[\w.-]{0,127}$/.test(id))
    throw new AppError('usage', `--out ${bundle}: the folder needs a plain name, such as redline-20260618-010000`);
  return {
    schemaVersion: 1,
    id,
    broker: cluster.broker,
    cluster: name,
    // The producers are live clients, so their workload is unknown.
    workload: {},
    origin: 'redline',
    startedAt: now.toISOString(),
    environment: { ...environment, hosts: othersToo(environment.hosts, hosts) },
    ...recorded,
    versions,
    ...(gitCommit !== undefined && { gitCommit }),
    loadTest: permission,
    redline: live.basis,
  };
}

/** The broker's own host first, as described by its telemetry. */
const othersToo = (own: TelemetryEnvironment['hosts'], all: TelemetryEnvironment['hosts']) => [
  ...own,
  ...all.filter(({ host }) => own.every((each) => each.host !== host)),
];

type Traffic = Pick<LivePlan, 'topics' | 'partitionTps'> & Pick<RedlineDriver, 'partitionName'>;

/** Consumers that assign partitions to themselves, such as Flink, are not members; nor does an abandoned group have members. */
export function watchedGroups(
  groups: readonly GroupSnapshot[],
  ignored: readonly string[],
  { topics, partitionTps, partitionName }: Traffic,
) {
  const read = new Set(topics);
  const known = groups.map(({ name, members, partitions }) => {
    const own = [...partitions].filter(({ topic, committed }) => read.has(topic) && committed !== undefined);
    const tps = own.reduce((sum, each) => sum + (partitionTps.get(partitionName(each)) ?? 0), 0);
    return { name, tps, isReader: own.length > 0, hasNoMember: members === 0, isIgnored: ignored.includes(name) };
  });
  const watched = known.filter(({ isIgnored }) => !isIgnored);
  const leftOut = known.filter(({ isIgnored, isReader }) => isIgnored && isReader);
  const memberless = watched.filter(({ hasNoMember, isReader }) => hasNoMember && isReader);
  const noticeOf = (text: (names: string) => string, some: typeof known) =>
    some.length === 0 ? [] : [text(named(some.map(({ name }) => name)))];
  return {
    names: watched.map(({ name }) => name),
    /** Messages per second of the partitions in which each group has committed; absent without traffic. */
    groupTps: new Map(watched.flatMap(({ name, tps }) => (tps > 0 ? [[name, tps] as const] : []))),
    /** Sentences without a full stop: groups that are omitted, and groups that may have to be. */
    notices: [
      ...noticeOf((names) => `the lag of ignored groups is not judged: ${names}`, leftOut),
      ...noticeOf(
        (names) =>
          `groups without members: ${names}; growing lag of one ends the redline: --ignore-group leaves out those that no client reads for`,
        memberless,
      ),
    ],
  };
}
