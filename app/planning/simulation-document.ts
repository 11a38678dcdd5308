// Creates the document of `plimsoll simulate --json`.

import { clock } from '../../analyzer/planning/simulation/day-verdict.ts';
import type { ScenarioDay } from '../../analyzer/planning/simulation/simulate-plan.ts';
import { simulationSchemaVersion, type SimulationDocument } from '../../core/documents/simulation.ts';

export const highest = (series: Float64Array) => series.reduce((most, value) => Math.max(most, value), 0);
export const total = (series: Float64Array) => series.reduce((sum, value) => sum + value, 0);

export function simulationDocument(
  days: readonly ScenarioDay[],
  choices: { world: SimulationDocument['world']; consumerSpeed: number },
): SimulationDocument {
  return {
    schemaVersion: simulationSchemaVersion,
    kind: 'simulation',
    world: choices.world,
    consumerSpeed: choices.consumerSpeed,
    days: days.map((each) => ({ ...dayOf(each), ...(days.length === 1 && { minutes: minutesOf(each) }) })),
  };
}

export const hasDisk = ({ cluster }: ScenarioDay) =>
  cluster.machines.every((each) => each.diskBytesPerSecond !== undefined);

function dayOf(simulated: ScenarioDay): Omit<SimulationDocument['days'][number], 'minutes'> {
  const { promise, cluster, scenario, times, day, verdict } = simulated;
  const { peakTps, safeTps, afterLossTps, survives } = promise;
  const { course, state } = day;
  return {
    cluster: cluster.name,
    scenario,
    ...(scenario === 'broker-lost' && { lostBrokers: cluster.lostBrokers ?? 1 }),
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
      ...(hasDisk(simulated) && { disk: highest(course.disk) }),
      diskUsed: highest(course.diskUsed),
      lagMessages: highest(course.mostLag),
      lagSeconds: highest(course.mostLagSeconds),
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
      const [lags = new Float64Array(), most = lags] = [course.lags[index], course.mostLags[index]];
      const lag = lags.at(-1) ?? 0;
      const last = (series: Float64Array) => series.findLastIndex((each) => each > 0);
      return {
        name,
        consumed,
        lag,
        lost,
        mostLag: highest(most),
        // Lag at the end of a minute is caught up in a later minute.
        ...(last(most) >= 0 && lag === 0 && { caughtUpAt: clock(Math.max(last(lags) + 1, last(most))) }),
      };
    }),
  };
}

function minutesOf(simulated: ScenarioDay): NonNullable<SimulationDocument['days'][number]['minutes']> {
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
    ...(hasDisk(simulated) && { disk: at(course.disk, minute) }),
    diskUsed: at(course.diskUsed, minute),
    readFromDisk: course.readFromDisk[minute] === 1,
    outsideSafeSeconds: at(course.outside, minute),
  }));
}
