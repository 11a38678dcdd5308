// Runs a load test: from its plan to its bundle.

import { join } from 'node:path';
import type { ClusterAdmin, ClusterInspector } from '../../brokers/driver.ts';
import type { DeliveryAccount } from '../../core/documents/delivery-account.ts';
import { AppError } from '../../core/errors.ts';
import type { Calibration } from '../../core/documents/generator-calibration.ts';
import type { RunDocument } from '../../core/documents/run-bundle.ts';
import type { SearchCertificate } from '../../core/documents/search-certificate.ts';
import type { TelemetrySource } from '../../core/documents/evidence/telemetry.ts';
import type { LimitJudge } from '../../core/limit-judge.ts';
import { checkBundlePlace, createBundle, reopenBundle } from '../record/bundle/bundle-writer.ts';
import { writeResult } from '../record/bundle/result.ts';
import { storageFault } from '../record/bundle/storage-fault.ts';
import { clusterDigest, type Resumption } from '../record/bundle/resumption.ts';
import { conduct } from './conduct.ts';
import type { Ending } from './stage.ts';
import { serveControl } from './control/control-server.ts';
import { createRunningTest } from './control/running-test.ts';
import { createStop } from './control/stop.ts';
import type { Guard } from '../guard/guard.ts';
import { watchLogs } from './log-watch.ts';
import type { RunPlan } from '../plan/plan.ts';
import { storedSearch } from '../plan/stored-workload.ts';
import type { RunProgress } from '../record/progress.ts';
import { chooseOrigin, type RunOrigin } from './run-clock.ts';
import { createSearch } from '../search/search.ts';
import type { SearchOptions, Started } from '../search/search-options.ts';
import type { StepSummary } from '../record/step-summary.ts';
import { judgeRun, type ThresholdVerdict } from '../record/thresholds/judge-thresholds.ts';
import { prepareTopic, type RunTopic } from './topic.ts';
import type { WireAccount } from '../../core/documents/wire-account.ts';
import { ignoreFault } from '../../core/ignore-fault.ts';
import { openThreads } from './threads.ts';
import type { StartThread } from './workers/traffic-thread.ts';

export interface RunTools {
  admin: ClusterAdmin;
  inspector: ClusterInspector;
  /** Another one, which remembers nothing. */
  openInspector(io: { signal: AbortSignal }): Promise<ClusterInspector>;
  telemetry: TelemetrySource;
  startThread: StartThread;
  /** Weight of each producer, where they are not to send the same. */
  shares?: readonly number[];
  onProgress(progress: RunProgress): void;
  /** Names and versions of what made the figures: plimsoll, node, the client. */
  versions: Readonly<Record<string, string>>;
  gitCommit?: string;
  /** Ends the load before it does harm. */
  guard?: Guard;
  /** Where the plan has a search: its options with a rate to begin at, and a line for each limit that was looked at. */
  search?: { options: Started<SearchOptions>; explanation: readonly string[] };
  /** Names the limit that a trial of a search reached inside brokers or their configuration. */
  judgeLimits?: LimitJudge;
  /** A producer thread that ends by itself: its messages go to the others, or the run fails (default). */
  lostWorker?: 'move' | 'fail';
  /** What the load generator does by itself with this workload. */
  calibration?: Calibration;
  /** More for run.json, such as what the cluster's block allowed. */
  recorded?: Partial<Extract<RunDocument, { origin: 'load-test' }>>;
}

export type RunOutcome = Ending & {
  id: string;
  directory: string;
  steps: readonly StepSummary[];
  wire: WireAccount;
  certificate?: SearchCertificate;
  ledger?: DeliveryAccount;
  /** Why it could not be computed. */
  deliveryUnread?: { reason: string };
  /** Where the workload has some. */
  thresholds?: ThresholdVerdict;
  /** Why result.json is missing. */
  unwritten?: AppError;
};

/** Long enough to write run.json and to send moment 0 to every thread. */
const leadSeconds = 0.5;

/**
 * @param io.signal ends pacing; what is unanswered is waited for, and the bundle says aborted
 * @param resumption where the plan is of a run that was cut off
 * @throws AppError before any load: run-exists, no-space, no-permission, topic-conflict, and what the broker answers.
 *   Once the bundle has begun, what happens is an outcome.
 */
