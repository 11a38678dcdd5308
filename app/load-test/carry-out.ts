// Runs a planned load test and returns its result.

import { resolvePolicy } from '../../core/policy/policy-config.ts';
import { driverOf } from '../../brokers/registry.ts';
import { defined } from '../../core/defined.ts';
import { openHost } from '../../hosts/registry.ts';
import type { Resumption } from '../../loadgen/record/bundle/resumption.ts';
import { groupsInTopics } from '../../loadgen/plan/group-in-topic.ts';
import type { RunPlan } from '../../loadgen/plan/plan.ts';
import { checkVersionFit } from '../../loadgen/plan/workload/broker-fit.ts';
import { nameOfWorker } from '../../loadgen/remote/worker-name.ts';
import { runLoadTest, type RunOutcome } from '../../loadgen/execute/run.ts';
import { startTrafficThread } from '../../loadgen/execute/workers/traffic-thread.ts';
import { clusterArgs, clusterIn, configArgs, verifyLive } from '../observe/named-cluster.ts';
import type { RunCaller, RunRequest } from './run-request.ts';
import type { Config } from '../config/config-file.ts';
import { describedOnce, settingsOnce, withLast } from '../observe/read-once.ts';
import { stateFolder } from '../../core/user-folders.ts';
import { readProvenance } from './provenance.ts';
import { searchStart } from './search-start.ts';
import { watchGcLogs } from './telemetry/gc-log-watch.ts';
import { createTelemetrySource } from './telemetry/telemetry.ts';
import { awaitDegraded, hostsLeft, wantedDegraded } from './degraded.ts';
import { calibrationOf } from './calibration.ts';
import { openWorkers } from './open-workers.ts';
import { hostIn, hostsOfBrokers, hostsOfProxies } from '../observe/host-names.ts';
import { checkPlan, prepareLoad, type PrepareParts } from './prepare-load.ts';
import { shortStepTexts } from './notices.ts';
import { createLimitJudge } from '../../analyzer/verdict/limits/trial-limit.ts';
import type { ConfiguredLimits } from '../../core/documents/evidence/configured-limits.ts';
import type { LimitJudge } from '../../core/limit-judge.ts';
import type { Policy } from '../../core/policy/policy.ts';
import type { ClusterCheckReport } from '../../core/documents/cluster-check-report.ts';
import { clusterCheckReport } from '../../ops/cluster-check/report.ts';
import { readRules } from '../../ops/cluster-check/rules.ts';
import { lookAtCluster, type LookParts } from '../cluster-check/look.ts';

/** Name of the generator's host if none is configured. */
const unnamedGenerator = 'generator';

interface PlannedRun {
  plan: RunPlan;
  config: Config;
  request: RunRequest;
  resumption?: Resumption | undefined;
}

export async function carryOut({ plan, config, request, resumption }: PlannedRun, io: RunCaller): Promise<RunOutcome> {
  const { environment, clock, tell, onProgress } = io;
  const recorded = resumption?.document.degraded;
  const wanted = resumption === undefined ? await wantedDegraded(request, io) : recorded && { lost: recorded.lost };
  const { name, config: cluster } = clusterIn(config, plan.cluster.name);
  const permission = checkPlan(plan, cluster, clock);
  const policy = resolvePolicy(config.analyzer);
  for (const text of shortStepTexts(plan, policy)) tell(text);
  const driver = driverOf(cluster);
  await using opened = await driver.inspect(name, cluster, io);
  const live = await opened.describe(io);
  verifyLive({ name, config: cluster }, live);
  checkVersionFit(plan.workload, live.newestVersion ?? live.version);
  await using admin = await driver.administer(name, cluster, io);
  const generatorHost = config.loadgen?.host ?? unnamedGenerator;
  const { names: topics } = plan.topic;
  const degraded = wanted && (await awaitDegraded({ wanted, recorded, topics, inspector: opened, clock, tell }, io));
  // Brokers may have failed during the wait for the degraded state.
  const inspector = withLast(describedOnce(opened, degraded === undefined ? live : undefined));
  const lost = degraded?.lost ?? [];
  const brokerHosts =
    degraded === undefined
      ? hostsOfBrokers(live.brokers, cluster.brokers, config.hosts)
      : hostsLeft({ before: live.brokers, left: (await inspector.describe(io)).brokers, lost }, cluster, config.hosts);
  const alive = Object.entries(brokerHosts).filter(([id]) => !lost.includes(id));
  const proxyHosts = hostsOfProxies(cluster, config.hosts);
  const machines = config.loadgen?.workers?.machines ?? [];
  const reachable = machines.flatMap(({ host }) => host ?? []);
  // A self-registering worker is recorded by its name, so that the analysis reports it as not monitored.
  const workerHosts = machines.filter(({ local }) => local === undefined).map((own) => own.host ?? nameOfWorker(own));
  const watched = new Set([...alive.map(([, { host }]) => host), ...proxyHosts, generatorHost, ...reachable]);
  const stateDirectory = stateFolder(environment);
  const probes = new Map(
    [...watched].map((host) => [host, openHost(host, hostIn(config, host), { stateDirectory })] as const),
  );
  await using telemetry = createTelemetrySource({
    cluster: name,
    inspector,
    brokerHosts,
    hosts: [...probes].map(([host, probe]) => ({ name: host, probe })),
    generatorHost,
    workerHosts,
    proxyHosts,
    topics: plan.topic.names,
    groups: new Map(plan.groups.map(({ name }) => [name, groupsInTopics(name, plan.topic.names)])),
    lost,
    watches: [
      await driver.watchBrokers(name, cluster, { topics: plan.topic.names }),
      watchGcLogs({
        brokers: async (its) => (await inspector.describe(its)).brokers,
        stated: Object.fromEntries(alive),
        probes,
      }),
    ],
    clock,
  });
  const acceptBlind = request.acceptBlind === true || plan.acceptBlind === true;
  const { guard, configuredLimits, settings, stores, mostMessageBytes, preflight } = await checkBeforeRun(
    {
      plan,
      config,
      cluster: { ...cluster, ...(degraded && { brokers: brokerHosts }) },
      permission,
      inspector,
      probes,
      lost,
      acceptBlind,
      onNotice: tell,
      environment,
      clock,
    },
    {
      isResumed: resumption !== undefined,
      args: clusterArgs({ config: request.configFile }, name),
      // The message is a command, which finds no cluster after such a run.
      tell: request.endsCluster === true ? () => {} : tell,
    },
    io,
  );
  const provenance = await readProvenance(io);
  const search = searchStart(plan, config, configuredLimits.quotas, brokerHosts);
  const calibration =
    resumption === undefined
      ? await calibrationOf(
          {
            plan,
            // Floor and ceiling of this machine do not apply to remote workers.
            wanted: config.loadgen?.workers === undefined ? request.calibrate : false,
            brokers: (await inspector.describe(io)).brokers.length,
            ...(search && { startTps: search.options.start }),
            versions: provenance.versions,
            startThread: startTrafficThread,
            environment,
            clock,
            tell,
          },
          io,
        )
      : undefined;
  const judgeLimits = limitJudgeOf(plan, policy, configuredLimits);
  // Without workers, threads of this process send everything.
  const { workers } = config.loadgen ?? {};
  await using crew = workers && (await openWorkers(workers, config, io));
  const tools = {
    admin,
    inspector,
    openInspector: (its: { signal: AbortSignal }) => driver.inspect(name, cluster, its),
    telemetry,
    startThread: crew?.startThread ?? startTrafficThread,
    ...(crew && { shares: crew.shares }),
    ...(workers?.onLoss === 'move' && { lostWorker: 'move' as const }),
    onProgress,
    guard,
    configArgs: configArgs(request.configFile),
    recorded: {
      loadTest: permission,
      configuredLimits,
      settings,
      ...defined({ preflight, degraded, stores, rehearsal: request.rehearsal }),
    },
    ...defined({ calibration, search, judgeLimits }),
    ...provenance,
  };
  const allowed = {
    ...plan,
    maxTps: permission.maxTps,
    acceptBlind,
    ...(mostMessageBytes !== undefined && { mostMessageBytes }),
  };
  // Awaited here, because its resources are closed on return.
  return await runLoadTest(allowed, tools, io, resumption);
}

