// Defines the data of load tests on pages, which service/load-tests/ fills.

import type { HistoryEntry } from '../../../core/documents/history-entry.ts';
import type { WatchedLimit } from '../../../core/documents/watched-limit.ts';
import type { LoadTestGrant } from '../../../core/policy/load-test-permission.ts';

/** Parameters chosen by an operator; others have the defaults of `plimsoll run`. */
export interface ChosenLoad {
  /** Messages per second, one rate per step. */
  rates: readonly number[];
  /** Text such as `30s`. */
  stepDuration: string;
  /** Text such as `1KiB`. */
  messageSize: string;
  /** Number of consumer groups. */
  groups: number;
}

/** The `loadTest` block of the cluster. */
export interface ShownPermission extends Pick<LoadTestGrant, 'approver' | 'maxTps' | 'maxNicShare' | 'topicPrefix'> {
  /** Absent if load tests are permitted at any time. */
  window?: Exclude<LoadTestGrant['window'], 'always'> & { isOpen: boolean };
}

export type PlannedLoad =
  | { kind: 'refused'; reason: string; hint?: string }
  | {
      kind: 'allowed';
      load: ChosenLoad;
      durationSeconds: number;
      messages?: number;
      /** Bytes of values, before replication. */
      payloadBytes?: number;
    };

/** A form with fields that are not a valid load. */
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
  /** Absent while the test runs. */
  end?: { at: string; reason?: string; verdict?: Extract<HistoryEntry, { kind: 'test' | 'verdict' }> };
  now?: LoadTestNow;
}

/** Unknown values are absent. */
export interface LoadTestNow {
  phase: 'preparing' | 'starting' | 'warm-up' | 'driving' | 'between-steps' | 'stopped' | 'ended' | 'analyzing';
  /** Step number, starting at 1. */
  step?: number;
  steps?: number;
  elapsedSeconds?: number;
  leftSeconds?: number;
  targetTps?: number;
  /** Rate of the last second. */
  achievedTps?: number;
  p99Seconds?: number;
  lagMessages?: number;
  failedMessages?: number;
  /** Absent until the guard starts. */
  guard?: {
    isBreached: boolean;
    reason?: string;
    /** The nearest value of each kind, and each rule. */
    limits: readonly WatchedLimit[];
  };
  /** Last line of output, while no messages are sent. */
  output?: string;
}

export interface LoadTestContent {
  cluster: string;
  /** Absent if the config permits no load tests. */
  permission?: ShownPermission;
  /** Content of the form: the requested load, or a proposal. */
  form: LoadTestForm;
  planned?: PlannedLoad | UnreadableForm;
  /** Load test of this cluster: running, or the last one. */
  test?: ShownLoadTest;
  /** Running load test on another cluster, which blocks one on this cluster. */
  elsewhere?: Pick<ShownLoadTest, 'cluster' | 'by' | 'startedAt'>;
  /** Why the reader's last request was refused. */
  refusal?: string;
}

/** Text of each form field. */
export type LoadTestForm = Readonly<Record<keyof ChosenLoad, string>>;
