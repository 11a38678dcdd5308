// Builds the run.json of a load test.

import { defined } from '../../core/defined.ts';
import type { TelemetryEnvironment } from '../../core/documents/evidence/telemetry.ts';
import type { RunDocument } from '../../core/documents/run-bundle.ts';
import type { RunPlan } from '../plan/plan.ts';
import { proxyAddressOf, signsRequests, usesTls } from '../plan/workload/proxy-fit.ts';
import { clusterDigest } from '../record/bundle/resumption.ts';
import type { SearchOptions, Started } from '../search/search-options.ts';
import { startedAtOf, type RunOrigin } from './run-clock.ts';
import type { RunTools } from './stage.ts';
import type { RunTopic } from './topic.ts';

/** Facts about the run that are known when its topics are planned. */
interface PreparedRun {
  topic: Omit<RunTopic, keyof AsyncDisposable>;
  origin: RunOrigin;
  search: Started<SearchOptions> | undefined;
  environment: TelemetryEnvironment;
  brokerVersion: string | undefined;
}

export function runDocument(
  plan: RunPlan,
  { topic, origin, search, environment, brokerVersion }: PreparedRun,
  { versions, gitCommit, calibration, recorded }: RunTools,
): RunDocument {
  const { workload } = plan;
  const proxy = proxyAddressOf(plan.cluster.config);
  const groupProcessing = plan.groups.flatMap(({ name, processing }) =>
    processing > 0 ? [{ group: name, secondsPerMessage: processing }] : [],
  );
  return {
    schemaVersion: 1,
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
      ...(groupProcessing.length > 0 && { groupProcessing }),
      workers: workload.workers,
      seed: workload.seed,
      lingerSeconds: workload.linger,
    },
    origin: 'load-test',
    startedAt: startedAtOf(origin),
    profile: plan.profile,
    warmUpSeconds: plan.warmUpSeconds,
    steps: [...plan.steps],
    resume: {
      // Convert to plain data, which parses to the same workload.
      workload: JSON.parse(JSON.stringify(workload)) as Record<string, unknown>,
      keepTopic: plan.topic.keep,
      ...(plan.acceptBlind === true && { acceptBlind: true }),
      ownTopics: [...topic.own],
      clusterDigest: clusterDigest(plan.cluster.config),
      ...(search && { search: { ...search }, criteria: { ...plan.search?.criteria } }),
    },
    environment,
    ...defined({ brokerVersion, proxy }),
    ...(signsRequests(plan.cluster.config) && { signed: true }),
    tls: usesTls(plan.cluster.config),
    versions,
    ...defined({ gitCommit, calibration }),
    ...recorded,
  };
}