/** @returns undefined for a run without a search, whose steps the analysis judges */
function limitJudgeOf(
  { id, cluster, search, messageBytes }: RunPlan,
  policy: Policy,
  configuredLimits: ConfiguredLimits,
): LimitJudge | undefined {
  if (search === undefined) return undefined;
  return createLimitJudge(
    {
      id,
      cluster: cluster.name,
      broker: cluster.broker,
      workload: { messageBytes: Math.round(messageBytes) },
      configuredLimits,
    },
    policy,
  );
}

/** @returns no cluster check for a resumed run, whose bundle contains it. @throws AppError of `prepareLoad` */
async function checkBeforeRun(
  parts: Omit<PrepareParts, 'lookup'>,
  { isResumed, ...check }: { isResumed: boolean; args: string; tell(text: string): void },
  io: { signal: AbortSignal },
) {
  const { plan, config, cluster, inspector, probes, clock } = parts;
  const { name } = plan.cluster;
  await using opened = await driverOf(cluster).lookUp(name, cluster, io);
  const lookup = settingsOnce(opened);
  const { snapshot, machines, ...prepared } = await prepareLoad({ ...parts, lookup }, io);
  const { hosts } = config;
  const known = { inspector, lookup, ...(snapshot && { snapshot }), machines };
  const all = { ...check, name, config: cluster, ...known, hosts, probes, clock };
  const preflight = isResumed ? undefined : await clusterCheckStamp(all, io);
  return { ...prepared, ...(preflight && { preflight }) };
}

/** Longest delay of a run by the check; it then continues without it. */
const patienceSeconds = 30;
/** Limits the size of run.json at about 1 kB each. The counts include all. */
const mostFindings = 200;

/** @returns undefined if the cluster could not be read in time, which does not affect the run */
export async function clusterCheckStamp(
  { clock, tell, ...parts }: Omit<LookParts, 'mustNotLose'> & { tell(text: string): void },
  { signal }: { signal: AbortSignal },
): Promise<ClusterCheckReport | undefined> {
  const io = { signal: AbortSignal.any([signal, AbortSignal.timeout(patienceSeconds * 1000)]) };
  try {
    const { checked, notices } = await lookAtCluster({ ...parts, clock, mustNotLose: false }, io);
    if (checked.snapshot === undefined) return undefined;
    const report = clusterCheckReport({ checked, rules: readRules(), waivers: [], now: clock.now(), notices });
    const { critical, warning } = report.counts;
    if (critical + warning > 0) {
      tell(
        `cluster check: ${critical} critical, ${warning} warnings; \`plimsoll cluster check${parts.args}\` shows them`,
      );
    }
    return { ...report, findings: report.findings.slice(0, mostFindings) };
  } catch (cause) {
    signal.throwIfAborted();
    if (!io.signal.aborted) throw cause;
    tell(`cluster check: no result within ${patienceSeconds} s; the run continues without it`);
    return undefined;
  }
}
