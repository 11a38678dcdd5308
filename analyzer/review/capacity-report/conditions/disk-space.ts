// Judges whether the disks hold the average load of the cluster while messages are kept.

import type { Analysis } from '../../../../core/documents/analysis.ts';
import type { Missing } from '../../../../core/documents/reasons/missing.ts';
import { isWhole, judged, verdictsOfCluster, type GoCase, type Judged, type MeasuredCase } from '../go-case.ts';

interface DiskLimit {
  retention: NonNullable<Analysis['retention']>;
  source: string;
}

/** @returns the lowest average rate of the verdicts of all brokers; undefined where none has a retention */
export const diskLimit = (case_: Pick<GoCase, 'measured' | 'neighbors'>): DiskLimit | undefined =>
  verdictsOfCluster(case_)
    .filter((each) => isWhole(each) && each.analysis.redline === undefined)
    .flatMap(({ analysis: { retention }, source }) => (retention === undefined ? [] : [{ retention, source }]))
    .toSorted((a, b) => a.retention.tps - b.retention.tps)[0];

/** The safe maximum is for bursts: a load far below it may fill the disks before messages expire. */
export function judgeDiskSpace(case_: MeasuredCase): Judged {
  const { averageTps, withoutAverage = [] } = case_;
  const limit = diskLimit(case_);
  if (limit === undefined) return unchecked([{ what: 'retention' }]);
  const { tps, retentionSeconds: seconds } = limit.retention;
  const figures = {
    tps,
    ...(averageTps !== undefined && { neededTps: averageTps }),
    subject: limit.source,
  };
  if (averageTps !== undefined && averageTps > tps) {
    const reason = { code: 'retention-below-average' as const, tps, neededTps: averageTps, seconds };
    return judged('disk-space', 'fails', [reason], figures);
  }
  if (averageTps !== undefined && withoutAverage.length === 0) return judged('disk-space', 'holds', [], figures);
  return unchecked(withoutAverage.map((of): Missing => ({ what: 'average-load', of })));
}

const unchecked = (missing: Missing[]) => judged('disk-space', 'not-checked', [], { missing });
