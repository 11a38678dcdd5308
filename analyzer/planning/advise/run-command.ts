// Prints the command for a missing step: the workload of the run with other rates.

import type { LoadTestRun } from '../../evidence/load-test-run.ts';

export interface WantedRun {
  rates: readonly number[];
  /** Replaces that of the run. */
  stepSeconds?: number;
  /** Factor on the duration in the run. */
  longer?: number;
  messageBytes?: number;
  moreWorkers?: true;
}

/** @returns shell arguments; rates and names of the run need no quotes */
export function runCommand({ document, steps }: LoadTestRun, wanted: WantedRun): string {
  const { workload, cluster, sources } = document;
  const seconds = wanted.stepSeconds ?? (wanted.longer ?? 1) * Math.max(1, ...steps.map((step) => step.plannedSeconds));
  const size = wanted.messageBytes ?? workload.messageBytes;
  const workers = (workload.workers ?? 1) * (wanted.moreWorkers ? 2 : 1);
  const parts = [
    'plimsoll run',
    // Files of other tools provide only a name for the report, which no config contains.
    ...(sources === undefined && /^[\w.-]+$/.test(cluster) ? [`--cluster ${cluster}`] : []),
    `--rate-steps ${wanted.rates.map((rate) => Math.round(rate)).join(',')}`,
    `--step-duration ${Math.ceil(seconds)}s`,
    ...(size === undefined ? [] : [`--message-size ${size}`]),
    ...(workload.groups === undefined ? [] : [`--groups ${workload.groups}`]),
    ...(workload.partitions === undefined ? [] : [`--partitions ${workload.partitions}`]),
    ...(workload.replicationFactor === undefined ? [] : [`--replication-factor ${workload.replicationFactor}`]),
    ...(workload.acks === undefined ? [] : [`--acks ${workload.acks}`]),
    ...(workers > 1 ? [`--workers ${workers}`] : []),
  ];
  return parts.join(' ');
}
