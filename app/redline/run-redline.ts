// Plans a redline, executes it as a change with a journal, or ends a stopped one; then analyzes its bundle.

import { join, resolve } from 'node:path';
import { driverOf } from '../../brokers/registry.ts';
import type { ClusterConfig } from '../../brokers/config.ts';
import type { RedlineDocument } from '../../core/documents/redline.ts';
import { redlineTerms } from '../../core/broker-kind/redline-terms.ts';
import { defined } from '../../core/defined.ts';
import { AppError } from '../../core/errors.ts';
import { leastStepSeconds, type Policy } from '../../core/policy/policy.ts';
import { resolvePolicy } from '../../core/policy/policy-config.ts';
import { pluralText } from '../../core/text/quantity-text.ts';
import { openHost } from '../../hosts/registry.ts';
import { checkRedlinePermission } from '../../loadgen/guard/permission.ts';
import type { Arrival } from '../../ops/change/carry-out.ts';
import type { ChangeJournal } from '../../ops/change/journal.ts';
import { layoutChange, type TopicFilter } from '../../ops/redline/live-load.ts';
import { type RedlineActions, redlineChange, RedlineFacts, redlineSteps } from '../../ops/redline/redline-change.ts';
import type { RedlineDriver } from '../../ops/redline/redline-driver.ts';
import { beginChange, claimsOf, continueBegun, refuseBegun } from '../change/journaled-change.ts';
import { plannedSteps } from '../change/planned-steps.ts';
import { offerForApproval } from '../change/require-approval.ts';
import { actionOf } from '../change/run-change.ts';
import { type Config, configPath, loadConfig } from '../config/config-file.ts';
import { hostIn, hostsOfBrokers } from '../observe/host-names.ts';
import { clusterOf, type NamedEntry, verifyCluster } from '../observe/named-cluster.ts';
import { stateFolderOf } from '../caller.ts';
import { carryRedline, type RedlineView } from './carry-redline.ts';
import { openDrive, type RedlineDrive } from './drive-redline.ts';
import { planLive } from './plan-live.ts';
import type { RedlineCaller, RedlineSetting } from './redline-request.ts';
import type { Analysis } from '../../core/documents/analysis.ts';
import { analyzeBundle } from '../../analyzer/verdict/analyze.ts';
import type { Io } from '../../brokers/driver.ts';
import { readVerdict } from '../analysis/verdict-comparison.ts';
import { openKafkaChanges } from '../../brokers/kafka/changes/kafka-changes.ts';
import { openChangeDesk } from '../../brokers/rocketmq/changes/change-desk.ts';
import { byKind } from '../../core/broker-kind/registry.ts';
import type { Clock } from '../../core/clock.ts';
import { kafkaRedline } from '../../ops/kafka/redline/kafka-redline.ts';
import { rocketmqRedline } from '../../ops/rocketmq/redline/rocketmq-redline.ts';

/** Context of a redline in every mode. */
type Redline = Parameters<typeof carryRedline>[0] &
  Pick<RedlineCaller, 'clock' | 'signal'> & {
    io: RedlineCaller;
    entry: NamedEntry;
    policy: Policy;
    driver: RedlineDriver;
    claims: { change: string; subject: string; path: string };
  };

type PlannedRedline = Awaited<ReturnType<typeof planRedline>>;

/**
 * @throws AppError usage, load-test-refused, change-refused, wrong-cluster, cluster-id-missing; change-under-way and other errors of
 *   the lease; change-stopped if the layout is not restored, which --abort does
 */
export async function runRedline(io: RedlineCaller, view: RedlineView): Promise<RedlineDocument> {
  const { options, signal, clock } = io;
  const action = actionOf(options);
  const config = await loadConfig(configPath(options.config), { signal });
  const { name, config: cluster } = await clusterOf(io);
  const kind = cluster.broker;
  const policy = resolvePolicy(config.analyzer);
  const { broker, 'ignore-group': ignoredGroups, gone } = options;
  await using driver = openRedline(name, cluster, { broker, clock, ignoredGroups, gone });
  const entry = { name, config: cluster };
  const claims = claimsOf(io, { cluster: name, change: redlineChange, subject: `broker ${driver.broker.name}` });
  const redline: Redline = { io, entry, kind, policy, driver, view, clock, signal, claims };
  if (action === 'resume' || action === 'abort') {
    const undoSummary = `broker ${driver.broker.name} of cluster ${name}: ${redlineTerms[kind].undo}.`;
    const continued = { ...claims, schema: RedlineFacts, action, undoSummary };
    const { result, state } = await continueBegun(io, entry, continued, (held) => carryRedline(redline, held));
    return await outcome(redline, state, result);
  }

  if (action === 'execute') await refuseBegun(claims.path);
  const setting = await settingOf(redline, config);
  const typed = action === 'execute' ? await verifyCluster(entry, io) : undefined;
  await driver.verify({ signal });
  const planned = await planRedline(redline, setting);
  await offerForApproval(io, entry, claims, plannedSteps(redlineSteps(kind, planned.facts, idle)));
  return typed === undefined ? planDocument(redline, planned) : await executeRedline(redline, planned, typed);
}

