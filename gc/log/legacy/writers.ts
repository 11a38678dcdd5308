// Detects which JVM wrote a line and whether the clock stepped, from uptime and date, or whichever is logged.

import type { GcEvent, Moment } from '../gc-event.ts';

export interface WritersState {
  last?: Moment;
  /** Start times of the JVMs seen so far, computed as date minus uptime; the current writer is last. */
  startsMs: number[];
  /** Uptime before it decreased, and before it rose again past that value: both recur if two JVMs write in turns. */
  fellFrom?: number;
  roseFrom?: number;
  hasBegun: boolean;
  /** True if the previous text was invalid, which indicates a second writer instead of a clock step. */
  isTorn: boolean;
  areTwoReported: boolean;
}

export const noWriters = (): WritersState => ({ startsMs: [], hasBegun: false, isTorn: false, areTwoReported: false });

/** Concurrent threads take stamps before they write the line, and dates drift relative to uptime. */
const toleranceMs = 2000;
const maxKnownStarts = 8;

/** Processes every stamp in order and reports a JVM start, a second JVM, or a clock step. */
export function observe(state: WritersState, now: Moment, emit: (event: GcEvent) => void): void {
  if (now.epochMs === undefined && now.uptimeSeconds === undefined) {
    beginOnce(state, now, emit);
    return;
  }
  if (now.epochMs !== undefined && now.uptimeSeconds !== undefined) {
    observeBoth(state, now.epochMs, now.uptimeSeconds, emit);
  } else if (now.uptimeSeconds !== undefined) {
    observeUptime(state, now.uptimeSeconds, emit);
  } else if (now.epochMs !== undefined) {
    observeDate(state, now.epochMs, emit);
  }
  state.last = now;
  state.isTorn = false;
}

/** A header begins a run, even if the stamps continue. */
export function beginRun(state: WritersState, emit: (event: GcEvent) => void): void {
  emit({ kind: 'run-start', at: {} });
  state.hasBegun = true;
  delete state.last;
}

function beginOnce(state: WritersState, at: Moment, emit: (event: GcEvent) => void): void {
  if (state.hasBegun) return;
  emit({ kind: 'run-start', at });
  state.hasBegun = true;
}

function observeBoth(state: WritersState, epochMs: number, uptimeSeconds: number, emit: (event: GcEvent) => void) {
  const at = { epochMs, uptimeSeconds };
  const startMs = epochMs - Math.round(uptimeSeconds * 1000);
  const current = state.startsMs.at(-1);
  if (current !== undefined && Math.abs(startMs - current) <= toleranceMs && state.last !== undefined) {
    // The clock may be slewed over months, so compare with the previous line.
    state.startsMs[state.startsMs.length - 1] = startMs;
    return;
  }
  const known = state.startsMs.findIndex((other) => Math.abs(startMs - other) <= toleranceMs);
  if (known !== -1) {
    state.startsMs.push(...state.startsMs.splice(known, 1));
    if (state.last !== undefined) tellTwoWriters(state, at, emit);
    else beginOnce(state, at, emit);
    return;
  }
  const previous = state.last?.uptimeSeconds;
  if (current === undefined || previous === undefined) {
    beginOnce(state, at, emit);
  } else if (uptimeSeconds >= previous && !state.isTorn) {
    emit({ kind: 'notice', code: 'clock-step', at, amount: (startMs - current) / 1000 });
    state.startsMs.pop();
  } else {
    emit({ kind: 'run-start', at });
    if (state.isTorn) tellTwoWriters(state, at, emit);
  }
  state.startsMs.push(startMs);
  state.startsMs.splice(0, state.startsMs.length - maxKnownStarts);
  emit({ kind: 'jvm', startedAtMs: startMs });
}

function observeUptime(state: WritersState, uptimeSeconds: number, emit: (event: GcEvent) => void): void {
  const at = { uptimeSeconds };
  beginOnce(state, at, emit);
  const previous = state.last?.uptimeSeconds;
  if (previous === undefined) return;
  const tolerance = toleranceMs / 1000;
  if (uptimeSeconds < previous - tolerance) {
    const isTurn = state.roseFrom !== undefined && uptimeSeconds >= state.roseFrom - tolerance;
    if (isTurn || state.isTorn) tellTwoWriters(state, at, emit);
    else if (!state.areTwoReported) emit({ kind: 'run-start', at });
    state.fellFrom = previous;
    delete state.roseFrom;
  } else if (state.fellFrom !== undefined && previous < state.fellFrom && uptimeSeconds >= state.fellFrom) {
    state.roseFrom = previous;
  }
}

function observeDate(state: WritersState, epochMs: number, emit: (event: GcEvent) => void): void {
  const at = { epochMs };
  beginOnce(state, at, emit);
  const previous = state.last?.epochMs;
  if (previous !== undefined && epochMs < previous - toleranceMs) {
    emit({ kind: 'notice', code: 'clock-step', at, amount: (epochMs - previous) / 1000 });
  }
}

function tellTwoWriters(state: WritersState, at: Moment, emit: (event: GcEvent) => void): void {
  if (state.areTwoReported) return;
  emit({ kind: 'notice', code: 'two-writers', at });
  state.areTwoReported = true;
}
