// Defines the readings of the last hours as pages draw them; service/pages/shown-readings.ts and past-readings.ts fill them.

import type { HistoryEntry } from '../../../core/documents/history-entry.ts';
import { readingsLevels, type ReadingsRange } from '../../../core/readings-range.ts';
import type { Language } from '../strings.ts';
import type { SourceQuery } from '../chart-tools.ts';
import type { ReadingsSubject } from './readings-texts.ts';

/** A value for each slot of the range, oldest first; undefined where it is unknown. */
export type SlotValues = readonly (number | undefined)[];

export interface ReadingsLine {
  /** Name of a broker, group or topic, and whether it appeared in the range; `subject` where there is one line. */
  label: { name: string; isNew?: true } | 'others' | 'subject';
  mean: SlotValues;
  /** Highest reading of each slot; absent where each slot has one reading. */
  max?: SlotValues;
}

export type ReadingsUnit = 'rate' | 'ratio' | 'bytesPerSecond' | 'seconds' | 'count';

export interface ReadingsChart {
  of: ReadingsSubject;
  unit: ReadingsUnit;
  /** Areas on top of each other. */
  isStacked?: true;
  lines: readonly ReadingsLine[];
  limits: readonly { of: 'safe' | 'saturation' | 'policy'; value: number }[];
  /** Further brokers, groups or topics that are not drawn. */
  notDrawn: number;
}

/** An alert of the cluster, as Alertmanager sent it. */
export interface AlertMark {
  name: string;
  startMs: number;
  /** Absent while it fires. */
  endMs?: number;
  severity?: string;
  summary?: string;
  /** In Chinese, where the rule has it. */
  summaryZh?: string;
}

export const alertSummary = ({ summary, summaryZh }: AlertMark, language: Language): string | undefined =>
  (language === 'zh' ? summaryZh : undefined) ?? summary;

/** Ranges beyond the recorded day, which the Prometheus of a cluster answers. */
const pastRanges = ['7d', 'custom'] as const;
export type ShownRange = ReadingsRange | (typeof pastRanges)[number];

/** Whether the reader can choose another range, and what was typed: local times of the view's zone. */
export interface PastChoice {
  hasSource: boolean;
  from: string;
  to: string;
  isFaulty: boolean;
}

export interface ReadingsContent {
  range: ShownRange;
  /** Of the slots; absent for recorded readings, which have that of their range. */
  level?: { slotMs: number; slots: number };
  /** Lies in the last slot, the right end of every chart: when the page was made, or a time in the past. */
  nowMs: number;
  /** Absent where a page has recorded readings only. */
  choice?: PastChoice;
  /** Why the source gave nothing. */
  failure?: string;
  queries?: readonly SourceQuery[];
  /** ISO 8601: the oldest reading of the last day. */
  recordedSince?: string;
  /** The first is the largest. Charts of what was not read are missing. */
  charts: readonly ReadingsChart[];
  /** Entries of the history within the range, oldest first. */
  marks: readonly HistoryEntry[];
  /** That fired within the range, oldest first. */
  alerts: readonly AlertMark[];
}

/** @returns length and number of the slots, and the start of the first */
export function slotsOf({ range, level, nowMs }: Pick<ReadingsContent, 'range' | 'level' | 'nowMs'>): {
  slotMs: number;
  slots: number;
  firstMs: number;
} {
  const { slotMs, slots } = level ?? readingsLevels[range === '7d' || range === 'custom' ? '24h' : range];
  return { slotMs, slots, firstMs: (Math.floor(nowMs / slotMs) - slots + 1) * slotMs };
}
