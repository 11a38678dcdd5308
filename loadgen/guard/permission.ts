// Checks a run against the cluster's `loadTest` block before anything is changed.

import type { LoadTestPermission } from '../../core/policy/load-test-permission.ts';
import { AppError } from '../../core/errors.ts';
import { rateText } from '../../core/text/quantity-text.ts';
import { describeWindow, minutesLeft, timeOfDay } from './window.ts';

/** Properties of a plan that the block can restrict. */
export interface RequestedLoad {
  cluster: string;
  /** Highest rate of the profile; absent if broker responses determine it, as in a closed loop or a search. */
  peakTps?: number;
  durationSeconds: number;
  topics: readonly string[];
  groups: readonly string[];
  /** True if the load is raised until the cluster fails. */
  overloads: boolean;
}

const example = `loadTest:
  window: { from: '01:00', to: '05:00', timeZone: Asia/Shanghai } # or: always
  maxTps: 20000
  maxNicShare: 60%
  topicPrefix: plimsoll-
  approver: who answers for it`;

/** @throws AppError load-test-refused, with all reasons */
export function checkPermission(load: RequestedLoad, permission: LoadTestPermission | undefined, now: Date): void {
  const { cluster } = load;
  if (permission === undefined) {
    throw new AppError('load-test-refused', `cluster ${cluster} has no loadTest block, so load tests are not allowed`, {
      hint: `the owner of the cluster adds it under clusters.${cluster}:\n${example}`,
    });
  }
  const problems = [...refusals(load, permission, now)];
  if (problems.length === 0) return;
  throw new AppError('load-test-refused', `cluster ${cluster} does not allow this load: ${problems.join('; ')}`, {
    hint: `change the load or its names, or ask ${permission.approver} to change clusters.${cluster}.loadTest; nothing was sent`,
  });
}

/**
 * Checks a redline, in which live topics take part and nothing is sent.
 *
 * @param load `reason`: why a load test permission is not enough
 * @throws AppError load-test-refused
 */
export function checkRedlinePermission(
  { reason, ...load }: Pick<RequestedLoad, 'cluster' | 'durationSeconds'> & { reason: string },
  permission: LoadTestPermission | undefined,
  now: Date,
): LoadTestPermission {
  checkPermission({ ...load, topics: [], groups: [], overloads: false }, permission, now);
  if (permission?.redline === 'allowed') return permission;
  const { cluster } = load;
  throw new AppError('load-test-refused', `cluster ${cluster} does not allow a redline: ${reason}`, {
    hint: `the owner of the cluster adds \`redline: allowed\` to clusters.${cluster}.loadTest; nothing was changed`,
  });
}

function* refusals(load: RequestedLoad, permission: LoadTestPermission, now: Date): Iterable<string> {
  const { window, maxTps, topicPrefix, overload } = permission;
  const left = minutesLeft(window, now);
  if (left === undefined) {
    yield `it may be loaded ${describeWindow(window)}, and it is ${timeOfDay(window, now)} there`;
  } else if (load.durationSeconds > left * 60) {
    yield `the run takes ${Math.ceil(load.durationSeconds / 60)} min and the window (${describeWindow(window)}) closes in ${left} min`;
  }
  if (load.peakTps !== undefined && load.peakTps > maxTps) {
    yield `the target rate of the profile is ${rateText(load.peakTps)} and maxTps is ${rateText(maxTps)}`;
  }
  if (load.overloads && overload === 'forbidden')
    yield 'find-max exceeds the limits of the cluster, and overload is forbidden';
  for (const [what, names] of [
    ['topic', load.topics],
    ['group', load.groups],
  ] as const) {
    for (const name of names) {
      if (!name.startsWith(topicPrefix))
        yield `${what} ${name}: loadTest.topicPrefix is ${topicPrefix}, so choose a name such as ${topicPrefix}${name}`;
    }
  }
}
