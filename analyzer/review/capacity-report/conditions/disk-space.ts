// Judges whether the disks hold the average load of the cluster for the retention time.

import { traitsOf } from '../../../../core/broker-kind/registry.ts';
import type { Analysis } from '../../../../core/documents/analysis.ts';
import type { Missing } from '../../../../core/documents/reasons/missing.ts';
import {
  isOwnTraffic,
  isWhole,
  judged,
  verdictsOfCluster,
  type GoCase,
  type Judged,
  type Measured,
  type MeasuredCase,
} from '../go-case.ts';
import { defined } from '../../../../core/defined.ts';

export interface DiskLimit {
  retention: NonNullable<Analysis['retention']>;
  source: string;
  /** Absent for own traffic, and if unknown. */
  tested?: {
    /** After compression. */
    sentBytes: number;
    /** Least bytes that a broker stores in addition to each message. */
    overheadBytes: number;
  };
}

/** @returns the lowest average rate among the verdicts of all brokers; undefined if none has a retention */
export const diskLimit = (case_: Pick<GoCase, 'measured' | 'neighbors'>): DiskLimit | undefined =>
  verdictsOfCluster(case_)
    .filter((each) => isWhole(each) && each.analysis.redline === undefined)
    .flatMap((each): DiskLimit[] => {
      const { retention } = each.analysis;
      return retention === undefined ? [] : [{ retention, source: each.source, ...testedMessage(each) }];
    })
    .toSorted((a, b) => a.retention.tps - b.retention.tps)[0];

function testedMessage(verdict: Measured): Pick<DiskLimit, 'tested'> {
  const { messageBytes, compressionRatio = 1, broker } = verdict.analysis.run;
  const overheadBytes = traitsOf(broker)?.bytes.storedOverhead;
  if (isOwnTraffic(verdict) || messageBytes === undefined || overheadBytes === undefined) return {};
  return { tested: { sentBytes: messageBytes / compressionRatio, overheadBytes } };
}

/** The safe maximum is for bursts: a much lower average may fill the disks before messages expire. */
export function judgeDiskSpace(case_: MeasuredCase): Judged {
  const { averageTps, withoutAverage = [] } = case_;
  const limit = diskLimit(case_);
  if (limit === undefined) return unchecked([{ what: 'retention' }]);
  const { tps, retentionSeconds: seconds } = limit.retention;
  const figures = { tps, ...defined({ neededTps: averageTps }), subject: limit.source };
  if (averageTps !== undefined && averageTps > tps) {
    const reason = { code: 'retention-below-average' as const, tps, neededTps: averageTps, seconds };
    return judged('disk-space', 'fails', [reason], figures);
  }
  if (averageTps !== undefined && withoutAverage.length === 0) return judged('disk-space', 'holds', [], figures);
  return unchecked(withoutAverage.map((of): Missing => ({ what: 'average-load', of })));
}

const unchecked = (missing: Missing[]) => judged('disk-space', 'not-checked', [], { missing });
