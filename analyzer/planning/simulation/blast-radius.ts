// Simulates each single failure of a planned cluster in each hour of the day, and compares it with the same day without failure.

import { survivedLosses, type ClusterPlan } from '../../../core/documents/cluster-plan.ts';
import type { BlastRadius, CellEffect, FailureCell } from '../../../core/documents/blast-radius.ts';
import type { SizingPolicy } from '../sizing/sizing-policy.ts';
import { clock, toleratedPerElection } from './day-verdict.ts';
import { plannedCluster, type SimulationChoices } from './planned-cluster.ts';
import type { DayCourse } from './day-course.ts';
import { simulateDay, type SimulatedDay } from './simulate-day.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';
import { drainSeconds } from './write-flow.ts';

/** A failure occurs an hour after the start of the simulated day, which leaves 23 hours to recover. */
const leadMinutes = 60;
const minuteSeconds = 60;
const hours = Array.from({ length: 24 }, (_, hour) => hour);

interface Failure {
  kind: 'host' | 'zone';
  name: string;
  alike: string[];
  machines: number[];
}

/** @param lastsSeconds duration of each failure */
export function blastRadiusOf(
  plan: ClusterPlan,
  policy: SizingPolicy,
  { choices, lastsSeconds }: { choices: SimulationChoices; lastsSeconds: number },
): BlastRadius {
  const cluster = plannedCluster(plan, policy, choices);
  const survived = survivedLosses(plan);
  const days = hours.map((hour) => calmDayAround(cluster, hour));
  const failures = [...hostFailures(plan, cluster), ...zoneFailures(plan, cluster)].map(
    ({ kind, name, alike, machines }) => {
      const cells = days.map((day) => cellOf(day, machines, lastsSeconds));
      const isPromised = kind === 'zone' ? survived.zone : survived.broker;
      return { kind, name, alike, isPromised, isBroken: isPromised && cells.some(isBroken), hours: cells };
    },
  );
  return { cluster: plan.name, failures, notSimulated: [...nameServers(plan), ...controllers(plan)] };
}

/** Hosts with the same zone and the same role in the data sets are one failure. */
function hostFailures({ brokers }: ClusterPlan, { sets }: SimulatedCluster): Failure[] {
  const leaders = new Set(sets.map(({ copies }) => copies[0]));
  const byHost = Map.groupBy(brokers.keys(), (index) => brokers[index]?.host ?? '');
  const all = [...byHost].map(([host, machines]) => ({
    host,
    machines,
    part: JSON.stringify(machines.map((machine) => [brokers[machine]?.zone, leaders.has(machine)])),
  }));
  return [...Map.groupBy(all, ({ part }) => part).values()].flatMap((alike) =>
    alike.slice(0, 1).map(({ host, machines }) => ({
      kind: 'host' as const,
      name: host,
      alike: alike.map((each) => each.host),
      machines,
    })),
  );
}

function zoneFailures({ zones }: ClusterPlan, { machines }: SimulatedCluster): Failure[] {
  if (zones.length < 2) return [];
  return zones.map((zone) => ({
    kind: 'zone',
    name: zone,
    alike: [zone],
    machines: machines.flatMap((machine, index) => (machine.zone === zone ? [index] : [])),
  }));
}

function nameServers({ nameServers: all = [] }: ClusterPlan): BlastRadius['notSimulated'] {
  if (all.length === 0) return [];
  const left = all.length - 1;
  const effect = left > 0 ? 'none-while-others-serve' : 'no-new-routes';
  return [{ kind: 'name-server', hosts: all.map(({ host }) => host), left, effect }];
}

function controllers({ controllers: all = [] }: ClusterPlan): BlastRadius['notSimulated'] {
  if (all.length === 0) return [];
  const left = all.length - 1;
  const effect = left > all.length / 2 ? 'none-while-others-serve' : 'no-elections';
  return [{ kind: 'controller', hosts: all.map(({ host }) => host), left, effect }];
}

interface CalmDay {
  hour: number;
  /** Minute of the actual day at which the failure occurs. */
  minute: number;
  /** Cluster whose day begins an hour before that minute. */
  cluster: SimulatedCluster;
  calm: SimulatedDay;
}

function calmDayAround(cluster: SimulatedCluster, hour: number): CalmDay {
  const loadAt = (minute: number) => cluster.streams.reduce((sum, { rates }) => sum + (rates[minute] ?? 0), 0);
  const first = hour * 60;
  let minute = first;
  for (let other = first; other < first + 60; other += 1)
    if (loadAt(other) > loadAt(minute) * (1 + 1e-9)) minute = other;
  const turned = {
    ...cluster,
    streams: cluster.streams.map((stream) => ({ ...stream, rates: rotated(stream.rates, minute - leadMinutes) })),
  };
  return { hour, minute, cluster: turned, calm: simulateDay(turned, { outages: [], slow: [] }) };
}

