// Defines the data of the GC page, which service/pages/gc.ts fills.

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
  /** No stop was longer; Infinity where longer than any bound. */
  longestSeconds?: number;
  heapAfterBytes?: number;
  liveSetBytes?: number;
}

export interface GcLogView {
  reading: GcLogReading;
  findings: readonly Finding[];
  /** Of all the time it was watched; absent before the second reading. */
  whole?: GcPoint;
  points: readonly GcPoint[];
}

export interface GcHostView {
  host: string;
  brokers: readonly string[];
  /** ISO 8601, of the last reading; absent while it was not read. */
  readAt?: string;
  whyNot?: string;
  /** Of the last reading, where it failed. */
  trouble?: { at: string; reason: string };
  logs: readonly GcLogView[];
}

export interface GcContent {
  cluster: string;
  /** The requested broker; absent for the whole cluster. */
  broker?: string;
  /** Those that config or the last reading knows; of the asked one config names no host where `hosts` is empty. */
  brokers: readonly string[];
  hosts: readonly GcHostView[];
  /** GC findings of the newest load test or verdict. */
  tested?: { entry: number; at: string; findings: readonly Finding[] };
  /** When a host is read: the last moment that counts as now. */
  at: string;
}
