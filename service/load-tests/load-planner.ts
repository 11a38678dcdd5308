// Plans a load test like `plimsoll run --dry-run`: the same workload, permission and figures.

import { isWithin } from '../../loadgen/guard/window.ts';
import type { Config } from '../../app/config/config-file.ts';
import { planFigures } from '../../app/load-test/plan-figures.ts';
import { planOrResume } from '../../app/load-test/plan-run.ts';
import { allowanceOf } from '../../app/load-test/prepare-load.ts';
import { clusterIn } from '../../app/observe/named-cluster.ts';
import type { Clock } from '../../core/clock.ts';
import { defined } from '../../core/defined.ts';
import { AppError } from '../../core/errors.ts';
import type { ChosenLoad, PlannedLoad, ShownPermission } from '../../dashboards/web/load-test/load-test-view.ts';
import { workloadValuesOf } from './requested-load.ts';

export type LoadPlanner = ReturnType<typeof createLoadPlanner>;

export function createLoadPlanner(config: Config, clock: Clock) {
  return {
    /** Absent if the config permits no load test. */
    permissionOf(cluster: string): ShownPermission | undefined {
      const permission = config.clusters[cluster]?.loadTest;
      if (permission === undefined) return undefined;
      const { approver, maxTps, maxNicShare, topicPrefix, window } = permission;
      return {
        approver,
        maxTps,
        maxNicShare,
        topicPrefix,
        ...(window !== 'always' && { window: { ...window, isOpen: isWithin(window, clock.now()) } }),
      };
    },
    /** Contacts no broker. */
    async plan(cluster: string, load: ChosenLoad): Promise<PlannedLoad> {
      try {
        const request = { cluster, values: workloadValuesOf(load) };
        const { plan } = await planOrResume(config, request, { clock, signal: new AbortController().signal });
        const allowance = allowanceOf(plan, clusterIn(config, cluster).config, clock);
        if (allowance.kind === 'refused') return allowance;
        const { messages, payloadBytes } = planFigures(plan);
        return { kind: 'allowed', load, durationSeconds: plan.durationSeconds, ...defined({ messages, payloadBytes }) };
      } catch (cause) {
        if (!(cause instanceof AppError)) throw cause;
        return { kind: 'refused', reason: cause.message, hint: cause.hint };
      }
    },
  };
}
