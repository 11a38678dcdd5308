// Defines the readings that pages draw; service/pages/shown-readings.ts and past-readings.ts fill them.

import type { HistoryEntry } from '../../../core/documents/history-entry.ts';
import { readingsLevels, type ReadingsRange } from '../../../core/readings-range.ts';
import type { Language, View } from '../view.ts';
import type { SourceQuery } from '../chart-tools.ts';
import type { ReadingsSubject } from './readings-texts.ts';

/** A value for each slot of the range, oldest first; undefined if unknown. */
export type SlotValues = readonly (number | undefined)[];

export interface ReadingsLine {
  /** Name of a broker, group or topic, and whether it first appeared in the range; `subject` for a single line. */
  label: { name: string; isNew?: true } | 'others' | 'subject';
  mean: SlotValues;
  /** The last reading, which tables of the page show, too. */
  last?: number;
  /** Highest reading of each slot; absent if each slot has one reading. */
  max?: SlotValues;
}

export type ReadingsUnit = 'rate' | 'ratio' | 'bytesPerSecond' | 'seconds' | 'count';

export interface ReadingsChart {
  of: ReadingsSubject;
  unit: ReadingsUnit;
  /** Draws stacked areas. */
  isStacked?: true;
  lines: readonly ReadingsLine[];
  limits: readonly { of: 'safe' | 'saturation' | 'policy'; value: number }[];
  /** Number of brokers, groups or topics that are not drawn. */
  notDrawn: number;
}

/** An alert of the cluster, as sent by Alertmanager. */
export interface AlertMark {
  name: string;
  startMs: number;
  /** Absent while the alert fires. */
  endMs?: number;
  severity?: string;
  /** Consumer group and topic that the alert is about. */
  group?: string;
  topic?: string;
  /** Description by the rule, or its summary. */
  summary?: string;
  /** The same in Chinese, if the rule has it. */
  summaryZh?: string;
}

export const alertSummary = ({ summary, summaryZh }: AlertMark, language: Language): string | undefined =>
  (language === 'zh' ? summaryZh : undefined) ?? summary;

/** Severities of other rules keep their names. */
export const severityText = (severity: string, { severity: known }: Pick<View['strings'], 'severity'>): string =>
  Object.hasOwn(known, severity) ? known[severity as keyof typeof known] : severity;

/** Ranges longer than the recorded day, which the cluster's Prometheus provides. */
const pastRanges = ['7d', 'custom'] as const;
export type ShownRange = ReadingsRange | (typeof pastRanges)[number];

/** Whether the reader can choose another range, and the typed text: local times in the view's time zone. */
export interface PastChoice {
  hasSource: boolean;
  from: string;
  to: string;
  isFaulty: boolean;
}

export interface ReadingsContent {
  range: ShownRange;
  /** Slots of the range; absent for recorded readings, whose slots follow from their range. */
  level?: { slotMs: number; slots: number };
  /** A time in the last slot, the right end of every chart: when the page was rendered, or a time in the past. */
  nowMs: number;
  /** Absent if the page has recorded readings only. */
  choice?: PastChoice;
  /** Why the source returned nothing. */
  failure?: string;
  queries?: readonly SourceQuery[];
  /** ISO 8601: the oldest reading of the last day. */
  recordedSince?: string;
  /** The first chart is the largest. Charts without readings are missing. */
  charts: readonly ReadingsChart[];
  /** Entries of the history within the range, oldest first. */
  marks: readonly HistoryEntry[];
  /** Alerts that fired within the range, oldest first. */
  alerts: readonly AlertMark[];
  /** Limit of recorded alerts per day, if a day of the range reached it. */
  mostAlerts?: number;
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
