// Defines the events of a GC log: one vocabulary for JDK 8 text and unified logging, from G1 to Shenandoah.

export type GcCollector = 'Serial' | 'Parallel' | 'CMS' | 'G1' | 'Z' | 'Shenandoah';

/** Times as the line has them: a log without dates has no `epochMs`, one without uptime no `uptimeSeconds`. */
export interface Moment {
  /** Wall clock, milliseconds since the epoch. */
  epochMs?: number;
  /** Seconds since that JVM started. */
  uptimeSeconds?: number;
}

export interface HeapChange {
  beforeBytes: number;
  afterBytes: number;
  /** Committed size of the heap after the event. */
  committedBytes?: number;
}

/** A stop-the-world GC event, as the log prints it: phases that stop on their own (remark, cleanup, Pause Mark Start) are pauses too. */
export interface Pause {
  kind: 'pause';
  gcId?: number;
  /** When it began; unified logging stamps the end, from which the duration is taken off. */
  start: Moment;
  durationSeconds: number;
  /**
   * Part of the duration that no pause emitted before covers: a pause that contains others (a scavenge before remark, a
   * Pause Full within a Pause Young) comes after them and keeps only the rest. Adding these up counts each stop once.
   */
  ownSeconds: number;
  /**
   * As in unified logging without the cause: `Pause Young (Normal)`, `Pause Young (Concurrent Start)`,
   * `Pause Young (Mixed)`, `Pause Young`, `Pause Initial Mark`, `Pause Remark`, `Pause Cleanup`, `Pause Full`,
   * `Pause Mark Start`, `Pause Init Mark`, `Pause Degenerated GC`… JDK 8 text is mapped to them.
   */
  type: string;
  /** Verbatim: `G1 Evacuation Pause`, `Allocation Failure`, `System.gc()`. */
  cause?: string;
  /** By the definition of docs/gc-log.md: prefix `Full GC` or `Pause Full`, and young records that escalate. */
  isFull: boolean;
  heap?: HeapChange;
  /** Bytes promoted from young to old, if the log has enough detail. */
  promotedBytes?: number;
  /** Humongous regions, in bytes where the region size is known. */
  humongous?: { beforeBytes: number; afterBytes: number };
  evacuationFailed?: true;
  /** Processor seconds over all threads, and wall seconds as the log rounds them. */
  cpu?: { userSeconds: number; systemSeconds: number; realSeconds: number };
}

/** Work beside the application: a marking cycle, a ZGC or Shenandoah cycle, one of its phases. Never a stop. */
export interface Concurrent {
  kind: 'concurrent';
  gcId?: number;
  start: Moment;
  /** Absent for a cycle the log gives no length of. */
  durationSeconds?: number;
  /** `Concurrent Mark Cycle`, `Concurrent Undo Cycle`, `Garbage Collection`, `Major Collection`, `Minor Collection`… */
  type: string;
  /** Whole cycles are counted; their phases are listed beside them. */
  isCycle: boolean;
  cause?: string;
  aborted: boolean;
  heap?: HeapChange;
  promotedBytes?: number;
  /** Bytes that the application allocated meanwhile, if ZGC logs its heap table. */
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
  /** Whether it was for GC; absent if not logged (JDK 8 text: derived from the pauses it contains). */
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

/** A new JVM writes from here on: a header, uptime or GC numbers that fell, or the start of the first file. */
interface RunStart {
  kind: 'run-start';
  at: Moment;
}

/** What has become known of the JVM that writes; later facts add to earlier ones. */
export interface JvmFacts {
  kind: 'jvm';
  collector?: GcCollector;
  /** As it names itself: `17.0.9+9`, `1.8.0_402-b06`. */
  jvmVersion?: string;
  heapMaxBytes?: number;
  heapInitialBytes?: number;
  regionBytes?: number;
  cpus?: number;
  memoryBytes?: number;
  /** `CommandLine flags:` of JDK 8, as written. */
  flags?: string;
  /** When it started, from uptime beside a date. */
  startedAtMs?: number;
}

/** Something a reader must know of the log itself. */
export interface LogNotice {
  kind: 'notice';
  code: 'two-writers' | 'clock-step' | 'messages-dropped' | 'torn-record' | 'record-too-long';
  at: Moment;
  /** Messages, lines or seconds, depending on the code. */
  amount?: number;
}

export type GcEvent = Pause | Concurrent | Stop | Stall | RunStart | JvmFacts | LogNotice;
