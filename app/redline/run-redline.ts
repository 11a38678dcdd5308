// Plans a redline, carries it out as a change with a journal, or ends one that was stopped; then analyzes its bundle.

import { join } from 'node:path';
import { openKafkaChanges } from '../../brokers/kafka/changes/kafka-changes.ts';
import { analyzeBundle } from '../../analyzer/verdict/analyze.ts';
import type { RedlineDocument } from '../../core/documents/redline.ts';
import { AppError } from '../../core/errors.ts';
import { resolvePolicy } from '../../core/policy/policy-config.ts';
import { HostConfig } from '../../hosts/config.ts';
import { openHost } from '../../hosts/registry.ts';
import { checkRedlinePermission } from '../../loadgen/guard/permission.ts';
import { carryOut, type Arrival } from '../../ops/change/carry-out.ts';
import type { HeldJournal } from '../../ops/change/held-journal.ts';
import { journalFile, readJournal, type ChangeJournal } from '../../ops/change/journal.ts';
import { restoreLayout, type LeadTools } from '../../ops/kafka/redline/lead.ts';
import {
  RedlineFacts,
  redlineChange,
  redlineSteps,
  restoredText,
  type RedlineTools,
} from '../../ops/kafka/redline/redline-change.ts';
import { beginChange, continueChange, noneUnderWay, refusalOf, verifyBegun } from '../change/journaled-change.ts';
import { plannedSteps } from '../change/planned-steps.ts';
import { offerForApproval } from '../change/require-approval.ts';
import { actionOf } from '../change/run-change.ts';
import { configPath, loadConfig } from '../config/config-file.ts';
import { clusterOfKind } from '../observe/named-cluster.ts';
import { verifyCluster } from '../observe/verify-cluster.ts';
import { stateFolderOf } from '../state-folder.ts';
import { openDrive, type RedlineDrive } from './drive-redline.ts';
import { gradeRedline } from './grade-redline.ts';
import { isInternalTopic, type TopicFilter } from './live-traffic.ts';
import { planLive } from './plan-live.ts';
import type { RedlineCaller, RedlineSetting } from './redline-request.ts';

export interface RedlineView {
  tell(line: string): void;
  progress(line: string): void;
  clear(): void;
}

/** Requests that restore the layout after Ctrl-C may take so long. */
const tidyMs = 150_000;

/**
 * @throws AppError usage, load-test-refused, change-refused, wrong-cluster, cluster-id-missing; change-under-way and others of a
 *   lease; change-stopped where the layout is not restored: --abort does it
 */
