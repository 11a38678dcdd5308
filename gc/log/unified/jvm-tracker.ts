// Stores the known facts about the writing JVM, emits each once, and resets when another JVM starts to write.

import type { GcCollector, GcEvent, JvmFacts, Moment } from '../gc-event.ts';
import { bytesOf } from '../quantity.ts';
import { size } from './quantities.ts';

export interface JvmTrackerState {
  runs: RunsState;
  facts: Facts;
}

/**
 * Detects a change of JVM by uptime or collection numbers that decrease; a clock step does not count.
 *
 * @param onOther called before events of another JVM, because open collections will not be finished
 */
export function createJvmTracker(emit: (event: GcEvent) => void, state: JvmTrackerState, onOther: () => void) {
  let { runs, facts } = state;

  function learn(learned: Facts): void {
    const news = Object.entries(learned).filter(([name, value]) => facts[name as keyof Facts] !== value);
    if (news.length === 0) return;
    facts = { ...facts, ...learned };
    emit({ kind: 'jvm', ...Object.fromEntries(news) });
  }

  function forgetOther(): void {
    onOther();
    facts = {};
  }

  function start(at: Moment): void {
    const previous = runs.current;
    if (previous !== undefined) forgetOther();
    runs = { ...runs, current: {}, ...(previous && { previous }) };
    emit({ kind: 'run-start', at });
    update(at);
  }

  /** Treats two JVMs that write in turns as two writers, not as a restart at each turn. */
  function turnTo(previous: Run, current: Run, at: Moment): void {
    forgetOther();
    if (!runs.areTwo) emit({ kind: 'notice', code: 'two-writers', at });
    runs = { current: previous, previous: current, areTwo: true };
  }

  function noticeStep(run: Run, at: Moment): void {
    const startedAtMs = startedAt(at);
    const stepMs =
      startedAtMs !== undefined && run.startedAtMs !== undefined
        ? startedAtMs - run.startedAtMs
        : stepBack(run.lastEpochMs, at.epochMs);
    if (Math.abs(stepMs) <= toleranceSeconds * 1e3) return;
    emit({ kind: 'notice', code: 'clock-step', at, amount: stepMs / 1e3 });
    if (startedAtMs !== undefined) run.startedAtMs = startedAtMs;
  }

  function update(at: Moment, collection?: number): void {
    const run = runs.current;
    if (run === undefined) return;
    if (at.uptimeSeconds !== undefined) run.lastUptimeSeconds = at.uptimeSeconds;
    if (at.epochMs !== undefined) run.lastEpochMs = at.epochMs;
    if (collection !== undefined) run.lastCollection = Math.max(collection, run.lastCollection ?? collection);
    const startedAtMs = startedAt(at);
    if (run.startedAtMs !== undefined || startedAtMs === undefined) return;
    run.startedAtMs = startedAtMs;
    emit({ kind: 'jvm', startedAtMs });
  }

  return {
    state: (): JvmTrackerState => ({ runs, facts }),
    regionBytes: () => facts.regionBytes,
    /**
     * @param at moment of a line with an event
     * @param collection number of a young or full collection: consecutive, unlike the number of a marking cycle
     */
    follow(at: Moment, collection?: number): void {
      const { current, previous } = runs;
      const isTurn = current && previous && isTurnOf(previous, current, at, collection);
      const isNew = current === undefined || (!isTurn && hasFallen(current, at, collection));
      if (isTurn) turnTo(previous, current, at);
      else if (isNew) start(at);
      else noticeStep(current, at);
      update(at, collection);
      if (runs.current !== undefined) runs.current.hasEvents = true;
    },
    /** @returns false if the message is not a line that a JVM logs at its start */
    readFacts(message: string, at: () => Moment): boolean {
      const found = parseFacts(message);
      if (found === undefined) return false;
      const isStart = runs.current === undefined || (runs.current.hasEvents && isFirstLine(message));
      if (isStart) start(at());
      learn(found);
      return true;
    },
    learnFromEvent({ type, cause }: { type: string; cause?: string }): void {
      if (facts.collector === undefined) learn(factsFromEvent(type, cause) ?? {});
    },
    learnFromDetail(message: string): void {
      if (facts.collector === undefined) learn(factsFromDetail(message) ?? {});
    },
  };
}

