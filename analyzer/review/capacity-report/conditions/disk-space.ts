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
import { nodeText, percentText } from '../../../../core/text/quantity-text.ts';
import { newestFirst } from './evidence.ts';

export interface DiskLimit {
  retention: NonNullable<Analysis['retention']>;
  source: string;
  /** Brokers whose disks the verdict omits may store less. */
  isPartial: boolean;
  /** Absent for own traffic, and if unknown. */
  tested?: {
    /** After compression. */
    sentBytes: number;
    /** Least bytes that a broker stores in addition to each message. */
    overheadBytes: number;
  };
}

/** @returns the lowest average rate among the verdicts of all brokers; undefined if none has a retention */
export function diskLimit(case_: Pick<GoCase, 'measured' | 'neighbors'>): DiskLimit | undefined {
  const limits = verdictsOfDisks(case_).flatMap((each): DiskLimit[] => {
    const { retention } = each.analysis;
    const isPartial = omitsDisks(each);
    return retention === undefined ? [] : [{ retention, source: each.source, isPartial, ...testedMessage(each) }];
  });
  const [lowest] = limits.toSorted((a, b) => a.retention.tps - b.retention.tps);
  return lowest && { ...lowest, isPartial: limits.every(({ isPartial }) => isPartial) };
}

/** A redline, or a test with brokers down, does not load the disks of all brokers. */
const verdictsOfDisks = (case_: Pick<GoCase, 'measured' | 'neighbors'>) =>
  verdictsOfCluster(case_).filter((each) => isWhole(each) && each.analysis.redline === undefined);

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
  if (limit === undefined) {
    const omitting = verdictsOfDisks(case_).find(omitsDisks);
    return unknown([omitting === undefined ? { what: 'retention' } : { what: 'disk-sizes', in: omitting.source }]);
  }
  const { tps, retentionSeconds: seconds, basis } = limit.retention;
  const figures = {
    ...(basis && { basis: bases[basis] }),
    tps,
    ...defined({ neededTps: averageTps }),
    subject: limit.source,
  };
  if (averageTps !== undefined && averageTps > tps) {
    const reason = { code: 'retention-below-average' as const, tps, neededTps: averageTps, seconds };
    return judged('disk-space', 'fails', [reason], figures);
  }
  const keepingLonger = verdictsOfDisks(case_).filter(mayKeepLonger);
  const missing = [
    ...filledDisk(case_, tps),
    ...(limit.isPartial ? [{ what: 'disk-sizes' as const, in: limit.source }] : []),
    ...keepingLonger.map(({ source }) => ({ what: 'longest-retention' as const, in: source })),
    ...withoutAverage.map((of) => ({ what: 'average-load' as const, of })),
  ];
  return averageTps !== undefined && missing.length === 0
    ? judged('disk-space', 'holds', [], figures)
    : unknown(missing);
}

/**
 * Without production, what the disks stored before the newest test counts as others' and does not expire. Else it is
 * mostly messages of the domains, which the average contains, unless it exceeds the limit.
 *
 * @param mostTps average rate whose messages fit on empty disks
 * @returns the broker with the least space left, if the average load does not fit there
 */
function filledDisk(case_: MeasuredCase, mostTps: number): Missing[] {
  const [newest] = verdictsOfDisks(case_)
    .map(({ analysis }) => analysis)
    .filter(({ retention }) => retention?.free !== undefined)
    .toSorted(newestFirst);
  const { free, tps = 0 } = newest?.retention ?? {};
  if (free === undefined || (case_.averageTps ?? 0) * tps <= free.tps * mostTps) return [];
  if (free.tps > 0 && verdictsOfCluster(case_).some(isOwnTraffic)) return [];
  return [{ what: 'used-disk', of: nodeText(free.node), in: percentText(free.usedRatio) }];
}

const bases = { 'disk-writes': 'measured', 'message-size': 'estimated' } as const;

const omitsDisks = ({ analysis }: Measured) => analysis.findings.some(({ code }) => code === 'retention-unknown');

/** Whether topics keep messages longer than the verdict assumes, or may do so. */
const mayKeepLonger = ({ analysis }: Measured) =>
  analysis.findings.some(({ code, evidence }) => {
    if (code === 'topic-settings-unread') return true;
    if (code !== 'retention-differs') return false;
    // Without a time limit, the finding has no effective value.
    const [configured, effective = Infinity] = ['configured', 'effective'].map(
      (each) => evidence.find(({ name }) => name === each)?.value,
    );
    return Number(effective) > Number(configured);
  });

const unknown = (missing: Missing[]) => judged('disk-space', 'unknown', [{ code: 'disk-space-unknown', missing }]);
