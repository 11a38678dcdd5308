// Plans a redline, carries it out as a change with a journal, or ends one that was stopped; then analyzes its bundle.

import { join, resolve } from 'node:path';
import type { ClusterConfig } from '../../brokers/config.ts';
import type { Io } from '../../brokers/driver.ts';
import { driverOf } from '../../brokers/registry.ts';
import type { RedlineDocument } from '../../core/documents/redline.ts';
import { redlineTerms } from '../../core/broker-kind/redline-terms.ts';
import { AppError } from '../../core/errors.ts';
import { leastStepSeconds } from '../../core/policy/policy.ts';
import { resolvePolicy } from '../../core/policy/policy-config.ts';
import { pluralText } from '../../core/text/quantity-text.ts';
import { HostConfig, type HostsConfig } from '../../hosts/config.ts';
import { openHost } from '../../hosts/registry.ts';
import { checkRedlinePermission } from '../../loadgen/guard/permission.ts';
import type { Arrival } from '../../ops/change/carry-out.ts';
import { journalFile, readJournal, type ChangeJournal } from '../../ops/change/journal.ts';
import { layoutChange, type TopicFilter } from '../../ops/redline/live-load.ts';
import { RedlineFacts, redlineChange, redlineSteps, type RedlineActions } from '../../ops/redline/redline-change.ts';
import { beginChange, continueChange, noneUnderWay, refusalOf, verifyBegun } from '../change/journaled-change.ts';
import { plannedSteps } from '../change/planned-steps.ts';
import { offerForApproval } from '../change/require-approval.ts';
import { actionOf } from '../change/run-change.ts';
import { configPath, loadConfig } from '../config/config-file.ts';
import { hostsOfBrokers } from '../observe/host-names.ts';
import { clusterOf } from '../observe/named-cluster.ts';
import { verifyCluster } from '../observe/verify-cluster.ts';
import { stateFolderOf } from '../state-folder.ts';
import { analyzeRecorded } from './analyze-recorded.ts';
import { carryRedline, type RedlineView } from './carry-redline.ts';
import { openDrive, type RedlineDrive } from './drive-redline.ts';
import { gradeRedline } from './grade-redline.ts';
import { openRedline } from './open-redline.ts';
import { planLive, type LivePlan } from './plan-live.ts';
import type { RedlineCaller, RedlineSetting } from './redline-request.ts';

/**
 * @throws AppError usage, load-test-refused, change-refused, wrong-cluster, cluster-id-missing; change-under-way and others of a
 *   lease; change-stopped where the layout is not restored: --abort does it
 */
