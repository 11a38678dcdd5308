// Sums the events of a followed GC log as plain data, so that totals and read position are stored in one write.

import { z } from 'zod';
import { stopBounds, type GcLogTotals, type StopHistogram } from '../../core/documents/evidence/gc-log-reading.ts';
import { defined } from '../../core/defined.ts';
import { allocationSince, heapAfter, showsAllocation } from '../../gc/log/allocation.ts';
import { collectsOld, endsOldCycle, endsYoungCycle } from '../../gc/log/collects-old.ts';
import type { Concurrent, GcEvent, JvmFacts, Moment, Pause, Stop } from '../../gc/log/gc-event.ts';

/** HotSpot has a few dozen types, causes and operations; a damaged log may contain any number of names. */
const mostNames = 60;
const longestName = 100;
const remainder = '_other';

/** State of one JVM between its events. */
export const JvmState = z.strictObject({
  last: z
    .strictObject({ afterBytes: z.number(), atSeconds: z.number().optional(), gcId: z.number().optional() })
    .optional(),
  oldCycleEnded: z.boolean(),
  /** Seconds of pauses without a logged safepoint yet; already included in `stopped`. */
  pendingSeconds: z.number(),
});
export type JvmState = z.infer<typeof JvmState>;

export const newJvm = (): JvmState => ({ oldCycleEnded: false, pendingSeconds: 0 });

export const newTotals = (): GcLogTotals => ({
  pauses: [],
  stopped: [],
  evacuationFailures: 0,
  fullCollections: [],
  cycles: [],
  stalls: [],
  notices: [],
  unparsedLines: 0,
  runs: 0,
});

/** Facts that do not apply to the next JVM: live set, heap and humongous regions. */
const factsOfOneJvm = ['startedAtSeconds', 'heapMaxBytes', 'collector', 'jvmVersion', 'heap', 'liveSetBytes'] as const;

/** @param jvm state of the writing JVM; `totals` and `jvm` are both modified */
export function addEvent(totals: GcLogTotals, jvm: JvmState, event: GcEvent): void {
  switch (event.kind) {
    case 'run-start':
      totals.runs += 1;
      delete jvm.last;
      Object.assign(jvm, newJvm());
      for (const fact of factsOfOneJvm) delete totals[fact];
      delete totals.humongous?.beforeBytes;
      return see(totals, event.at, 0);
    case 'jvm':
      return learn(totals, event);
    case 'notice':
      entry(totals.notices, { code: event.code }, () => ({ code: event.code, count: 0 })).count += 1;
      return;
    case 'pause':
      see(totals, event.start, event.durationSeconds);
      return addPause(totals, jvm, event);
    case 'concurrent':
      see(totals, event.start, event.durationSeconds ?? 0);
      return addConcurrent(totals, jvm, event);
    case 'stop':
      see(totals, event.start, event.totalSeconds);
      return addStop(totals, jvm, event);
    case 'stall': {
      see(totals, event.start, event.durationSeconds);
      const stall = entry(totals.stalls, { type: event.type }, (key) => ({ ...key, count: 0, seconds: 0 }));
      stall.count += 1;
      stall.seconds += event.durationSeconds;
    }
  }
}

/** Copies the facts about a JVM, without counts. */
export function copyFacts(totals: GcLogTotals, { collector, jvmVersion, heapMaxBytes, startedAtSeconds }: GcLogTotals) {
  const facts: Partial<GcLogTotals> = defined({ collector, jvmVersion, heapMaxBytes, startedAtSeconds });
  Object.assign(totals, facts);
}

function learn(totals: GcLogTotals, { collector, jvmVersion, heapMaxBytes, startedAtMs }: JvmFacts): void {
  const facts: Partial<GcLogTotals> = defined({
    collector,
    jvmVersion: jvmVersion?.slice(0, longestName),
    heapMaxBytes,
    startedAtSeconds: startedAtMs === undefined ? undefined : Math.max(0, startedAtMs / 1000),
  });
  Object.assign(totals, facts);
}

function addPause(totals: GcLogTotals, jvm: JvmState, pause: Pause): void {
  const { type, cause = '', durationSeconds, ownSeconds, humongous } = pause;
  const pauses = entry(totals.pauses, { type, cause }, (key) => ({ ...key, histogram: emptyHistogram() }));
  observe(pauses.histogram, durationSeconds, ownSeconds);
  stoppedFor(totals, 'gc').seconds += ownSeconds;
  jvm.pendingSeconds += ownSeconds;
  if (pause.isFull) entry(totals.fullCollections, { cause }, (key) => ({ ...key, count: 0 })).count += 1;
  if (pause.evacuationFailed) totals.evacuationFailures += 1;
  if (humongous !== undefined) {
    const collections = (totals.humongous?.collections ?? 0) + Number(humongous.beforeBytes > 0);
    totals.humongous = { beforeBytes: humongous.beforeBytes, collections };
  }
  addHeap(totals, jvm, pause);
}