export async function runLoadTest(
  plan: RunPlan,
  tools: RunTools,
  io: { signal: AbortSignal },
  resumption?: Resumption,
): Promise<RunOutcome> {
  if (resumption === undefined) await checkBundlePlace(plan.directory, plan.durationSeconds);
  const own = resumption?.document.resume?.ownTopics;
  await using topic = await prepareTopic({ ...plan.topic, ...(own && { own }) }, tools, io);
  const environment = await tools.telemetry.describe(io);
  const { version, brokers } = await tools.inspector.describe(io);
  await using threads = await openThreads(plan, topic, brokers.length, tools.startThread, io, tools.shares);
  const started = searchOf(plan, tools, resumption);
  const read = watchLogs(tools.openInspector, topic.names, plan.workload.delay, (reason) =>
    tools.onProgress({ kind: 'unread', what: `the ends of the partitions of ${topic.names.join(', ')}`, reason }),
  );
  const logs = { before: plan.workload.ledger ? await read() : undefined, read, areNew: topic.isNew === true };
  const origin = chooseOrigin(leadSeconds, resumption?.fromSeconds);
  const document: RunDocument = {
    ...describeRun(plan, topic, origin, started),
    environment,
    ...(version !== undefined && { brokerVersion: version }),
    versions: tools.versions,
    ...(tools.gitCommit !== undefined && { gitCommit: tools.gitCommit }),
    ...(tools.calibration !== undefined && { calibration: tools.calibration }),
    ...tools.recorded,
  };
  io.signal.throwIfAborted();
  const { directory } = plan;
  await using bundle = await (resumption === undefined
    ? createBundle(directory, document)
    : reopenBundle(directory, resumption.kept));
  const search = started && createSearch(started);
  const groups = plan.groups.map(({ name }) => name);
  const { name: cluster, broker } = plan.cluster;
  const running = createRunningTest({ run: plan.id, cluster, broker, workload: plan.profile.name, directory, groups });
  const stop = createStop(tools.guard);
  const { status, metrics } = running;
  await using control = await serveControl({ directory, status, metrics, onStop: stop.ask }).catch(
    ignoreFault('a run without a loopback has no control page'),
  );
  const { ending, ...conducted } = await conduct(
    {
      plan,
      origin,
      environment,
      replicationFactor: topic.replicationFactor,
      threads,
      bundle,
      logs,
      tools: { ...tools, guard: stop.guard, onProgress },
      observe: running.observe,
      ...(control && { url: control.url }),
      ...(search && { search }),
      ...(resumption && { resumption }),
    },
    io,
  );
  const thresholds = judgeRun(plan.workload.thresholds, conducted);
  const came = { ...conducted, ...(thresholds && { thresholds }) };
  const unwritten = await writeResult(directory, { id: plan.id, ...ending, ...came }).catch((cause: unknown) =>
    storageFault(cause, `cannot write ${join(directory, 'result.json')}`),
  );
  return { ...ending, id: plan.id, directory, ...came, ...(unwritten && { unwritten }) };

  function onProgress(progress: RunProgress): void {
    running.tell(progress);
    tools.onProgress(progress);
  }
}

/** A resumed search goes on with the options it was begun with, or its trials would not be its own. */
function searchOf(
  plan: RunPlan,
  { search, onProgress }: RunTools,
  resumption: Resumption | undefined,
): Started<SearchOptions> | undefined {
  if (plan.search === undefined || search === undefined) return undefined;
  const begun = resumption && storedSearch(resumption.document);
  if (begun !== undefined) return begun;
  const { options, explanation } = search;
  if (explanation.length > 0) onProgress({ kind: 'search-starts', explanation });
  return options;
}

function describeRun(plan: RunPlan, topic: RunTopic, origin: RunOrigin, search: Started<SearchOptions> | undefined) {
  const { workload } = plan;
  return {
    schemaVersion: 1 as const,
    id: plan.id,
    broker: plan.cluster.broker,
    cluster: plan.cluster.name,
    workload: {
      messageBytes: Math.round(plan.messageBytes),
      topic: topic.names[0] ?? '',
      partitions: topic.partitions * topic.names.length,
      replicationFactor: topic.replicationFactor,
      acks: workload.acks,
      groups: plan.groups.length,
      workers: workload.workers,
      seed: workload.seed,
      lingerSeconds: workload.linger,
    },
    origin: 'load-test' as const,
    startedAt: new Date(origin.epochMicroseconds / 1000).toISOString(),
    profile: plan.profile,
    warmUpSeconds: plan.warmUpSeconds,
    steps: [...plan.steps],
    resume: {
      // Plain data: parsed again, it is the same workload.
      workload: JSON.parse(JSON.stringify(workload)) as Record<string, unknown>,
      keepTopic: plan.topic.keep,
      ownTopics: [...topic.own],
      clusterDigest: clusterDigest(plan.cluster.config),
      ...(search && { search: { ...search } }),
    },
  };
}

/** What a command throws for a run that did not complete. */
export function faultOf(outcome: RunOutcome): AppError | undefined {
  const { unwritten } = outcome;
  const where = `the partial bundle is ${outcome.directory}${unwritten === undefined ? '' : `; ${unwritten.message}`}`;
  switch (outcome.status) {
    case 'completed':
      return unwritten;
    case 'aborted':
      return new AppError('aborted', `the run was stopped; ${where}`, {
        hint: `\`plimsoll analyze ${outcome.directory}\`, or \`plimsoll run --resume ${outcome.directory}\``,
      });
    case 'stopped':
      return new AppError('load-stopped', `the guard stopped the run: ${outcome.reason}; ${where}`);
    case 'failed':
      return new AppError(outcome.code, `the run failed: ${outcome.reason}; ${where}`);
  }
}
