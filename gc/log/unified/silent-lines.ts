// Recognises lines without events: details of collections, settings, tables, other parts of the JVM.

import { isDetailLevel, tagsOf } from './decorations.ts';

/** Starts of events, which must be reported if they cannot be parsed. */
const eventStart = /^(?:Pause [A-Z]|(?:Allocation|Relocation) Stall\b|Safepoint "|Total time for which )/;

/** Shenandoah's tables: `Pause Init Mark (G)  96 us`, `… = 0.002 s (a = …`. */
const statistic = /^.{1,80}?\s{1,80}(?:=\s{1,80}[\d.,]{1,20} s \(a =|[\d.,]{1,20} us\b)/;

/** Summary lines, tagged only with `gc`. */
const summary =
  /^(?:Trigger|Cancelling GC|Failed to allocate|Soft[ -]?Max|Periodic|Concurrent Mark Abort|Attempting |Clearing All Soft|Consider |Unable |Uncommit|Start GC cycle|GC Overhead|Reduced |Increased |Promotion failed|Out Of Memory|Safepointing |Regions: |Max TLAB|GC threads|Pacer  |Good progress|Bad progress|Heuristics|Min heap equals|Degenerat|Sliding|Not able|Free:|Shutting down|Stopping|Forced |Init:|Humongous )/i;

/** Starts of messages in logs without decorations. */
const undecorated =
  /^(?:Heap|Metaspace|Compressed |Narrow klass|CDS |NUMA |Large Page|Pre-touch|Parallel Workers|Concurrent |Periodic GC|Alignments|CPUs|Memory|Runtime Workers|GC Workers|GC threads|Address Space|Available space|Uncommit|Using |Version|Reference |Application time|Entering safepoint|Leaving safepoint|Min Capacity|Soft Max Capacity|Medium Page|Workers|Shenandoah|Collection set|Reserved |Page |Transfer |Forcing transfer|Allocation Stall \(|After |At (?:end|start) |Status|GC STATISTICS|Trigger|Cancelling|Free|Failed to|All times|Allocation pacing|Encoding Range|Heuristics |Humongous |Initialize |Min heap |Mutators|No protection zone|Out Of Memory|Pacing |Pre-mapping|Promotion failed|Regions: |Safepointing |Stopping ZGC|Under allocation|Adaptive |Accumulate|Klass |Protection zone|Use[A-Z]|Clearing|Attempting|Humongous|Initialize|Initial|Max TLAB|TLAB|Safepoint|Card|Mode|Heuristics|Soft |Pacer|Evac|Finish|Good progress|JVMTI|Minor|Major|Young|Old|The |Periodic|Archived|Unmapping|Mapping|Trying|reserved|opened|Expanding|\d+ |- |===|\(|"|[A-Z]{1,4}:? )|^\s|^$|^(?:all workers|enough regions|to avoid|tune GC|under stop-the-world)|^(?:garbage-first| *(?:def|par) new|tenured|PSYoungGen|ParOldGen|DefNew|Tenured|concurrent mark-sweep|class space|region size|ZHeap)/;

/** @param message message after GC(n): if it is not an event, it is a detail of the collection */
export const isSilentDetail = (line: string, messageAt: number, message: string): boolean =>
  !eventStart.test(message) || isDetailLevel(line, messageAt) || statistic.test(message);

/** @param messageAt index after the decorations @param message text after the decorations */
export function isSilent(line: string, messageAt: number, message: string): boolean {
  if (eventStart.test(message)) return isDetailLevel(line, messageAt) || statistic.test(message);
  const tags = messageAt === 0 ? undefined : tagsOf(line, messageAt);
  if (tags === undefined) return undecorated.test(message);
  return tags !== 'gc' || isDetailLevel(line, messageAt) || summary.test(message);
}
