// Compares a simulated day with the promises of the plan, and lists each broken one with its number.

import { survivedLosses, type ClusterPlan } from '../../../core/documents/cluster-plan.ts';
import type { ScenarioName, SimulationDocument } from '../../../core/documents/simulation.ts';
import type { SimulatedDay } from './simulate-day.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';
import { estimateText, percentText } from '../../../core/text/quantity-text.ts';

/** `not-promised`: the plan does not claim to survive this; exceeded limits are reported nevertheless. */
export type DayVerdict = { kind: 'kept' | 'broken' | 'not-promised'; broken: BrokenPromise[] };

type BrokenPromise = SimulationDocument['days'][number]['broken'][number];

/** During an election the others carry its load, and then the producers' backlog: a minute per election. */
export const toleratedPerElection = 60;

export function dayVerdict(
  plan: ClusterPlan,
  scenario: ScenarioName,
  cluster: SimulatedCluster,
  day: SimulatedDay,
  elections: number,
): DayVerdict {
  const broken = brokenOf(cluster, day, elections * toleratedPerElection);
  if (!isPromised(plan, scenario)) return { kind: 'not-promised', broken };
  return { kind: broken.length === 0 ? 'kept' : 'broken', broken };
}

function isPromised(plan: ClusterPlan, scenario: ScenarioName): boolean {
  const survived = survivedLosses(plan);
  if (scenario === 'zone-lost') return survived.zone;
  return scenario === 'broker-lost' || scenario === 'rolling-restart' ? survived.broker : true;
}

function brokenOf(
  { deletesBeyondShare = 1, isThrottled }: SimulatedCluster,
  { course }: SimulatedDay,
  tolerated: number,
): BrokenPromise[] {
  const last = course.minutes - 1;
  const outside = course.outside.reduce((sum, each) => sum + each, 0);
  const failed = course.failed[last] ?? 0;
  const lost = course.lost[last] ?? 0;
  const isFull = (minute: number) =>
    Math.max(course.networkIn[minute] ?? 0, course.networkOut[minute] ?? 0) >= 1 - 1e-9;
  const fullAt = course.offered.findIndex((_, minute) => isFull(minute));
  const fullest = Math.max(...course.diskUsed);
  const checks: (BrokenPromise | false)[] = [
    outside > tolerated && {
      code: 'outside-safe',
      value: outside,
      limit: tolerated,
      unit: 's',
      message: `${estimateText(outside / 60)} minutes outside the safe maximum, the first at ${clock(course.outside.findIndex((each) => each > 0))}`,
    },
    // Without throttling, a returning machine saturates cards itself.
    isThrottled &&
      fullAt >= 0 && {
        code: 'card-full',
        value: 1,
        limit: 1,
        unit: 'ratio',
        message: `a network card is full, the first time at ${clock(fullAt)}: messages wait`,
      },
    failed >= 1 && {
      code: 'messages-refused',
      value: failed,
      limit: 0,
      unit: 'messages',
      message: `${estimateText(failed)} messages failed because no broker accepted them in time, the first at ${clock(course.failed.findIndex((each) => each > 0))}: producers reported the error to their callers`,
    },
    lost >= 1 && {
      code: 'lost-unread',
      value: lost,
      limit: 0,
      unit: 'messages',
      message: `${estimateText(lost)} messages were deleted before a group read them, the first at ${clock(course.lost.findIndex((each) => each > 0))}`,
    },
    fullest >= deletesBeyondShare - 1e-3 && {
      code: 'disk-full',
      value: fullest,
      limit: deletesBeyondShare,
      unit: 'ratio',
      message: `a disk is ${percentText(fullest)} full at ${clock(course.diskUsed.findIndex((each) => each >= deletesBeyondShare - 1e-3))}`,
    },
    (course.lag[last] ?? 0) >= 1 && {
      code: 'lag-at-end',
      value: course.lag[last] ?? 0,
      limit: 0,
      unit: 'messages',
      message: `a group is still ${estimateText(course.lag[last] ?? 0)} messages behind when the day ends`,
    },
  ];
  return checks.filter((check) => check !== false);
}

export const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
