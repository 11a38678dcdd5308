// What is a change of a RocketMQ cluster? Steps in an order, each done, or held back by something that has a name.

import type { z } from 'zod';
import type { Io } from '../../brokers/driver.ts';
import type { ChangeDesk } from '../../brokers/rocketmq/changes/change-desk.ts';
import type { Finding } from '../../core/analysis.ts';
import type { Clock } from '../../core/clock.ts';
import type { Seconds } from '../../core/units.ts';

/** Why a step is not done yet. */
export interface Hold {
  what: string;
  /** When it ends by itself at the latest, where that is known. */
  until?: Date;
}

export type Outcome<Facts> =
  | { kind: 'done'; evidence: readonly string[]; learnt?: Partial<Facts> }
  | { kind: 'held'; holds: readonly Hold[]; learnt?: Partial<Facts> };

export interface Step<Facts> {
  id: string;
  by: 'plimsoll' | 'operator';
  says: string;
  /** What the operator does, in order. */
  how?: readonly string[];
  /** Between two tries. */
  pause: Seconds;
  /** Can be run again after a crash at any moment: what is done already stays done. */
  run(io: Io): Promise<Outcome<Facts>>;
  undo?: {
    says: string;
    /** @returns what was put back */
    run(io: Io): Promise<readonly string[]>;
  };
}

export interface Tools {
  desk: ChangeDesk;
  clock: Clock;
}

export interface Notice {
  en: readonly string[];
  zh: readonly string[];
}

/** Facts are what is known when the change begins and what its steps learn: a file keeps them, and rebuilds the steps from them. */
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
  holds: readonly Hold[];
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
