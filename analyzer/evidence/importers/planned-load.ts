// Finds the steps with a planned unsteady rate: the workload in run.json pauses consumers or changes rates.

import { z } from 'zod';
import type { LoadTestDocument } from '../load-test-run.ts';

/** The parts of a workload that make rates unsteady. */
const PlannedLoad = z.looseObject({
  groups: z
    .array(z.looseObject({ stopped: z.array(z.looseObject({ from: z.number(), to: z.number() })).default([]) }))
    .catch([]),
  profile: z.looseObject({ kind: z.string(), backlog: z.number().optional() }).optional().catch(undefined),
});

/** Profiles in which a step may rise or fall from its start to its end. */
const curves: ReadonlySet<string | undefined> = new Set(['ramp', 'spike', 'diurnal', 'replay']);

/**
 * @returns `stopped`: indices of steps in which a group was stopped. A run.json without a workload means constant steps
 * and no stops
 */
export function plannedLoad({ resume, steps }: LoadTestDocument) {
  const { success, data } = PlannedLoad.safeParse(resume?.workload);
  if (!success) return { stopped: new Set<number>(), isCurve: false };
  const { groups, profile } = data;
  const stops = groups.flatMap(({ stopped }) => stopped);
  if (profile?.kind === 'backlog-and-drain') {
    stops.push({ from: 0, to: profile.backlog ?? steps[0]?.durationSeconds ?? 0 });
  }
  const stopped = new Set<number>();
  let begin = 0;
  for (const [index, { durationSeconds }] of steps.entries()) {
    const end = begin + durationSeconds;
    if (stops.some(({ from, to }) => from < end && to > begin)) stopped.add(index);
    begin = end;
  }
  return { stopped, isCurve: curves.has(profile?.kind) };
}