async function settingOf({ io, entry, policy, driver, signal }: Redline, config: Config): Promise<RedlineSetting> {
  const { options } = io;
  const { name, config: cluster } = entry;
  await using inspector = await driverOf(cluster).inspect(name, cluster, { signal });
  const { brokers } = await inspector.describe({ signal });
  const brokerHosts = hostsOfBrokers(brokers, cluster.brokers, config.hosts);
  const holdSeconds = options.hold ?? policy.confirmationSeconds.value;
  const leastHold = leastStepSeconds(policy);
  if (holdSeconds < leastHold)
    throw new AppError('usage', `--hold ${holdSeconds}s is too short: a step needs ${leastHold} s`);
  const [stepShare, maxMoves] = [options.step, options['max-moves']];
  return { name, cluster, config, policy, brokerHosts, driver, stepShare, holdSeconds, maxMoves };
}

async function planRedline({ io, kind, policy, driver, clock }: Redline, setting: RedlineSetting) {
  const { options } = io;
  const { name, config, brokerHosts, stepShare, holdSeconds, maxMoves } = setting;
  // The canary's topic is not live traffic, so its partitions are not moved.
  const counts: TopicFilter = (topic) => topic !== options.canary;
  const host = brokerHosts[driver.broker.id]?.host;
  await using probe =
    host === undefined ? undefined : openHost(host, hostIn(config, host), { stateDirectory: stateFolderOf(io) });
  const live = await planLive(io, setting, { only: counts, probe, host });
  const followSeconds = driver.following?.mostSeconds ?? 0;
  const durationSeconds = (live.plan.steps.length + 1) * (holdSeconds + followSeconds);
  const problems = [...live.problems];
  if (policy.slo?.publishLatencyP99 !== undefined && options.canary === undefined)
    problems.push('analyzer.slo.publishLatencyP99 is set, but cannot be checked without --canary TOPIC');
  const facts: RedlineFacts = {
    broker: driver.broker.name,
    bundle: bundleOf(options.out, clock.now()),
    stepShare,
    holdSeconds,
    maxMoves,
    original: [...live.originals],
    ignoredGroups: [...options['ignore-group']],
    topics: [...options.topics],
    ...defined({ canary: options.canary }),
  };
  const load = { cluster: name, durationSeconds, reason: redlineTerms[kind].consent };
  return { setting, live, counts, facts, load, problems };
}

function planDocument(redline: Redline, { live, load, problems }: PlannedRedline): RedlineDocument {
  try {
    checkRedlinePermission(load, redline.entry.config.loadTest, redline.clock.now());
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    problems.push(cause.message);
  }
  return { ...about(redline), status: 'planned', plan: live.plan, ...(problems.length > 0 && { problems }) };
}

async function executeRedline(redline: Redline, planned: PlannedRedline, typed: string): Promise<RedlineDocument> {
  const { io, entry, kind, view, claims } = redline;
  const { setting, live, facts, problems } = planned;
  const { broker, bundle } = facts;
  const permission = checkRedlinePermission(planned.load, entry.config.loadTest, io.clock.now());
  if (problems.length > 0)
    throw new AppError('change-refused', `the redline of broker ${broker} cannot start: ${problems.join('; ')}`);
  const { restored, may } = redlineTerms[kind];
  const most = pluralText(live.originals.length, ...restored);
  await using closing = new AsyncDisposableStack();
  let drive: RedlineDrive | undefined;
  const { result, state } = await beginChange(
    io,
    { ...entry, typed },
    {
      ...claims,
      summary: `broker ${broker} of cluster ${entry.name}: up to ${most} ${may}.`,
      facts,
      prepare: async () => {
        await refuseChanged(redline, planned);
        const { tell, progress } = view;
        drive = closing.use(
          await openDrive(io, { setting, live, permission, bundle, only: live.reads, tell, progress }),
        );
      },
    },
    (held) => carryRedline(redline, held, drive),
  );
  return await outcome(redline, state, result);
}

