// Defines the data of the GC page, which service/pages/gc.ts fills.

import type { Text } from '../../../core/text/bilingual.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import type { GcLogReading } from '../../../core/documents/evidence/gc-log-reading.ts';

/** Seconds of JVM pauses, counts, and the heap at the end of an interval; unknown values are absent. */
export interface GcPoint {
  fromMs: number;
  toMs: number;
  gcSeconds?: number;
  otherSeconds?: number;
  pauses?: number;
  fullCollections?: number;
  /** Upper bound of the longest stop; Infinity if above the highest bound. */
  longestSeconds?: number;
  heapAfterBytes?: number;
  liveSetBytes?: number;
}

export interface GcLogView {
  reading: GcLogReading;
  findings: readonly Finding[];
  /** Values over the whole watched time; absent before the second reading. */
  whole?: GcPoint;
  points: readonly GcPoint[];
}

export interface GcHostView {
  host: string;
  brokers: readonly string[];
  /** ISO 8601, of the last reading; absent before the first. */
  readAt?: string;
  whyNot?: Text;
  /** Fault of the last reading, if it failed. */
  trouble?: { at: string; reason: string };
  logs: readonly GcLogView[];
}

export interface GcContent {
  cluster: string;
  /** The requested broker; absent for the whole cluster. */
  broker?: string;
  /** Brokers in the config or the last reading; if `hosts` is empty, the config names no host of the requested broker. */
  brokers: readonly string[];
  hosts: readonly GcHostView[];
  /** GC findings of the newest load test or verdict. */
  tested?: { entry: number; at: string; findings: readonly Finding[] };
  /** Time of the page, used as the current time. */
  at: string;
}
