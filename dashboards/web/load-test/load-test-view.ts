// Defines the data of load tests on pages, which service/load-tests/ fills.

import type { HistoryEntry } from '../../../core/documents/history-entry.ts';

/** What an operator chooses; the rest is as `plimsoll run` has it by default. */
export interface ChosenLoad {
  /** Messages per second, one of each step. */
  rates: readonly number[];
  /** As people write it, such as `30s`. */
  stepDuration: string;
  /** As people write it, such as `1KiB`. */
  messageSize: string;
  /** Consumer groups. */
  groups: number;
}

/** The `loadTest` block of the cluster. */
export interface ShownPermission {
  approver: string;
  maxTps: number;
  maxNicShare: number;
  topicPrefix: string;
  /** Absent where load tests are allowed at any time. */
  window?: { from: string; to: string; timeZone: string };
}

export type PlannedLoad =
  | { kind: 'refused'; reason: string; hint?: string }
  | {
      kind: 'allowed';
      load: ChosenLoad;
      durationSeconds: number;
      messages?: number;
      /** Of values, before they are replicated. */
      payloadBytes?: number;
    };

/** A form with fields that hold no load. */
export interface UnreadableForm {
  kind: 'unreadable';
  wrong: readonly { field: keyof ChosenLoad; value: string }[];
}

export interface ShownLoadTest {
  cluster: string;
  by: string;
  startedAt: string;
  load: ChosenLoad;
  /** Folder of the run bundle. */
  directory: string;
  stop?: { by: string; at: string };
  /** Absent while it is under way. */
  end?: { at: string; reason?: string; verdict?: Extract<HistoryEntry, { kind: 'test' | 'verdict' }> };
  now?: LoadTestNow;
}

/** Unknown values are absent. */
export interface LoadTestNow {
  phase: 'preparing' | 'starting' | 'warm-up' | 'driving' | 'between-steps' | 'stopped' | 'ended' | 'analyzing';
  /** Counted from 1. */
  step?: number;
  steps?: number;
  elapsedSeconds?: number;
  leftSeconds?: number;
  targetTps?: number;
  /** Of the last second. */
  achievedTps?: number;
  p99Seconds?: number;
  lagMessages?: number;
  failedMessages?: number;
  /** Absent before it watches. */
  guard?: { isBreached: boolean; reason?: string };
  /** Last line of output, while nothing is sent. */
  output?: string;
}

export interface LoadTestContent {
  cluster: string;
  /** Absent where the config permits none. */
  permission?: ShownPermission;
  /** In the form: what was asked, or a proposal. */
  form: LoadTestForm;
  planned?: PlannedLoad | UnreadableForm;
  /** Of this cluster: under way, or the last one. */
  test?: ShownLoadTest;
  /** Under way on another cluster, which keeps this one from starting. */
  elsewhere?: Pick<ShownLoadTest, 'cluster' | 'by' | 'startedAt'>;
  /** Why the last request of this reader was refused. */
  refusal?: string;
}

/** As fields have it. */
export type LoadTestForm = Readonly<Record<keyof ChosenLoad, string>>;
