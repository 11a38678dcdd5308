// Simulates a day with a fluid model: constant rates between events, and conservation of messages.

import { courseOf, type DayCourse } from './day-course.ts';
import { type DayState, peaksOf, startOfDay, writtenPerMessage } from './day-state.ts';
import { expire } from './expiry.ts';
import { flowRates, type Rates } from './flow-rates.ts';
import type { Disturbances } from './outage.ts';
import { quietMinutes } from './quiet-minute.ts';
import { type Serving, servingOf, type SimulatedCluster } from './simulated-cluster.ts';
import { drainSeconds } from './write-flow.ts';

export interface SimulatedDay {
  course: DayCourse;
  /** State at the end of the day. */
  state: DayState;
}

/** Events closer than this, in seconds, are merged, so that alternating events cannot stall the simulation. */
const shortest = 0.5;
const minuteSeconds = 60;

/**
 * Rates change at the minutes of the curve and at events: a machine fails or returns, a leader is elected, a lag ends or exceeds
 * the page cache, a copy is in sync again. Between events all amounts are linear, so steps end at events, not on a fixed grid.
 *
 * @param pace `step-by-step` never simulates a minute in one step; used by tests of the equivalence
 * @returns invariants at any time: per stream, offered = accepted + held + failed; per group, accepted = consumed + lag + lost
 */
export function simulateDay(
  cluster: SimulatedCluster,
  { outages, slow }: Disturbances,
  pace?: 'step-by-step',
): SimulatedDay {
  const minutes = cluster.streams[0]?.rates.length ?? 0;
  const state = startOfDay(cluster, minutes);
  const course = courseOf(minutes);
  const coldFrom = cluster.streams.map((stream) => {
    const perMessage = writtenPerMessage(cluster, stream);
    return cluster.sets.map(({ copies }) => (cluster.machines[copies[0] ?? 0]?.cacheBytes ?? Infinity) / perMessage);
  });
  const edges = [...outages, ...slow].flatMap(({ from, until }) => [from, until]).toSorted((a, b) => a - b);
  const liveQuietMinute = quietMinutes(cluster);
  let serving = servingOf(cluster, state.machines);
  let time = 0;
  for (let minute = 0; minute < minutes; minute += 1) {
    const end = (minute + 1) * minuteSeconds;
    const rates = cluster.streams.map((stream) => stream.rates[minute] ?? 0);
    course.begin(minute, rates);
    const isUndisturbed =
      !edges.some((edge) => edge >= time && edge < end) &&
      state.electingUntil.every((at) => at <= time) &&
      state.unacknowledgedUntil.every((at) => at <= time);
    const peaks = isUndisturbed && pace === undefined ? liveQuietMinute(state, rates) : undefined;
    if (peaks !== undefined) {
      const taken = rates.reduce((sum, rate) => sum + rate, 0);
      course.watch(minute, cluster, { peaks, taken, readFromDisk: false, from: time, span: minuteSeconds });
      time = end;
    }
    while (time < end) {
      if (moveMachines(cluster, state, { outages, serving, time })) serving = servingOf(cluster, state.machines);
      limitReaders(cluster, state, slow, time);
      const flow = flowRates(cluster, state, { serving, time, rates });
      const until = Math.min(end, edges.find((edge) => edge > time) ?? end);
      const span = Math.min(until - time, Math.max(shortest, nextEvent(state, { flow, coldFrom, time })));
      advance(cluster, state, { flow, rates, span, coldFrom });
      const taken = flow.accepted.reduce((sum, bySet) => sum + bySet.reduce((all, rate) => all + rate, 0), 0);
      course.watch(minute, cluster, {
        peaks: peaksOf(cluster, flow.use),
        taken,
        readFromDisk: flow.readFromDisk,
        from: time,
        span,
      });
      course.settle(minute, state, time + span);
      time = end - (time + span) < 1e-9 ? end : time + span;
    }
    const used = expire(cluster, state, minute);
    course.finish(minute, state, used);
  }
  return { course, state };
}

/** @returns whether a machine failed or returned */
function moveMachines(
  cluster: SimulatedCluster,
  state: DayState,
  { outages, serving, time }: { outages: Disturbances['outages']; serving: readonly Serving[]; time: number },
): boolean {
  let moved = false;
  for (const machine of state.machines.keys()) {
    const outage = outages.find((each) => each.machine === machine && each.from <= time && time < each.until);
    const before = state.machines[machine];
    const isWhole = (state.missing[machine] ?? 0) <= 0;
    const now = outage ? 'down' : isWhole ? 'up' : 'behind';
    if (now === before) continue;
    moved = true;
    state.machines[machine] = now;
    if (outage === undefined) continue;
    if (cluster.awaitsCopies && !outage.isOrderly) awaitCopies(cluster, state, { machine, time });
    for (const [set, { leaders }] of serving.entries()) {
      if (!leaders.some(([leader, part]) => leader === machine && part === 1)) continue;
      state.electingUntil[set] = time + (outage.isOrderly ? cluster.handoverSeconds : cluster.electionSeconds);
    }
  }
  return moved;
}

