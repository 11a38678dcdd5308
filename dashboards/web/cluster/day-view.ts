// Defines the data of a past day, which service/clusters/day-traffic.ts reads from the monitoring system.

import type { SourceQuery } from '../chart-tools.ts';

/** Messages; unknown counts are absent. */
export interface BrokerDay {
  id: string;
  produced?: number;
  consumed?: number;
}

export interface DayHour {
  /** ISO 8601, start of the hour. */
  at: string;
  /** Messages. */
  produced?: number;
  consumed?: number;
}

export type DayAnswer =
  | {
      kind: 'answered';
      from: string;
      to: string;
      /** False for a day that is not over. */
      isWhole: boolean;
      hours: readonly DayHour[];
      /** Empty if only the total of the cluster is known. */
      brokers: readonly BrokerDay[];
      queries: readonly SourceQuery[];
    }
  /** `lastDay` is the last day with data before it, `firstDay` the first after it, such as 2026-11-18. */
  | { kind: 'no-data'; lastDay?: string; firstDay?: string }
  | { kind: 'ahead' };

export type RequestedDay =
  | { kind: 'not-requested' }
  | { kind: 'not-a-day'; text: string }
  | { kind: 'no-source'; day: string }
  | { kind: 'unanswered'; day: string; reason: string }
  | { kind: 'answered'; day: string; answer: DayAnswer };

export interface DayContent {
  /** Date in the reader's time zone. */
  today: string;
  yesterday: string;
  requested: RequestedDay;
}
