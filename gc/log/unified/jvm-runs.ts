// Detects a change of JVM by uptime or collection numbers that decrease; a clock step does not count.

import type { GcEvent, Moment } from '../gc-event.ts';

/** Threads stamp a line before they write it, so neighbouring lines may be out of order by one write. */
const toleranceSeconds = 1;
/** Limit of nested collections: outer ones end after inner ones. */
const deepestNesting = 2;

interface Run {
  lastUptimeSeconds?: number;
  lastEpochMs?: number;
  /** Date minus uptime. */
  startedAtMs?: number;
  lastCollection?: number;
  /** Set by events of any kind, because pauses of ZGC have no number. */
  hasEvents?: true;
}

export interface RunsState {
  current?: Run;
  previous?: Run;
  areTwo?: true;
}

export class JvmRuns {
  readonly #emit: (event: GcEvent) => void;
  readonly #onOther: () => void;
  #state: RunsState;

  /** @param onOther called before events of another JVM, because open collections will not be finished */
  constructor(emit: (event: GcEvent) => void, state: RunsState, onOther: () => void) {
    this.#emit = emit;
    this.#state = state;
    this.#onOther = onOther;
  }

  get state(): RunsState {
    return this.#state;
  }

  get isKnown(): boolean {
    return this.#state.current !== undefined;
  }

  /** True if the JVM has logged an event since it started. */
  get hasEvents(): boolean {
    return this.#state.current?.hasEvents ?? false;
  }

  start(at: Moment): void {
    const previous = this.#state.current;
    if (previous !== undefined) this.#onOther();
    this.#state = { ...this.#state, current: {}, ...(previous && { previous }) };
    this.#emit({ kind: 'run-start', at });
    this.#follow(at);
  }

  /** @param collection number of a young or full collection: consecutive, unlike the number of a marking cycle */
  observe(at: Moment, collection?: number): void {
    const { current, previous } = this.#state;
    const isTurn = current && previous && isTurnOf(previous, current, at, collection);
    const isNew = current === undefined || (!isTurn && hasFallen(current, at, collection));
    if (isTurn) this.#turnTo(previous, current, at);
    else if (isNew) this.start(at);
    else this.#noticeStep(current, at);
    this.#follow(at, collection);
    if (this.#state.current !== undefined) this.#state.current.hasEvents = true;
  }

  /** Treats two JVMs that write in turns as two writers, not as a restart at each turn. */
  #turnTo(previous: Run, current: Run, at: Moment): void {
    this.#onOther();
    if (!this.#state.areTwo) this.#emit({ kind: 'notice', code: 'two-writers', at });
    this.#state = { current: previous, previous: current, areTwo: true };
  }

  #noticeStep(run: Run, at: Moment): void {
    const startedAtMs = startedAt(at);
    const stepMs =
      startedAtMs !== undefined && run.startedAtMs !== undefined
        ? startedAtMs - run.startedAtMs
        : stepBack(run.lastEpochMs, at.epochMs);
    if (Math.abs(stepMs) <= toleranceSeconds * 1e3) return;
    this.#emit({ kind: 'notice', code: 'clock-step', at, amount: stepMs / 1e3 });
    if (startedAtMs !== undefined) run.startedAtMs = startedAtMs;
  }

  #follow(at: Moment, collection?: number): void {
    const run = this.#state.current;
    if (run === undefined) return;
    if (at.uptimeSeconds !== undefined) run.lastUptimeSeconds = at.uptimeSeconds;
    if (at.epochMs !== undefined) run.lastEpochMs = at.epochMs;
    if (collection !== undefined) run.lastCollection = Math.max(collection, run.lastCollection ?? collection);
    const startedAtMs = startedAt(at);
    if (run.startedAtMs !== undefined || startedAtMs === undefined) return;
    run.startedAtMs = startedAtMs;
    this.#emit({ kind: 'jvm', startedAtMs });
  }
}

const startedAt = ({ epochMs, uptimeSeconds }: Moment): number | undefined =>
  epochMs === undefined || uptimeSeconds === undefined ? undefined : Math.round(epochMs - uptimeSeconds * 1e3);

/** With dates only, a clock step backwards is visible; a step forwards looks like elapsed time. */
const stepBack = (lastEpochMs: number | undefined, epochMs: number | undefined): number =>
  lastEpochMs === undefined || epochMs === undefined ? 0 : Math.min(0, epochMs - lastEpochMs);

function hasFallen(run: Run, at: Moment, collection: number | undefined): boolean {
  if (at.uptimeSeconds !== undefined && run.lastUptimeSeconds !== undefined)
    return at.uptimeSeconds < run.lastUptimeSeconds - toleranceSeconds;
  return collection !== undefined && collection + deepestNesting < (run.lastCollection ?? 0);
}

function isTurnOf(previous: Run, current: Run, at: Moment, collection: number | undefined): boolean {
  const startedAtMs = startedAt(at);
  if (startedAtMs !== undefined && previous.startedAtMs !== undefined)
    return isNear(startedAtMs, previous.startedAtMs) && !isNear(startedAtMs, current.startedAtMs);
  if (collection === undefined || previous.lastCollection === undefined) return false;
  const isNext = collection === previous.lastCollection + 1;
  return isNext && Math.abs(collection - (current.lastCollection ?? 0)) > deepestNesting;
}

const isNear = (a: number, b: number | undefined): boolean =>
  b !== undefined && Math.abs(a - b) <= toleranceSeconds * 1e3;