function addConcurrent(totals: GcLogTotals, jvm: JvmState, event: Concurrent): void {
  addHeap(totals, jvm, event);
  if (!event.isCycle) return;
  const cycle = entry(totals.cycles, { type: event.type }, (key) => ({ ...key, count: 0, aborted: 0 }));
  cycle.count += 1;
  cycle.aborted += Number(event.aborted);
  if (event.durationSeconds !== undefined) cycle.seconds = (cycle.seconds ?? 0) + event.durationSeconds;
}

/** A stop includes the pauses since the previous stop, which are already counted. */
function addStop(totals: GcLogTotals, jvm: JvmState, stop: Stop): void {
  const { pendingSeconds } = jvm;
  jvm.pendingSeconds = 0;
  if (stop.isForGc ?? pendingSeconds > 0) {
    stoppedFor(totals, 'gc').seconds += Math.max(0, stop.totalSeconds - pendingSeconds);
  } else {
    stoppedFor(totals, stop.operation ?? 'other').seconds += stop.totalSeconds;
  }
  if (stop.timeToSafepointSeconds === undefined) return;
  totals.timeToSafepoint ??= emptyHistogram();
  observe(totals.timeToSafepoint, stop.timeToSafepointSeconds, stop.timeToSafepointSeconds);
}

function addHeap(totals: GcLogTotals, jvm: JvmState, event: Pause | Concurrent): void {
  if (event.promotedBytes !== undefined) totals.promotedBytes = (totals.promotedBytes ?? 0) + event.promotedBytes;
  if (endsOldCycle(event)) jvm.oldCycleEnded = true;
  if (endsYoungCycle(event)) jvm.oldCycleEnded = false;
  const { heap } = event;
  if (heap === undefined) return;
  const allocated = showsAllocation(event) ? allocationSince(jvm.last, event, heap) : undefined;
  if (allocated !== undefined) totals.allocatedBytes = (totals.allocatedBytes ?? 0) + allocated.bytes;
  jvm.last = heapAfter(event, heap, jvm.last);
  totals.heap = heap;
  if (!collectsOld(event, jvm.oldCycleEnded)) return;
  totals.liveSetBytes = heap.afterBytes;
  jvm.oldCycleEnded = false;
}

/** If several JVMs wrote to logs of one name, the newest event counts. */
function see(totals: GcLogTotals, { epochMs }: Moment, durationSeconds: number): void {
  if (epochMs === undefined) return;
  totals.lastEventAtSeconds = Math.max(totals.lastEventAtSeconds ?? 0, epochMs / 1000 + durationSeconds);
}

const stoppedFor = (totals: GcLogTotals, reason: string) =>
  entry(totals.stopped, { reason }, (key) => ({ ...key, seconds: 0 }));

const emptyHistogram = (): StopHistogram => ({ buckets: stopBounds.map(() => 0), count: 0, seconds: 0 });

function observe(histogram: StopHistogram, length: number, ownSeconds: number): void {
  const bucket = stopBounds.findIndex((bound) => length <= bound);
  if (bucket !== -1) histogram.buckets[bucket] = (histogram.buckets[bucket] ?? 0) + 1;
  histogram.count += 1;
  histogram.seconds += ownSeconds;
}

/**
 * Returns the entry with these names and creates it if needed; above the maximum, returns the common entry for all
 * others.
 */
function entry<Name extends string, Entry extends Record<Name, string>>(
  entries: Entry[],
  names: Record<Name, string>,
  begin: (names: Record<Name, string>) => NoInfer<Entry>,
): Entry {
  const fields = Object.keys(names) as Name[];
  const named = (nameOf: (field: Name) => string) =>
    Object.fromEntries(fields.map((field) => [field, nameOf(field)])) as Record<Name, string>;
  const find = (wanted: Record<Name, string>) =>
    entries.find((each) => fields.every((field) => each[field] === wanted[field]));
  const short = named((field) => names[field].slice(0, longestName));
  const key = find(short) !== undefined || entries.length < mostNames ? short : named(() => remainder);
  const known = find(key);
  if (known !== undefined) return known;
  const begun = begin(key);
  entries.push(begun);
  return begun;
}
