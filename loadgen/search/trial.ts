// Defines one trial of a rate search and its outcome, and converts both to and from the journal.

import type { SearchTrial } from '../../core/documents/search-certificate.ts';
import { messagesPerSecond, type MessagesPerSecond } from '../../core/units.ts';
import { seconds, type Seconds } from '../../core/clock.ts';

export interface Trial {
  rate: MessagesPerSecond;
  duration: Seconds;
  purpose: SearchTrial['purpose'];
}

/** Excluded means that the generator was the cause: the trial is repeated. */
export type TrialOutcome = SearchTrial['outcome'];

type Failed = Extract<TrialOutcome, { kind: 'failed' }>;

/** A criterion that was not met; `measured` and `limit` are in `unit`. */
export type Breach = Omit<Failed, 'kind' | 'achievedTps' | 'also' | 'full'>;

export interface TrialRecord {
  trial: Trial;
  outcome: TrialOutcome;
}

/** Converts to the form of the journal and the certificate. */
export const toSearchTrial = ({ trial, outcome }: TrialRecord): SearchTrial => ({
  targetTps: trial.rate,
  durationSeconds: trial.duration,
  purpose: trial.purpose,
  outcome,
});

export const toTrialRecord = ({ targetTps, durationSeconds, purpose, outcome }: SearchTrial): TrialRecord => ({
  trial: { rate: messagesPerSecond(targetTps), duration: seconds(durationSeconds), purpose },
  outcome,
});