type Facts = Omit<JvmFacts, 'kind'>;

const collectors: readonly (readonly [string, GcCollector])[] = [
  ['Using G1', 'G1'],
  ['Using Serial', 'Serial'],
  ['Using Parallel', 'Parallel'],
  ['Using Concurrent Mark Sweep', 'CMS'],
  ['Using The Z Garbage Collector', 'Z'],
  ['Using Shenandoah', 'Shenandoah'],
];

/** Lines that a JVM logs once, at its start. */
const firstLines = /^(?:Using [A-Z]|Initializing The |CardTable entry size: |Version: )/;

const sized = new RegExp(String.raw`^(Heap [Rr]egion [Ss]ize|(?:Heap )?(?:Initial|Max) Capacity|Memory): ${size}\b`);
const sizedFact: Readonly<Record<string, 'regionBytes' | 'heapInitialBytes' | 'heapMaxBytes' | 'memoryBytes'>> = {
  'Heap Region Size': 'regionBytes',
  'Heap region size': 'regionBytes',
  'Heap Initial Capacity': 'heapInitialBytes',
  'Initial Capacity': 'heapInitialBytes',
  'Heap Max Capacity': 'heapMaxBytes',
  'Max Capacity': 'heapMaxBytes',
  Memory: 'memoryBytes',
};

const isFirstLine = (message: string): boolean => firstLines.test(message);

/** @returns undefined if the message is not a line that a JVM logs at its start */
function parseFacts(message: string): Facts | undefined {
  const match = sized.exec(message);
  const fact = sizedFact[match?.[1] ?? ''];
  if (match !== null && fact !== undefined) return { [fact]: bytesOf(match[2] ?? '', match[3] ?? '') };
  const collector = collectors.find(([prefix]) => message.startsWith(prefix))?.[1];
  if (collector !== undefined) return { collector };
  const version = /^Version: (\S{1,80})/.exec(message)?.[1];
  if (version !== undefined) return { jvmVersion: version };
  const cpus = /^CPUs: \d{1,6} total, (\d{1,6}) available/.exec(message)?.[1];
  if (cpus !== undefined) return { cpus: Number(cpus) };
  const heapMb = /^Heap address: .{1,60}size: (\d{1,9}) MB/.exec(message)?.[1];
  if (heapMb !== undefined) return { heapMaxBytes: Number(heapMb) * 2 ** 20 };
  const isWithoutFact = /^(?:Heap Region Count|Mode|GC Workers for Old Generation): /.test(message);
  return isWithoutFact || isFirstLine(message) ? {} : undefined;
}

const factsByType: readonly (readonly [RegExp, Facts])[] = [
  [/^Pause (?:Mark (?:Start|End)|Relocate Start)/, { collector: 'Z' }],
  [/^(?:Garbage|Minor|Major) Collection/, { collector: 'Z' }],
  [/^Pause (?:Init|Final) (?:Mark|Update Refs|Roots)|^Pause Degenerated GC/, { collector: 'Shenandoah' }],
  [/^Pause Young \((?:Normal|Mixed|Prepare Mixed|Concurrent Start)\)/, { collector: 'G1' }],
];

/** Derives the collector from an event, for a log without first lines because it was enabled later. */
function factsFromEvent(type: string, cause: string | undefined): Facts | undefined {
  if (cause?.startsWith('G1 ')) return { collector: 'G1' };
  if (cause === 'Ergonomics') return { collector: 'Parallel' };
  return factsByType.find(([tell]) => tell.test(type))?.[1];
}

/** Derives the collector from names of generations. */
function factsFromDetail(message: string): Facts | undefined {
  if (message.startsWith('PSYoungGen:')) return { collector: 'Parallel' };
  if (message.startsWith('CMS:')) return { collector: 'CMS' };
  if (message.startsWith('Tenured:')) return { collector: 'Serial' };
  return undefined;
}

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

interface RunsState {
  current?: Run;
  previous?: Run;
  areTwo?: true;
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