const rotated = (rates: Float64Array, from: number): Float64Array =>
  rates.map((_, minute) => rates[(minute + from + rates.length) % rates.length] ?? 0);

function cellOf(
  { hour, minute, cluster, calm }: CalmDay,
  machines: readonly number[],
  lastsSeconds: number,
): FailureCell {
  const from = leadMinutes * minuteSeconds;
  const outages = machines.map((machine) => ({ machine, from, until: from + lastsSeconds, isOrderly: false }));
  const day = simulateDay(cluster, { outages, slow: [] });
  const { course, state } = day;
  const minutes = course.offered.keys().toArray();
  const more = (pick: (of: SimulatedDay['course']) => Float64Array, at: number) =>
    Math.max(0, (pick(course)[at] ?? 0) - (pick(calm.course)[at] ?? 0));
  const most = (pick: (of: SimulatedDay['course']) => Float64Array) =>
    minutes.reduce((highest, at) => (more(pick, at) >= 1 ? Math.max(highest, pick(course)[at] ?? 0) : highest), 0);
  const end = course.minutes - 1;
  const outsideSafeSeconds = minutes.reduce((sum, at) => sum + more(({ outside }) => outside, at), 0);
  const failedMessages = more(({ failed }) => failed, end);
  const lostMessages = more(({ lost }) => lost, end);
  const mostLagMessages = most(({ mostLag }) => mostLag);
  const mostHeldMessages = most(({ mostHeld }) => mostHeld);
  const last = minutes.findLast(
    (at) =>
      more(({ outside }) => outside, at) > 1e-6 ||
      more(({ mostLag }) => mostLag, at) >= 1 ||
      more(({ mostHeld }) => mostHeld, at) >= 1,
  );
  // Messages that waited for a leader arrive faster than usual; the time that groups need for them is part of the delay.
  const mostLagSeconds = mostLagMessages >= 1 ? most(({ mostLagSeconds: age }) => age) : 0;
  const isBehind = mostLagSeconds > drainSeconds;
  const { failover, sets, electionSeconds: toElect } = cluster;
  const isElected = failover !== 'none' && sets.some(({ copies: [leader = -1] }) => machines.includes(leader));
  const electionSeconds = isElected ? toElect : 0;
  const effect: CellEffect =
    failedMessages >= 1 || lostMessages >= 1
      ? 'refused'
      : outsideSafeSeconds > 0
        ? 'outside-safe'
        : isBehind
          ? 'lag'
          : mostHeldMessages >= 1 || mostLagMessages >= 1 || isElected
            ? 'delayed'
            : 'none';
  return {
    hour,
    at: clock(minute),
    offeredTps: course.offered[leadMinutes] ?? 0,
    effect,
    outsideSafeSeconds,
    failedMessages,
    lostMessages,
    electionSeconds,
    mostHeldMessages,
    mostLagMessages,
    mostLagSeconds,
    ...(last !== end && {
      normalAfterSeconds: last === undefined ? electionSeconds : lastMoment(last, course, calm.course) - from,
    }),
    domains: cluster.streams.flatMap(({ name }, stream) => {
      const failed = (state.streams[stream]?.failed ?? 0) - (calm.state.streams[stream]?.failed ?? 0);
      const mostLag = state.readers.reduce((highest, reader, index) => {
        const [own, before] = [course.mostLags[index], calm.course.mostLags[index]];
        if (reader.stream !== stream || own === undefined) return highest;
        return own.reduce((sofar, lag, at) => (lag - (before?.[at] ?? 0) >= 1 ? Math.max(sofar, lag) : sofar), highest);
      }, 0);
      return failed >= 1 || (isBehind && mostLag >= 1)
        ? [{ domain: name, failedMessages: failed, mostLagMessages: mostLag }]
        : [];
    }),
  };
}

/** @returns the second of the day after which nothing differs, within the last minute that does */
function lastMoment(minute: number, course: DayCourse, calm: DayCourse): number {
  const isCalm = (calm.unsettledUntil[minute] ?? 0) === 0;
  return (isCalm && course.unsettledUntil[minute]) || (minute + 1) * minuteSeconds;
}

/** Leaders on one host fail together, and are elected together. */
const isBroken = ({ outsideSafeSeconds, failedMessages, lostMessages }: FailureCell): boolean =>
  outsideSafeSeconds > toleratedPerElection || failedMessages >= 1 || lostMessages >= 1;
