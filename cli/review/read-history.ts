// Reads the report and the grades of a promotion from the history.

import { createHash } from 'node:crypto';
import type { CapacityReport } from '../../core/documents/capacity-report.ts';
import { AppError } from '../../core/errors.ts';
import type { Span } from '../../analyzer/review/domain-record.ts';
import type { HistoryReader } from '../../service/history/history.ts';

const pageSize = 500;

/** The newest of this promotion. @throws AppError not-found */
export function reportIn(history: HistoryReader, promotion: string): { report: CapacityReport; sha256: string } {
  for (let beforeId: number | undefined; ;) {
    const entries = history.entries({
      kinds: ['report'],
      limit: pageSize,
      ...(beforeId !== undefined && { beforeId }),
    });
    for (const entry of entries) {
      if (entry.kind !== 'report' || entry.document.promotion.name !== promotion) continue;
      const sha256 = createHash('sha256').update(JSON.stringify(entry.document)).digest('hex');
      return { report: entry.document, sha256 };
    }
    beforeId = entries.at(-1)?.id;
    if (entries.length < pageSize || beforeId === undefined) break;
  }
  throw new AppError('not-found', `the history has no report of ${promotion}`, {
    hint: '`plimsoll history add report.json` enters one, `plimsoll history show --kind report` lists them',
  });
}

/** Of events that ended within the promotion; grades are entered soon after. */
export function gradesIn(history: HistoryReader, { fromMs, toMs }: Span): { graded: number; held: number } {
  const day = 86_400_000;
  const grades = [];
  for (let beforeId: number | undefined; ;) {
    const entries = history.entries({
      kinds: ['grade'],
      sinceMs: fromMs,
      untilMs: toMs + 2 * day,
      limit: pageSize,
      ...(beforeId !== undefined && { beforeId }),
    });
    for (const entry of entries) if (entry.kind === 'grade') grades.push(entry.document);
    beforeId = entries.at(-1)?.id;
    if (entries.length < pageSize || beforeId === undefined) break;
  }
  const within = grades.filter(({ endedAt }) => Date.parse(endedAt) >= fromMs && Date.parse(endedAt) <= toMs);
  return { graded: within.length, held: within.filter(({ held }) => held).length };
}
