// Defines the events of a GC log: common terms for JDK 8 text and unified logging, from G1 to Shenandoah.

export type GcCollector = 'Serial' | 'Parallel' | 'CMS' | 'G1' | 'Z' | 'Shenandoah';

/** Timestamps of the line: a log without dates has no `epochMs`, one without uptime no `uptimeSeconds`. */
export interface Moment {
  /** Wall clock, milliseconds since the epoch. */
  epochMs?: number;
  /** Seconds since the start of that JVM. */
  uptimeSeconds?: number;
}

export interface HeapChange {
  beforeBytes: number;
  afterBytes: number;
  /** Committed size of the heap after the event. */
  committedBytes?: number;
}

/** A stop-the-world GC event, as logged. Phases with a separate stop (remark, cleanup, Pause Mark Start) count too. */
export interface Pause {
  kind: 'pause';
  gcId?: number;
  /** Start of the pause; unified logging stamps the end, from which the duration is subtracted. */
  start: Moment;
  durationSeconds: number;
  /**
   * Part of the duration that no earlier pause covers: a pause that contains others (a scavenge before remark, a Pause
   * Full within a Pause Young) is emitted after them and keeps only the rest. The sum counts each stop once.
   */
  ownSeconds: number;
  /**
   * Name as in unified logging without the cause: `Pause Young (Normal)`, `Pause Young (Concurrent Start)`, `Pause
   * Young (Mixed)`, `Pause Young`, `Pause Initial Mark`, `Pause Remark`, `Pause Cleanup`, `Pause Full`, `Pause Mark
   * Start`, `Pause Init Mark`, `Pause Degenerated GC`… JDK 8 text is mapped to them.
   */
  type: string;
  /** Cause, verbatim: `G1 Evacuation Pause`, `Allocation Failure`, `System.gc()`. */
  cause?: string;
  /** As defined in docs/explanation/gc-log.md: prefix `Full GC` or `Pause Full`, and young records that escalate. */
  isFull: boolean;
  heap?: HeapChange;
  /** Bytes promoted from young to old, if the log has enough detail. */
  promotedBytes?: number;
  /** Humongous regions, in bytes if the region size is known. */
  humongous?: { beforeBytes: number; afterBytes: number };
  evacuationFailed?: true;
  /** CPU seconds over all threads, and wall-clock seconds as rounded in the log. */
  cpu?: { userSeconds: number; systemSeconds: number; realSeconds: number };
}

/** Concurrent work: a marking cycle, a ZGC or Shenandoah cycle, or one of its phases. Never a stop. */
export interface Concurrent {
  kind: 'concurrent';
  gcId?: number;
  start: Moment;
  /** Absent for a cycle without a logged duration. */
  durationSeconds?: number;
  /** `Concurrent Mark Cycle`, `Concurrent Undo Cycle`, `Garbage Collection`, `Major Collection`, `Minor Collection`… */
  type: string;
  /** True for whole cycles, which are counted; phases are listed separately. */
  isCycle: boolean;
  cause?: string;
  aborted: boolean;
  heap?: HeapChange;
  promotedBytes?: number;
  /** Bytes allocated by the application during it, if ZGC logs its heap table. */
  allocatedBytes?: number;
}

/** The application was stopped at a safepoint, for GC or another reason. Overlaps the pauses of that safepoint. */
export interface Stop {
  kind: 'stop';
  start: Moment;
  totalSeconds: number;
  /** Part of it until all threads had stopped. */
  timeToSafepointSeconds?: number;
  /** `G1CollectForAllocation`, `Cleanup`…; absent in JDK 8 text. */
  operation?: string;
  /** True if it was for GC; absent if not logged (JDK 8 text: derived from the pauses it contains). */
  isForGc?: boolean;
}

/** One thread was stalled because the heap was exhausted. */
export interface Stall {
  kind: 'stall';
  start: Moment;
  durationSeconds: number;
  /** `Allocation Stall`, `Relocation Stall`. */
  type: string;
}

/** Another JVM writes from here on: a header, a decrease of uptime or GC numbers, or the start of the first file. */
interface RunStart {
  kind: 'run-start';
  at: Moment;
}

/** Facts about the writing JVM; later facts add to earlier ones. */
export interface JvmFacts {
  kind: 'jvm';
  collector?: GcCollector;
  /** Version as the JVM prints it: `17.0.9+9`, `1.8.0_402-b06`. */
  jvmVersion?: string;
  heapMaxBytes?: number;
  heapInitialBytes?: number;
  regionBytes?: number;
  cpus?: number;
  memoryBytes?: number;
  /** `CommandLine flags:` of JDK 8, as written. */
  flags?: string;
  /** Start time, computed from uptime and date. */
  startedAtMs?: number;
}

/** A problem of the log that readers should know. */
export interface LogNotice {
  kind: 'notice';
  code: 'two-writers' | 'clock-step' | 'messages-dropped' | 'torn-record' | 'record-too-long';
  at: Moment;
  /** Messages, lines or seconds, depending on the code. */
  amount?: number;
}

export type GcEvent = Pause | Concurrent | Stop | Stall | RunStart | JvmFacts | LogNotice;
