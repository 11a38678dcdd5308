// Defines the readings of the last hours as pages draw them, which service/pages/shown-readings.ts fills.

import type { HistoryEntry } from '../../../core/documents/history-entry.ts';
import type { ReadingsRange } from '../../../core/readings-range.ts';

/** A value for each slot of the range, oldest first; undefined where it is unknown. */
export type SlotValues = readonly (number | undefined)[];

export interface ReadingsLine {
  /** Name of a broker, group or topic; of a chart with one of them, what is counted. */
  label: { name: string } | { counted: 'produced' | 'consumed' } | 'subject';
  mean: SlotValues;
  /** Highest reading of each slot; absent where each slot has one reading. */
  max?: SlotValues;
}

export type ReadingsUnit = 'rate' | 'ratio' | 'bytesPerSecond' | 'seconds' | 'count';

/** What a chart is of; its texts are by this name. */
export type ReadingsSubject =
  | 'load'
  | 'cpu'
  | 'network-in'
  | 'network-out'
  | 'disk-io'
  | 'disk-space'
  | 'heap'
  | 'produce'
  | 'lag-seconds'
  | 'lag-messages'
  | 'consume';

export interface ReadingsChart {
  of: ReadingsSubject;
  unit: ReadingsUnit;
  lines: readonly ReadingsLine[];
  limits: readonly { of: 'safe' | 'saturation' | 'policy'; value: number }[];
  /** Further brokers, groups or topics that are not drawn. */
  notDrawn: number;
}

export interface ReadingsContent {
  range: ReadingsRange;
  /** When the page was made: the right end of every chart. */
  nowMs: number;
  /** ISO 8601: the oldest reading of the last day. */
  recordedSince?: string;
  /** The first is the largest. Charts of what was not read are missing. */
  charts: readonly ReadingsChart[];
  /** Entries of the history within the range, oldest first. */
  marks: readonly HistoryEntry[];
}
