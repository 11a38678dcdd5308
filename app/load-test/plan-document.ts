// Builds the document of a dry run with --json.

import { traitsOf } from '../../core/broker-kind/registry.ts';
import { defined } from '../../core/defined.ts';
import { type GuardConfig, ruleName } from '../../loadgen/guard/config.ts';
import { leastShareOf } from '../../loadgen/guard/free-disk-input.ts';
import type { RunPlan } from '../../loadgen/plan/plan.ts';
import { planFigures } from './plan-figures.ts';

/** @param guard limits that stop the load */
export function planDocument(plan: RunPlan, { freeDisk, errors, p99, lagMessages, rules }: GuardConfig) {
  const { id, directory, cluster, topic, groups, stops, steps, search, workload, durationSeconds, profile } = plan;
  const { messages, payloadBytes, copyBytes, replicatedBytes, retainedBytes, sizes, keys, partitions, copies } =
    planFigures(plan);
  const { ledger, thresholds } = workload;
  return {
    schemaVersion: 1,
    run: { id, directory, status: 'planned' },
    cluster: { name: cluster.name, broker: cluster.broker },
    profile,
    topics: topic.names.map((name) => ({ name, partitions, replicationFactor: copies, isKept: topic.keep })),
    groups: groups.map((group) => ({ ...group, stopped: stops.filter((stop) => stop.group === group.name) })),
    messages,
    messageBytes: sizes,
    ...(keys.distinct > 0 && { keys }),
    payloadBytes,
    copyBytes,
    replicatedBytes,
    retainedBytes,
    durationSeconds,
    warmUpSeconds: plan.warmUpSeconds,
    steps,
    ...(search !== undefined && { search }),
    checks: { ledger, ...(thresholds !== undefined && { thresholds }) },
    guard: {
      ...defined({
        freeDiskShare: leastShareOf(traitsOf(cluster.broker), freeDisk),
        errorShare: errors,
        p99Seconds: p99,
        lagMessages,
      }),
      rules: rules.map((rule) => defined({ name: ruleName(rule), above: rule.above, below: rule.below })),
    },
  };
}
