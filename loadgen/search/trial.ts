// Defines one trial of a rate search and its outcome, and converts both to and from the journal.

import type { Constraint } from '../../core/resource.ts';
import type { SearchTrial, Violation } from '../../core/documents/search-certificate.ts';
import { messagesPerSecond, seconds, type MessagesPerSecond, type Seconds } from '../../core/units.ts';
import { defined } from '../../core/defined.ts';

export interface Trial {
  rate: MessagesPerSecond;
  duration: Seconds;
  purpose: SearchTrial['purpose'];
}

/** A criterion that was not kept; `measured` and `limit` are in `unit`. */
export interface Breach {
  criterion: string;
  /** Absent in journals of older versions. */
  violated?: Violation;
  measured: number;
  limit: number;
  unit?: 's' | 'ratio';
  /** The limit that explains it, and what was measured of that limit. */
  limitedBy?: { resource: Constraint; node: string };
  detail?: string;
}

interface FullResource {
  resource: string;
  host: string;
  utilisation: number;
}

export type TrialOutcome =
  | { kind: 'passed'; achieved: MessagesPerSecond }
  | ({
      kind: 'failed';
      achieved: MessagesPerSecond;
      also?: readonly string[];
      /** Resources of machines that were nearly all in use, the fullest first. */
      full?: readonly FullResource[];
    } & Breach)
  /** The generator's own fault: the trial is repeated and excluded. */
  | { kind: 'excluded'; reason: string };

export interface TrialRecord {
  trial: Trial;
  outcome: TrialOutcome;
}

/** As a line of the journal and in a certificate. */
export function toSearchTrial({ trial, outcome }: TrialRecord): SearchTrial {
  const { rate: targetTps, duration: durationSeconds, purpose } = trial;
  if (outcome.kind === 'excluded') return { targetTps, durationSeconds, purpose, outcome };
  const { achieved: achievedTps, ...rest } = outcome;
  if (rest.kind === 'passed') return { targetTps, durationSeconds, purpose, outcome: { ...rest, achievedTps } };
  const { also, full, ...breach } = rest;
  return {
    targetTps,
    durationSeconds,
    purpose,
    outcome: {
      ...breach,
      achievedTps,
      ...(also !== undefined && { also: [...also] }),
      ...(full !== undefined && { full: [...full] }),
    },
  };
}

export function toTrialRecord({ targetTps, durationSeconds, purpose, outcome }: SearchTrial): TrialRecord {
  const trial = { rate: messagesPerSecond(targetTps), duration: seconds(durationSeconds), purpose };
  if (outcome.kind === 'excluded') return { trial, outcome };
  const { achievedTps, ...rest } = outcome;
  const achieved = messagesPerSecond(achievedTps);
  if (rest.kind === 'passed') return { trial, outcome: { ...rest, achieved } };
  const { also, full, unit, limitedBy, detail, violated, ...breach } = rest;
  return {
    trial,
    outcome: { ...breach, achieved, ...defined({ violated, unit, limitedBy, detail, also, full }) },
  };
}