/** Others may have changed the cluster during the wait for confirmation and lease. */
async function refuseChanged({ driver, signal }: Redline, { live, counts, facts }: PlannedRedline): Promise<void> {
  const change = layoutChange(live.layout, await driver.read(counts, { signal }));
  if (change === undefined) return;
  throw new AppError(
    'change-refused',
    `the redline of broker ${facts.broker} was not started: the cluster was changed since it was planned: ${change}`,
    { hint: 'run the command again: it plans from the cluster as it is then' },
  );
}

async function outcome(
  redline: Redline,
  { facts: { bundle, stop, moves, restored } }: ChangeJournal<RedlineFacts>,
  arrival: Arrival,
): Promise<RedlineDocument> {
  const { io, policy, signal } = redline;
  const isBack = arrival.kind === 'rolled-back';
  const analysis = isBack ? undefined : await analyzeRecorded(bundle, policy, { signal });
  const grade = analysis && (await gradeRedline(analysis, io.options['predicted-by'], { policy, signal }));
  return {
    ...about(redline),
    status: isBack ? 'rolled-back' : 'done',
    bundle,
    ...defined({ stop, moves }),
    ...(restored && { restored: { partitions: restored.partitions, left: [...restored.left] } }),
    ...defined({ analysis, grade }),
  };
}

const about = ({ entry, kind, driver }: Redline) =>
  ({ schemaVersion: 1, cluster: entry.name, brokerKind: kind, broker: driver.broker.id }) as const;

/** Steps of a plan are listed, not executed. */
const idle: RedlineActions = {
  raise: () => Promise.reject(new Error('a plan raises nothing')),
  restore: () => Promise.reject(new Error('a plan restores nothing')),
};

/** @returns an absolute path, which --resume finds from any folder */
export function bundleOf(out: string | undefined, now: Date): string {
  const stamp = now.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
  return resolve(out ?? join('runs', `redline-${stamp}`));
}

/** @throws AppError run-missing, which states that the cluster is unchanged; other errors of the bundle */
export async function analyzeRecorded(bundle: string, policy: Policy, io: Io): Promise<Analysis> {
  try {
    return await analyzeBundle(bundle, policy, io);
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== 'run-missing') throw cause;
    throw new AppError('run-missing', `the redline has ended, and its bundle is not here: ${cause.message}`, {
      cause,
      hint: `do not run --resume again; run \`plimsoll analyze ${bundle}\` on the machine that recorded it`,
    });
  }
}

/** @param earlier a run or a file of `analyze --json`; without it, or if either has no number, nothing is graded */
async function gradeRedline(
  { safeMaxTps }: Analysis,
  earlier: string | undefined,
  io: { policy: Policy; signal: AbortSignal },
): Promise<RedlineDocument['grade']> {
  if (earlier === undefined) return undefined;
  const { safeMaxTps: predicted } = await readVerdict(earlier, io);
  if (!('interval' in predicted) || !('interval' in safeMaxTps)) return undefined;
  const { low, high = Number.POSITIVE_INFINITY } = predicted.interval;
  const { low: ownLow, high: ownHigh = Number.POSITIVE_INFINITY } = safeMaxTps.interval;
  return {
    predictedTps: predicted.estimateTps,
    redlineTps: safeMaxTps.estimateTps,
    error: predicted.estimateTps / safeMaxTps.estimateTps - 1,
    isCovered: low <= ownHigh && ownLow <= high,
  };
}

/**
 * Connects on first use.
 *
 * @param wanted for RocketMQ, ignoredGroups: groups that need not consume the removed queues; gone: a broker that does
 *   not return
 * @throws AppError usage for an id that no broker of this kind can have
 */
function openRedline(
  name: string,
  cluster: ClusterConfig,
  wanted: { broker: string; clock: Clock; ignoredGroups: readonly string[]; gone: readonly string[] },
): RedlineDriver {
  const { broker, clock, gone } = wanted;
  return byKind<ClusterConfig, RedlineDriver>(cluster, {
    kafka: (config) => {
      if (!/^\d+$/.test(broker)) throw new AppError('usage', `--broker ${broker}: a broker id is a number`);
      if (gone.length > 0) {
        throw new AppError(
          'usage',
          '--gone is for RocketMQ: on Kafka, --abort lists partitions that it cannot restore',
        );
      }
      return kafkaRedline(openKafkaChanges(name, config, { clock }), { name, broker, clock });
    },
    rocketmq: (config) => rocketmqRedline(openChangeDesk(name, config), wanted),
  });
}
