// Defines the document of `plimsoll simulate --json`.

import { z } from 'zod';
import { scenarioNames } from '../../analyzer/planning/simulation/outage.ts';
import type { ScenarioDay } from '../../analyzer/planning/simulation/simulate-plan.ts';
import { ClusterPlan } from '../../core/documents/cluster-plan.ts';
import { clock } from '../../analyzer/planning/simulation/day-verdict.ts';

const schemaVersion = 1;

export const SimulationDocument = z.strictObject({
  schemaVersion: z.literal(schemaVersion),
  kind: z.literal('simulation'),
  world: z.enum(['low', 'mid', 'high']).describe('which end of what the plan expects is the peak'),
  consumerSpeed: z.number().describe('what a group takes at most, over the planned peak'),
  days: z.array(
    z.strictObject({
      cluster: z.string(),
      scenario: z.enum(scenarioNames),
      at: z.string().describe('HH:MM'),
      lastsSeconds: z.number(),
      promise: ClusterPlan.shape.promise.pick({ peakTps: true, safeTps: true, afterLossTps: true, survives: true }),
      verdict: z.enum(['kept', 'broken', 'not-promised']),
      broken: z.array(
        z.strictObject({
          code: z.string(),
          value: z.number(),
          limit: z.number(),
          unit: z.string(),
          message: z.string(),
        }),
      ),
      peakTps: z.number(),
      outsideSafeSeconds: z.number().describe('in which a machine was used more than policy allows'),
      most: z
        .strictObject({
          loadOfSafe: z.number().describe('messages of the most loaded leader over its safe maximum'),
          networkIn: z.number().describe('ratio of the card'),
          networkOut: z.number(),
          disk: z.number().optional().describe('ratio of disk throughput; absent if not measured'),
          diskUsed: z.number().describe('ratio of its size'),
          lagMessages: z.number().describe('of the group furthest behind'),
          lagSeconds: z.number().describe('age of the oldest message that a group had not read'),
        })
        .describe('of the most loaded machine, at any time of the day'),
      minutesReadFromDisk: z.number().int(),
      messages: z.array(
        z.strictObject({
          domain: z.string(),
          offered: z.number(),
          accepted: z.number(),
          held: z.number().describe('by producers, when the day ends'),
          failed: z.number().describe('messages that no broker accepted in time'),
        }),
      ),
      groups: z.array(
        z.strictObject({
          name: z.string(),
          consumed: z.number(),
          lag: z.number().describe('when the day ends'),
          lost: z.number().describe('deleted before they were read'),
          mostLag: z.number(),
          caughtUpAt: z
            .string()
            .optional()
            .describe('HH:MM of the last minute with a lag; absent where there was none'),
        }),
      ),
      minutes: z
        .array(
          z.strictObject({
            time: z.string(),
            offeredTps: z.number(),
            acceptedTps: z.number(),
            lagMessages: z.number(),
            lagSeconds: z.number(),
            networkIn: z.number(),
            networkOut: z.number(),
            disk: z.number().optional(),
            diskUsed: z.number(),
            readFromDisk: z.boolean(),
            outsideSafeSeconds: z.number(),
          }),
        )
        .optional()
        .describe('where one cluster and one scenario were asked for'),
    }),
  ),
});

type Document = z.infer<typeof SimulationDocument>;
const highest = (series: Float64Array) => series.reduce((most, value) => Math.max(most, value), 0);
export const total = (series: Float64Array) => series.reduce((sum, value) => sum + value, 0);

export function simulationDocument(
  days: readonly ScenarioDay[],
  choices: { world: Document['world']; consumerSpeed: number },
): Document {
  return {
    schemaVersion,
    kind: 'simulation',
    world: choices.world,
    consumerSpeed: choices.consumerSpeed,
    days: days.map((each) => ({ ...dayOf(each), ...(days.length === 1 && { minutes: minutesOf(each) }) })),
  };
}

const tellsDisk = ({ cluster }: ScenarioDay) => cluster.machines.every((each) => each.diskBytesPerSecond !== undefined);

function dayOf(simulated: ScenarioDay): Omit<Document['days'][number], 'minutes'> {
  const { promise, cluster, scenario, times, day, verdict } = simulated;
  const { peakTps, safeTps, afterLossTps, survives } = promise;
  const { course, state } = day;
  return {
    cluster: cluster.name,
    scenario,
    at: clock(Math.floor(times.at / 60)),
    lastsSeconds: times.lasts,
    promise: { peakTps, safeTps, afterLossTps, survives },
    verdict: verdict.kind,
    broken: verdict.broken,
    peakTps: highest(course.offered),
    outsideSafeSeconds: total(course.outside),
    most: {
      loadOfSafe: highest(course.load),
      networkIn: highest(course.networkIn),
      networkOut: highest(course.networkOut),
      ...(tellsDisk(simulated) && { disk: highest(course.disk) }),
      diskUsed: highest(course.diskUsed),
      lagMessages: highest(course.lag),
      lagSeconds: highest(course.lagSeconds),
    },
    minutesReadFromDisk: course.readFromDisk.reduce((sum, each) => sum + each, 0),
    messages: state.streams.map(({ offered, accepted, held, failed }, index) => ({
      domain: cluster.streams[index]?.name ?? '',
      offered,
      accepted,
      held: total(held),
      failed,
    })),
    groups: state.readers.map(({ name, consumed, lost }, index) => {
      const lags = course.lags[index] ?? new Float64Array();
      const last = lags.findLastIndex((lag) => lag > 0);
      return {
        name,
        consumed,
        lag: lags.at(-1) ?? 0,
        lost,
        mostLag: highest(lags),
        ...(last >= 0 && { caughtUpAt: clock(last) }),
      };
    }),
  };
}

function minutesOf(simulated: ScenarioDay): NonNullable<Document['days'][number]['minutes']> {
  const { course } = simulated.day;
  const at = (series: Float64Array, minute: number) => series[minute] ?? 0;
  return Array.from({ length: course.minutes }, (_, minute) => ({
    time: clock(minute),
    offeredTps: at(course.offered, minute),
    acceptedTps: at(course.accepted, minute),
    lagMessages: at(course.lag, minute),
    lagSeconds: at(course.lagSeconds, minute),
    networkIn: at(course.networkIn, minute),
    networkOut: at(course.networkOut, minute),
    ...(tellsDisk(simulated) && { disk: at(course.disk, minute) }),
    diskUsed: at(course.diskUsed, minute),
    readFromDisk: course.readFromDisk[minute] === 1,
    outsideSafeSeconds: at(course.outside, minute),
  }));
}
