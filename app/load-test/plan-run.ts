// Plans the load test that the command line requests: a new one, or the rest of an interrupted one.

import { resolvePolicy } from '../../core/policy/policy-config.ts';
import { createPlan, createRunId, type RunPlan } from '../../loadgen/plan/plan.ts';
import type { Resumption } from '../../loadgen/record/bundle/resumption.ts';
import { askedWorkload, codecOf } from './read-workload.ts';
import type { Config } from '../config/config-file.ts';
import { resumedRun } from './resumed-run.ts';
import { wantedDegraded } from './degraded.ts';
import { findCluster } from './find-cluster.ts';
import type { RunIo } from '../../cli/load/run-options.ts';

export async function planOrResume(config: Config, io: RunIo): Promise<{ plan: RunPlan; resumption?: Resumption }> {
  const directory = io.options.resume;
  if (directory === undefined) return { plan: await planRun(config, io) };
  return resumedRun(directory, (name) => findCluster(config, name), resolvePolicy(config.analyzer), io);
}

async function planRun(config: Config, io: RunIo): Promise<RunPlan> {
  const { options, clock } = io;
  const asked = await askedWorkload(io);
  const machines = config.loadgen?.workers?.machines;
  const topic = asked.topic ?? (await wantedDegraded(io))?.predictedBy?.topic;
  const workload = {
    ...asked,
    ...(topic !== undefined && { topic }),
    ...(options['no-ledger'] && { ledger: false }),
    // Each of their threads is a producer, and nobody else is one.
    ...(machines && { workers: machines.reduce((sum, { threads }) => sum + threads, 0) }),
  };
  const { name, cluster } = findCluster(config, options.cluster);
  const directory = options.out;
  return createPlan({
    id: createRunId(clock.now()),
    ...(directory !== undefined && { directory }),
    // Threads are told plain data; a secret goes as the reference it is written as.
    cluster: { name, broker: cluster.broker, config: JSON.parse(JSON.stringify(cluster)) as unknown },
    workload,
    ...(await codecOf(workload, cluster.broker)),
    keepTopic: options['keep-topic'] === true,
    loadTest: cluster.loadTest,
    policy: resolvePolicy(config.analyzer),
  });
}
