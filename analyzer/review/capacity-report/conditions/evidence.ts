// Judges the evidence: critical findings and age.

import type { Reason } from '../../../../core/documents/reasons/go-reasons.ts';
import { localText } from '../../../../core/local-moment.ts';
import { judged, type Judged, type Measured, type MeasuredCase } from '../go-case.ts';

/** Why an `at-least` may underestimate the cluster: the figures depend on more than the cluster. */
const doubtful = new Set(['generator-limited', 'figures-in-doubt']);

export function judgeFindings({ measured }: MeasuredCase): Judged {
  const found = new Set(measured.flatMap(criticalOf));
  return judgeFound('findings', found, (subjects) => ({ code: 'critical-finding', subjects }));
}

function criticalOf({ analysis: { findings, safeMaxTps } }: Measured): string[] {
  const critical = findings.filter(({ severity }) => severity === 'critical').map(({ code }) => code);
  const isDoubtful = safeMaxTps.kind === 'at-least' && doubtful.has(safeMaxTps.reason);
  return isDoubtful ? [...critical, safeMaxTps.reason] : critical;
}

const dayMs = 86_400_000;

/** @returns the start of the last day at whose end evidence from this moment is still valid */
export const lastDayOfEvidence = (endedMs: number, lifetimeSeconds: number): number =>
  Math.floor((endedMs + lifetimeSeconds * 1000) / dayMs - 1) * dayMs;

export function judgeLifetime({ measured, asOf, lifetimeSeconds }: MeasuredCase): Judged {
  const reportDay = Date.parse(asOf);
  const latest = latestOn(asOf);
  const expired = new Set<string>();
  const future = new Set<string>();
  for (const { analysis, source } of measured) {
    const endedMs = endOf(analysis);
    if (endedMs === undefined || lastDayOfEvidence(endedMs, lifetimeSeconds) < reportDay) expired.add(source);
    else if (endedMs > latest) future.add(`${source} (${localText(endedMs, 'UTC')})`);
  }
  const old = judgeFound('lifetime', expired, (subjects) => ({
    code: 'evidence-expired',
    seconds: lifetimeSeconds,
    subjects,
  }));
  const early = judgeFound('lifetime', future, (subjects) => ({ code: 'evidence-in-future', day: asOf, subjects }));
  if (future.size === 0) return old;
  const subject = [...expired, ...future].toSorted().join(', ');
  return judged('lifetime', 'fails', [...old.reasons, ...early.reasons], { subject });
}

/** A date without a time zone ends at noon UTC of the next day, the latest midnight (UTC−12). */
export const latestOn = (day: string): number => Date.parse(day) + 1.5 * dayMs;

/** @returns the end of the sustained rate, or of the run, in milliseconds; undefined for files without a creation time */
export function endOf(analysis: Measured['analysis']): number | undefined {
  const { held } = analysis;
  return held?.endedAt === undefined ? runEndOf(analysis) : Date.parse(held.endedAt);
}

/** @returns the end of the run or of the production window, in milliseconds */
export function runEndOf({ run: { startedAt, durationSeconds = 0 } }: Measured['analysis']): number | undefined {
  return startedAt === undefined ? undefined : Date.parse(startedAt) + 1000 * durationSeconds;
}

/**
 * The end of all input of a verdict: production may have reached its peak weeks before. An undated verdict may be
 * older than any other.
 */
export function measuredAt(analysis: Measured['analysis']): number {
  const { judgedUntil } = analysis.run;
  return judgedUntil === undefined ? (runEndOf(analysis) ?? 0) : Date.parse(judgedUntil);
}

export const newestFirst = (a: Measured['analysis'], b: Measured['analysis']): number => measuredAt(b) - measuredAt(a);

export function judgeFound(
  condition: Judged['condition']['condition'],
  found: ReadonlySet<string>,
  reasonOf: (subjects: string[]) => Reason,
  state: 'fails' | 'unknown' = 'fails',
): Judged {
  const subjects = [...found].toSorted();
  if (subjects.length === 0) return judged(condition, 'holds');
  return judged(condition, state, [reasonOf(subjects)], { subject: subjects.join(', ') });
}
