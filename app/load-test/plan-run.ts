// Plans the requested load test: a new one, or the rest of an interrupted one.

import { resolvePolicy } from '../../core/policy/policy-config.ts';
import { createPlan, createRunId, type RunPlan } from '../../loadgen/plan/plan.ts';
import type { Workload } from '../../loadgen/plan/workload.ts';
import type { Resumption } from '../../loadgen/record/bundle/resumption.ts';
import { codecOf, readWorkload } from './read-workload.ts';
import type { Config } from '../config/config-file.ts';
import { resumedRun } from './resumed-run.ts';
import { wantedDegraded } from './degraded.ts';
import { clusterIn } from '../observe/named-cluster.ts';
import type { Caller } from '../caller.ts';
import type { RunRequest } from './run-request.ts';

type PlanIo = Pick<Caller, 'signal' | 'clock'>;

export async function planOrResume(
  config: Config,
  request: RunRequest,
  io: PlanIo,
): Promise<{ plan: RunPlan; resumption?: Resumption }> {
  const directory = request.resume;
  if (directory === undefined) return { plan: await planRun(config, request, io) };
  return resumedRun(directory, (name) => clusterIn(config, name), resolvePolicy(config.analyzer), io);
}

async function planRun(config: Config, request: RunRequest, io: PlanIo): Promise<RunPlan> {
  const requested = await readWorkload(request, io);
  const machines = config.loadgen?.workers?.machines;
  const topic = requested.topic ?? (await wantedDegraded(request, io))?.predictedBy?.topic;
  const workload = {
    ...requested,
    ...(topic !== undefined && { topic }),
    ...(request.skipDeliveryCheck && { ledger: false }),
    // With remote workers, only their threads are producers.
    ...(machines && { workers: machines.reduce((sum, { threads }) => sum + threads, 0) }),
  };
  return planWorkload(config, workload, request, io.clock.now());
}

/** @throws AppError usage; workload-invalid for features that the broker lacks */
export async function planWorkload(
  config: Config,
  workload: Workload,
  request: Pick<RunRequest, 'cluster' | 'out' | 'keepTopic'>,
  now: Date,
): Promise<RunPlan> {
  const { name, config: cluster } = clusterIn(config, request.cluster);
  const directory = request.out;
  return createPlan({
    id: createRunId(now),
    ...(directory !== undefined && { directory }),
    // Threads receive plain data; secrets stay references.
    cluster: { name, broker: cluster.broker, config: JSON.parse(JSON.stringify(cluster)) as unknown },
    workload,
    ...(await codecOf(workload, cluster.broker)),
    keepTopic: request.keepTopic === true,
    loadTest: cluster.loadTest,
    policy: resolvePolicy(config.analyzer),
  });
}
