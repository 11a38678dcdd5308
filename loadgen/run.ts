// How does a load test go from its plan to its bundle?

import type { ClusterAdmin, ClusterInspector } from '../brokers/driver.ts';
import { AppError } from '../core/errors.ts';
import type { RunDocument } from '../core/run-bundle.ts';
import type { TelemetrySource } from '../core/telemetry.ts';
import { checkBundlePlace, createBundle } from './bundle/bundle-writer.ts';
import { conduct, type Ending } from './conduct.ts';
import type { RunPlan } from './plan.ts';
import type { RunProgress } from './progress.ts';
import { chooseOrigin, type RunOrigin } from './run-clock.ts';
import type { StepSummary } from './step-summary.ts';
import { prepareTopic, type RunTopic } from './topic.ts';
import { openThreads } from './threads.ts';
import type { StartThread } from './workers/traffic-thread.ts';

export interface RunTools {
  admin: ClusterAdmin;
  inspector: ClusterInspector;
  telemetry: TelemetrySource;
  startThread: StartThread;
  onProgress(progress: RunProgress): void;
  /** Names and versions of what made the figures: plimsoll, node, the client. */
  versions: Readonly<Record<string, string>>;
  gitCommit?: string;
}

export type RunOutcome = Ending & { id: string; directory: string; steps: readonly StepSummary[] };

/** Long enough to write run.json and to tell every thread when moment 0 is. */
const leadSeconds = 0.5;

/**
 * @param io.signal ends pacing; what is unanswered is waited for, and the bundle says aborted
 * @throws AppError before any load: run-exists, no-space, no-permission, topic-conflict, and what the broker answers.
 *   Once the bundle has begun, what happens is an outcome.
 */
export async function runLoadTest(plan: RunPlan, tools: RunTools, io: { signal: AbortSignal }): Promise<RunOutcome> {
  await checkBundlePlace(plan.directory, plan.durationSeconds);
  await using topic = await prepareTopic(plan.topic, tools, io);
  const environment = await tools.telemetry.describe(io);
  const { version, brokers } = await tools.inspector.describe(io);
  await using threads = await openThreads(plan, topic, brokers.length, tools.startThread, io);
  const origin = chooseOrigin(leadSeconds);
  const document: RunDocument = {
    ...describeRun(plan, topic, origin),
    environment,
    ...(version !== undefined && { brokerVersion: version }),
    versions: tools.versions,
    ...(tools.gitCommit !== undefined && { gitCommit: tools.gitCommit }),
  };
  io.signal.throwIfAborted();
  await using bundle = await createBundle(plan.directory, document);
  const { ending, steps } = await conduct({ plan, origin, environment, threads, bundle, tools }, io);
  return { ...ending, id: plan.id, directory: plan.directory, steps };
}

function describeRun(plan: RunPlan, topic: RunTopic, origin: RunOrigin) {
  const { workload } = plan;
  return {
    schemaVersion: 1 as const,
    id: plan.id,
    broker: plan.cluster.broker,
    cluster: plan.cluster.name,
    workload: {
      messageBytes: workload.messageSize,
      topic: topic.name,
      partitions: topic.partitions,
      replicationFactor: topic.replicationFactor,
      acks: workload.acks,
      groups: workload.groups,
      workers: workload.workers,
      seed: workload.seed,
      lingerSeconds: workload.linger,
    },
    origin: 'load-test' as const,
    startedAt: new Date(origin.epochMicroseconds / 1000).toISOString(),
    profile: plan.profile,
    warmUpSeconds: plan.warmUpSeconds,
    steps: [...plan.steps],
  };
}

/** What a command throws for a run that did not complete. */
export function faultOf(outcome: RunOutcome): AppError | undefined {
  const where = `the partial bundle is ${outcome.directory}`;
  switch (outcome.status) {
    case 'completed':
      return undefined;
    case 'aborted':
      return new AppError('aborted', `the run was stopped; ${where}`, {
        hint: `plimsoll analyze ${outcome.directory}`,
      });
    case 'failed':
      return new AppError(outcome.code, `the run failed: ${outcome.reason}; ${where}`);
  }
}
