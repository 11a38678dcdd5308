// Reads the report and the grades of a promotion from the history.

import { createHash } from 'node:crypto';
import type { CapacityReport } from '../../core/documents/capacity-report.ts';
import { AppError } from '../../core/errors.ts';
import type { Span } from '../../analyzer/review/domain-record.ts';
import { isPrediction } from '../../service/grading/report-before.ts';
import { everyEntry } from '../../service/history/every-entry.ts';
import type { HistoryReader } from '../../service/history/history.ts';

interface WantedReport {
  name: string;
  /** Start of the promotion that is reviewed, else of that of the report, where it is known. */
  beganMs: (report: CapacityReport) => number | undefined;
  /** Start of the promotion that is reviewed, if given. */
  fromMs: number | undefined;
}

/** Less than half of the time between promotions of each month. */
const mostMovedMs = 14 * 86_400_000;

/** The newest that was entered before its promotion. @throws AppError not-found */
export function reportIn(
  history: HistoryReader,
  { name, beganMs, fromMs }: WantedReport,
): { report: CapacityReport; sha256: string } {
  let isLate = false;
  for (const entry of everyEntry(history, { kinds: ['report'] })) {
    if (entry.kind !== 'report' || entry.document.promotion.name !== name) continue;
    if (!isPrediction(entry, { name, beganMs: beganMs(entry.document), fromMs, mostMovedMs })) {
      isLate = true;
      continue;
    }
    const sha256 = createHash('sha256').update(JSON.stringify(entry.document)).digest('hex');
    return { report: entry.document, sha256 };
  }
  if (isLate) {
    throw new AppError('not-found', `the history has no report of ${name} from before the promotion`, {
      hint: 'reports added after it began, or about days more than two weeks away, do not count; --report FILE reads another one',
    });
  }
  throw new AppError('not-found', `the history has no report of ${name}`, {
    hint: '`plimsoll history add report.json` enters one, `plimsoll history show --kind report` lists them',
  });
}

/** Of events that ended within the promotion, or at its end, which is not in it; the service tries for a week to grade them. */
export function gradesIn(history: HistoryReader, { fromMs, toMs }: Span): { graded: number; held: number } {
  const day = 86_400_000;
  const entries = everyEntry(history, { kinds: ['grade'], sinceMs: fromMs, untilMs: toMs + 8 * day });
  const grades = [...entries].flatMap((entry) => (entry.kind === 'grade' ? [entry.document] : []));
  const within = grades.filter(({ endedAt }) => Date.parse(endedAt) >= fromMs && Date.parse(endedAt) <= toMs + 1);
  return { graded: within.length, held: within.filter(({ held }) => held).length };
}