export async function runRedline(io: RedlineCaller, view: RedlineView): Promise<RedlineDocument> {
  const { options, signal, clock } = io;
  const action = actionOf(options);
  const config = await loadConfig(configPath(options.config), { signal });
  const { name, config: cluster } = await clusterOf(io);
  const kind = cluster.broker;
  const policy = resolvePolicy(config.analyzer);
  await using driver = openRedline(name, cluster, {
    broker: options.broker,
    clock,
    ignoredGroups: options['ignore-group'],
  });
  const broker = driver.broker.name;
  const parts = { kind, driver, view, clock, signal };
  const entry = { name, config: cluster };
  const subject = `broker ${broker}`;
  const path = journalFile(stateFolderOf(io), 'changes', [name, redlineChange, subject]);
  const claims = { change: redlineChange, subject, path };
  const before = await readJournal(path, RedlineFacts);

  if (action === 'resume' || action === 'abort') {
    if (before?.status !== 'running') throw noneUnderWay(claims, action);
    const isBack = action === 'abort';
    const typed = await verifyBegun(io, entry, before, { isBack });
    const { result, state } = await continueChange(
      io,
      { ...entry, typed },
      { ...claims, schema: RedlineFacts, isBack },
      (journal, held) => carryRedline(parts, journal, held),
    );
    return await outcome(state, result);
  }

  const setting: RedlineSetting = {
    name,
    cluster,
    config,
    policy,
    brokerHosts: await brokerHostsOf(name, cluster, config.hosts, { signal }),
    driver,
    stepShare: options.step,
    holdSeconds: options.hold ?? policy.confirmationSeconds.value,
    maxMoves: options['max-moves'],
  };
  const leastHold = leastStepSeconds(policy);
  if (setting.holdSeconds < leastHold)
    throw new AppError('usage', `--hold ${setting.holdSeconds}s is too short: a step needs ${leastHold} s`);
  const typed = action === 'execute' ? await verifyCluster(entry, io) : undefined;
  await driver.verify({ signal });
  // The canary's own topic is no live traffic: its partitions stay where they are.
  const counts: TopicFilter = (topic) => topic !== options.canary;
  const host = setting.brokerHosts[driver.broker.id]?.host;
  const live = await (async () => {
    if (host === undefined) return await planLive(io, setting, { only: counts });
    await using probe = openHost(host, config.hosts[host] ?? HostConfig.parse({ probe: 'local' }), {
      stateDirectory: stateFolderOf(io),
    });
    return await planLive(io, setting, { only: counts, probe, host });
  })();
  const followSeconds = driver.following?.mostSeconds ?? 0;
  const durationSeconds = (live.plan.steps.length + 1) * (setting.holdSeconds + followSeconds);
  const problems = [...live.problems];
  if (policy.slo?.publishLatencyP99 !== undefined && options.canary === undefined)
    problems.push('analyzer.slo.publishLatencyP99 is set, but cannot be checked without --canary TOPIC');
  const bundle = bundleOf(options.out, clock.now());
  const facts: RedlineFacts = {
    broker,
    bundle,
    stepShare: setting.stepShare,
    holdSeconds: setting.holdSeconds,
    maxMoves: setting.maxMoves,
    original: [...live.originals],
    ignoredGroups: [...options['ignore-group']],
  };
  await offerForApproval(io, entry, claims, plannedSteps(redlineSteps(kind, facts, idle)));
  const load = { cluster: name, durationSeconds, reason: redlineTerms[kind].consent };
  const shown = { schemaVersion: 1 as const, cluster: name, brokerKind: kind, broker: driver.broker.id };
  if (typed === undefined) {
    try {
      checkRedlinePermission(load, cluster.loadTest, clock.now());
    } catch (cause) {
      if (!(cause instanceof AppError)) throw cause;
      problems.push(cause.message);
    }
    return { ...shown, status: 'planned', plan: live.plan, ...(problems.length > 0 && { problems }) };
  }
  const permission = checkRedlinePermission(load, cluster.loadTest, clock.now());
  if (before?.status === 'running') throw refusalOf(before, path);
  if (problems.length > 0)
    throw new AppError('change-refused', `the redline of broker ${broker} cannot start: ${problems.join('; ')}`);
  const [one, many] = redlineTerms[kind].restored;
  await using closing = new AsyncDisposableStack();
  let drive: RedlineDrive | undefined;
  const { result, state } = await beginChange(
    io,
    { ...entry, typed },
    {
      ...claims,
      summary: `broker ${broker} of cluster ${name}: up to ${pluralText(live.originals.length, one, many)} ${redlineTerms[kind].may}.`,
      facts,
      prepare: async () => {
        await refuseChanged(live.layout, counts);
        const { tell, progress } = view;
        drive = closing.use(
          await openDrive(io, { setting, live, permission, bundle, only: live.reads, tell, progress }),
        );
      },
    },
    (journal, held) => carryRedline(parts, journal, held, drive),
  );
  return await outcome(state, result);

  /** Others may have changed the cluster while this redline waited for its confirmation and the lease. */
  async function refuseChanged(layout: LivePlan['layout'], only: TopicFilter): Promise<void> {
    const change = layoutChange(layout, await driver.read(only, { signal }));
    if (change === undefined) return;
    throw new AppError(
      'change-refused',
      `the redline of broker ${broker} was not started: the cluster was changed since it was planned: ${change}`,
      { hint: 'run the command again: it plans from the cluster as it is then' },
    );
  }

  async function outcome({ facts: known }: ChangeJournal<RedlineFacts>, arrival: Arrival): Promise<RedlineDocument> {
    const { stop, moves, restored } = known;
    const isBack = arrival.kind === 'rolled-back';
    const analysis = isBack ? undefined : await analyzeRecorded(known.bundle, policy, { signal });
    const grade = analysis && (await gradeRedline(analysis, options['predicted-by'], { policy, signal }));
    return {
      schemaVersion: 1,
      cluster: name,
      brokerKind: kind,
      broker: driver.broker.id,
      status: isBack ? 'rolled-back' : 'done',
      bundle: known.bundle,
      ...(stop && { stop }),
      ...(moves !== undefined && { moves }),
      ...(restored && { restored: { partitions: restored.partitions, left: [...restored.left] } }),
      ...(analysis && { analysis }),
      ...(grade && { grade }),
    };
  }
}

async function brokerHostsOf(name: string, cluster: ClusterConfig, hosts: HostsConfig, io: Io) {
  await using inspector = await driverOf(cluster).inspect(name, cluster, io);
  const { brokers } = await inspector.describe(io);
  return hostsOfBrokers(brokers, cluster.brokers, hosts);
}

/** Steps of a plan are only listed. */
const idle: RedlineActions = {
  raise: () => Promise.reject(new Error('a plan raises nothing')),
  restore: () => Promise.reject(new Error('a plan restores nothing')),
};

/** @returns a path that --resume finds from whichever folder */
export function bundleOf(out: string | undefined, now: Date): string {
  const stamp = now.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
  return resolve(out ?? join('runs', `redline-${stamp}`));
}