/** With acks=all a message waits for each in-sync copy, and a lost copy counts as in sync until the controller detects it. */
function awaitCopies(
  { sets, electionSeconds }: SimulatedCluster,
  state: DayState,
  { machine, time }: { machine: number; time: number },
): void {
  for (const [set, { copies }] of sets.entries())
    if (copies.includes(machine)) state.unacknowledgedUntil[set] = time + electionSeconds;
}

function limitReaders({ streams }: SimulatedCluster, { readers }: DayState, slow: Disturbances['slow'], time: number) {
  for (const reader of readers) {
    const usual = streams[reader.stream]?.groups[reader.group]?.mostPerSecond ?? Infinity;
    const limit = slow.find(
      ({ stream, group, from, until }) =>
        stream === reader.stream && group === reader.group && from <= time && time < until,
    );
    reader.mostPerSecond = Math.min(usual, limit?.mostPerSecond ?? Infinity);
  }
}

interface Moment {
  flow: Rates;
  /** By stream and set: lag in messages from which reads come from disk. */
  coldFrom: readonly (readonly number[])[];
  time: number;
}

/** @returns seconds until the next change */
function nextEvent(state: DayState, { flow, coldFrom, time }: Moment): number {
  let soonest = Infinity;
  for (const until of [...state.electingUntil, ...state.unacknowledgedUntil])
    if (until > time) soonest = Math.min(soonest, until - time);
  for (const { held } of state.streams) if (held.some((each) => each > 0)) soonest = Math.min(soonest, drainSeconds);
  for (const [machine, bytes] of state.missing.entries()) {
    const shrinking = (flow.fetched[machine] ?? 0) - (flow.missed[machine] ?? 0);
    if (bytes > 0 && shrinking > 0) soonest = Math.min(soonest, bytes / shrinking);
  }
  for (const [index, { stream, position, isCold }] of state.readers.entries()) {
    const head = state.streams[stream]?.head;
    for (const [set, at] of position.entries()) {
      const lag = (head?.[set] ?? 0) - at;
      const growth = (flow.accepted[stream]?.[set] ?? 0) - (flow.taken[index]?.[set] ?? 0);
      const cold = coldFrom[stream]?.[set] ?? Infinity;
      if (growth < 0 && lag > 0) soonest = Math.min(soonest, lag / -growth);
      if (growth > 0 && isCold[set] === 0 && lag < cold) soonest = Math.min(soonest, (cold - lag) / growth);
      if (growth < 0 && isCold[set] === 1 && lag > cold) soonest = Math.min(soonest, (lag - cold) / -growth);
    }
  }
  return soonest;
}

function advance(
  { failover, sets, holdSeconds }: SimulatedCluster,
  state: DayState,
  {
    flow,
    rates,
    span,
    coldFrom,
  }: { flow: Rates; rates: readonly number[]; span: number; coldFrom: Moment['coldFrom'] },
): void {
  for (const [index, stream] of state.streams.entries()) {
    const rate = rates[index] ?? 0;
    const places = failover === 'spread' ? sets.length : 1;
    const { held, head } = stream;
    stream.offered += rate * span;
    for (const [set, taken] of (flow.accepted[index] ?? []).entries()) {
      head[set] = (head[set] ?? 0) + taken * span;
      stream.accepted += taken * span;
      const place = places === 1 ? 0 : set;
      held[place] = (held[place] ?? 0) - taken * span;
    }
    const most = (rate / places) * holdSeconds;
    for (let place = 0; place < places; place += 1) {
      const holding = (held[place] ?? 0) + (rate / places) * span;
      // Removes rounding errors of a subtraction.
      held[place] = holding < 1e-6 ? 0 : Math.min(holding, most);
      if (holding > most) stream.failed += holding - most;
    }
  }
  for (const [machine, bytes] of state.missing.entries()) {
    const change = ((flow.missed[machine] ?? 0) - (flow.fetched[machine] ?? 0)) * span;
    const left = bytes + change;
    state.missing[machine] = left < 1 ? 0 : left;
  }
  for (const [index, reader] of state.readers.entries()) {
    const head = state.streams[reader.stream]?.head;
    for (const [set, at] of reader.position.entries()) {
      const end = head?.[set] ?? 0;
      const reached = Math.min(end, at + (flow.taken[index]?.[set] ?? 0) * span);
      // A lag below a thousandth of a message is a rounding error.
      const position = end - reached < 1e-3 ? end : reached;
      reader.consumed += position - at;
      reader.position[set] = position;
      const cold = coldFrom[reader.stream]?.[set] ?? Infinity;
      reader.isCold[set] = end - position > cold * (1 - 1e-9) && end > position ? 1 : 0;
    }
  }
}
