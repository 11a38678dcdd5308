// Defines a load test importer: it recognises the output of one tool and reads rates and printed times from it.

import type { BrokerKind } from '../../../../core/cluster.ts';
import type { Evidence, Percentiles, RunSource } from '../../../../core/documents/analysis.ts';
import type { ReadNote } from '../../../../core/documents/findings/import-findings.ts';
import type { ThrottledAnswers } from '../../../../core/documents/evidence/configured-limits.ts';
import type { Workload } from '../../../../core/documents/run-bundle.ts';
import type { Span } from '../../load-test-run.ts';

/** When the first window began. */
export type PrintedBegin =
  | { kind: 'instant'; epochMs: number }
  /** Wall clock of a machine that does not name its zone, counted as if it were UTC. */
  | { kind: 'local'; wallMs: number }
  /** Only how long it took is known. */
  | { kind: 'unknown' };

/** Seconds since the load began. */
export interface LoadWindow extends Span {
  messages: number;
  failed?: number;
  meanLatencySeconds?: number;
  /** Quota throttling in the brokers' answers; absent where the tool does not print it. */
  throttled?: ThrottledAnswers;
}

type QualityFlag = RunSource['flags'][number];

/** A limitation of a load's figures, with its numbers; the flag decides what follows. */
export interface Doubt {
  flag: QualityFlag;
  /** A sentence. */
  what: string;
  evidence?: readonly Evidence[];
}

/** Key of `consumed` where the tool prints no name of a group. */
export const unnamedGroup = 'consumers';

/** One test of one tool. */
export interface ImportedLoad {
  /** Which of several in one file: `document 2`. */
  part?: string;
  broker?: BrokerKind;
  /** Name of the load in the tool. */
  cluster?: string;
  begins: PrintedBegin;
  produced: readonly LoadWindow[];
  /** By group; groups that a tool does not distinguish are one. */
  consumed: ReadonlyMap<string, readonly LoadWindow[]>;
  /** Target rate and its source. `isFromName`: a name may be wrong. */
  offered?: { tps: number; source: string; isFromName?: boolean };
  /** Per window of `produced`, if the target rate changed. */
  offeredRates?: readonly number[];
  /** Waits for responses and sends no faster: there is no target rate. */
  closedLoop?: { lanes?: number };
  /** The tool left its warm-up out of the windows. */
  isWarm: boolean;
  /** Seconds; of the whole load. */
  latencySeconds?: Percentiles;
  latencyMeanSeconds?: number;
  sendDelaySeconds?: Percentiles;
  endToEndSeconds?: Percentiles;
  /** Mean lag of a group at the end of a window. */
  backlog?: readonly { atSeconds: number; messages: number }[];
  isTruncated?: boolean;
  workload: Partial<Workload>;
  notes?: readonly ReadNote[];
  doubts: readonly Doubt[];
}

export interface LoadFile {
  /** Without its folder. */
  name: string;
  text: string;
}

export interface LoadTestImporter {
  /** What the tool is called, for people. */
  readonly tool: string;
  /** For docs/importers.md: releases, figures and times. */
  readonly reads: string;
  /** @param head the first 64 KiB */
  detect(head: string): boolean;
  /** @throws AppError load-test-unreadable */
  import(file: LoadFile): ImportedLoad[];
}
