// Defines a load test importer: it recognises the output of one tool and reads rates and printed times from it.

import type { BrokerKind } from '../../../../core/cluster.ts';
import type { Evidence, Percentiles, RunSource } from '../../../../core/documents/analysis.ts';
import type { ReadNote } from '../../../../core/documents/findings/import-findings.ts';
import type { ThrottledAnswers } from '../../../../core/documents/evidence/configured-limits.ts';
import type { Workload } from '../../../../core/documents/run-bundle.ts';
import type { Pair } from '../../../../core/text/bilingual.ts';
import type { Span } from '../../load-test-run.ts';

/** Start of the first window. */
export type PrintedBegin =
  | { kind: 'instant'; epochMs: number }
  /** Wall clock of a host without a stated zone, interpreted as UTC. */
  | { kind: 'local'; wallMs: number }
  /** Only the duration is known. */
  | { kind: 'unknown' };

/** Times in seconds since the load began. */
export interface LoadWindow extends Span {
  messages: number;
  failed?: number;
  meanLatencySeconds?: number;
  /** Quota throttling in the brokers' responses; absent if the tool does not print it. */
  throttled?: ThrottledAnswers;
}

type QualityFlag = RunSource['flags'][number];

/** A limitation of a load's figures, with its numbers; the flag determines the consequences. */
export interface Doubt {
  flag: QualityFlag;
  /** One sentence. */
  what: Pair;
  evidence?: readonly Evidence[];
}

/** Returns a list of doubts that begins with the known ones, and the function that adds one without evidence. */
export function collectDoubts(...known: readonly Doubt[]) {
  const doubts: Doubt[] = [...known];
  return { doubts, doubt: (flag: QualityFlag, what: Pair) => void doubts.push({ flag, what }) };
}

/** Key of `consumed` if the tool prints no group name. */
export const unnamedGroup = 'consumers';

/** One test of one tool. */
export interface ImportedLoad {
  /** Identifies one of several tests in a file, such as `document 2`. */
  part?: string;
  broker?: BrokerKind;
  /** Name of the load in the tool. */
  cluster?: string;
  begins: PrintedBegin;
  produced: readonly LoadWindow[];
  /** By group; groups that a tool does not distinguish share one key. */
  consumed: ReadonlyMap<string, readonly LoadWindow[]>;
  /** Target rate, with the name of the workload if it is read from there, since a name may be wrong. */
  offered?: { tps: number; fromName?: string };
  /** Target rate per window of `produced`, if it changed. */
  offeredRates?: readonly number[];
  /** The tool sends only after responses, so there is no target rate. */
  closedLoop?: { lanes?: number };
  /** Whether the tool excludes its warm-up from the windows. */
  isWarm: boolean;
  /** Seconds, for the whole load. */
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
  /** File name without the folder. */
  name: string;
  text: string;
}

export interface LoadTestImporter {
  /** Name of the tool, for display. */
  readonly tool: string;
  /** Text for docs/reference/importers.md: releases, figures and times. */
  readonly reads: string;
  /** @param head the first 64 KiB */
  detect(head: string): boolean;
  /** @throws AppError load-test-unreadable */
  import(file: LoadFile): ImportedLoad[];
}
