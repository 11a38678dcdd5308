// Defines a kind of RocketMQ change: its initial facts, its steps and the notice to users.

import type { z } from 'zod';
import type { ChangeDesk } from '../../brokers/rocketmq/changes/change-desk.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import type { Clock } from '../../core/clock.ts';
import type { Blocker, Step } from '../change/step.ts';

export interface Tools {
  desk: ChangeDesk;
  clock: Clock;
}

export interface Notice {
  en: readonly string[];
  zh: readonly string[];
}

/** Facts are what is known when the change begins and what its steps learn: its journal keeps them, and rebuilds the steps from them. */
export interface ChangeKind<Facts extends object> {
  name: string;
  facts: z.ZodType<Facts>;
  steps(facts: Facts, tools: Tools): readonly Step<Facts>[];
  notice(facts: Facts): Notice;
}

/** Nothing was changed for it. A critical finding keeps the change from being begun. */
export interface PlannedChange<Facts extends object> {
  /** The broker, topic or address it is about. */
  subject: string;
  facts: Facts;
  findings: readonly Finding[];
  /** What would hold the steps back now. */
  holds: readonly Blocker[];
}

export const finding = (severity: Finding['severity'], code: string, message: string): Finding => ({
  severity,
  code,
  message,
  evidence: [],
});

/** The first names and how many more there are. */
export function named(names: readonly string[], most = 5): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}