export async function runRedline(io: RedlineCaller, view: RedlineView): Promise<RedlineDocument> {
  const { options, signal, clock } = io;
  const action = actionOf(options);
  const config = await loadConfig(configPath(options.config), { signal });
  const { name, config: cluster } = await clusterOfKind(io, 'kafka');
  const broker = Number(options.broker);
  const policy = resolvePolicy(config.analyzer);
  await using changes = openKafkaChanges(name, cluster, { clock });
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
      (journal, held) => carry(journal, held),
    );
    return await outcome(state, result);
  }

  const setting: RedlineSetting = {
    name,
    cluster,
    config,
    policy,
    changes,
    broker,
    stepShare: options.step,
    holdSeconds: options.hold ?? policy.confirmationSeconds.value,
    maxMoves: options['max-moves'],
  };
  const leastHold = policy.step.settleSeconds.value + policy.step.minimumSteadySeconds.value + 1;
  if (setting.holdSeconds < leastHold)
    throw new AppError('usage', `--hold ${setting.holdSeconds}s is too short: a step is judged from ${leastHold} s on`);
  const typed = action === 'execute' ? await verifyCluster(entry, io) : undefined;
  const only = topicFilter(options.topics, options.canary);
  const host = cluster.brokers[options.broker]?.host;
  const live = await (async () => {
    if (host === undefined) return await planLive(io, setting, { only });
    await using probe = openHost(host, config.hosts[host] ?? HostConfig.parse({ probe: 'local' }), {
      stateDirectory: stateFolderOf(io),
    });
    return await planLive(io, setting, { only, probe, host });
  })();
  const durationSeconds = (live.plan.steps.length + 1) * setting.holdSeconds;
  const problems = [...live.problems];
  if (policy.slo?.publishLatencyP99 !== undefined && options.canary === undefined)
    problems.push(
      'analyzer.slo.publishLatencyP99 is promised, and without --canary TOPIC the redline would not see it',
    );
  const bundle = options.out ?? join('runs', `redline-${stampOf(clock.now())}`);
  const facts: RedlineFacts = {
    broker,
    bundle,
    stepShare: setting.stepShare,
    holdSeconds: setting.holdSeconds,
    maxMoves: setting.maxMoves,
    original: live.originals,
  };
  await offerForApproval(io, entry, claims, plannedSteps(redlineSteps(facts, idle)));
  const shown = { schemaVersion: 1 as const, cluster: name, broker: options.broker };
  if (typed === undefined) {
    try {
      checkRedlinePermission({ cluster: name, durationSeconds }, cluster.loadTest, clock.now());
    } catch (cause) {
      if (!(cause instanceof AppError)) throw cause;
      problems.push(cause.message);
    }
    return { ...shown, status: 'planned', plan: live.plan, ...(problems.length > 0 && { problems }) };
  }
  const permission = checkRedlinePermission({ cluster: name, durationSeconds }, cluster.loadTest, clock.now());
  if (before?.status === 'running') throw refusalOf(before, path);
  if (problems.length > 0)
    throw new AppError('change-refused', `the redline of broker ${broker} does not begin: ${problems.join('; ')}`);
  await using closing = new AsyncDisposableStack();
  let drive: RedlineDrive | undefined;
  const { result, state } = await beginChange(
    io,
    { ...entry, typed },
    {
      ...claims,
      summary: `up to ${live.originals.length} partitions of cluster ${name} get broker ${broker} as their leader for a while.`,
      facts,
      prepare: async () => {
        const { tell, progress } = view;
        drive = closing.use(await openDrive(io, { setting, live, permission, bundle, only, tell, progress }));
      },
    },
    (journal, held) => carry(journal, held, drive),
  );
  return await outcome(state, result);

  /** Without a drive the load is not raised again: it was measured until the process ended. */
  async function carry(
    journal: ChangeJournal<RedlineFacts>,
    held: HeldJournal,
    driven?: RedlineDrive,
  ): Promise<Arrival> {
    const lead = (its: AbortSignal): LeadTools => ({ changes, clock, signal: its, check: held.check });
    const restore = (its: AbortSignal) => restoreLayout(lead(its), journal.facts.broker, journal.facts.original);
    const tools: RedlineTools = {
      raise: async (its) =>
        (await driven?.raise(lead(its.signal))) ?? {
          stop: { code: 'interrupted', message: 'the process ended before its last step' },
        },
      restore: (its) => restore(its.signal),
    };
    const arrival = await carryOut({
      ...held,
      journal,
      steps: redlineSteps(journal.facts, tools),
      clock,
      signal,
      tell: (line) => {
        view.clear();
        view.tell(line);
      },
      async stopped(cause) {
        if (cause instanceof AppError && cause.code === 'lease-lost') return cause;
        view.clear();
        view.tell('the layout is restored');
        const restored = await restore(AbortSignal.timeout(tidyMs));
        for (const line of restoredText(restored)) view.tell(`  ${line}`);
        journal.facts.restored = restored;
        journal.status = 'rolled-back';
        await held.save();
        return cause;
      },
    });
    view.clear();
    return arrival;
  }

  async function outcome({ facts: known }: ChangeJournal<RedlineFacts>, arrival: Arrival): Promise<RedlineDocument> {
    const { stop, moves, restored } = known;
    const isBack = arrival.kind === 'rolled-back';
    const analysis = isBack ? undefined : await analyzeBundle(known.bundle, policy, { signal });
    const grade = analysis && (await gradeRedline(analysis, options['predicted-by'], { policy, signal }));
    return {
      schemaVersion: 1,
      cluster: name,
      broker: String(known.broker),
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

/** Steps of a plan are only listed. */
const idle: RedlineTools = {
  raise: () => Promise.reject(new Error('a plan raises nothing')),
  restore: () => Promise.reject(new Error('a plan restores nothing')),
};

/** The canary's own topic is no live traffic: its partitions stay where they are. */
function topicFilter(wanted: readonly string[], canary: string | undefined): TopicFilter {
  const named = new Set(wanted);
  return (topic) => !isInternalTopic(topic) && topic !== canary && (named.size === 0 || named.has(topic));
}

const stampOf = (now: Date) => now.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
