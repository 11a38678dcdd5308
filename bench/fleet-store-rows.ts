// Renders the table of the store bench: figures of one node next to those of a cluster of nodes.

import { victoriaMetricsVersion } from '../test/support/victoria-metrics.ts';
import type { BenchResult, Peer } from './bench.ts';
import type { Filled } from './fleet-store-fill.ts';
import type { Landing } from './fleet-store-landing.ts';
import { referenceLoop } from './reference.ts';
import type { StoreCost } from './fleet-store-nodes.ts';
import { rulesOf, type Judged } from './fleet-store-questions.ts';

/** Limit in reference loops. */
const mostPage = 3;
/** The schedule analyzes each of 200 clusters within 6 h, two at a time. */
const mostAnalysisSeconds = 60;
/** The default evaluation interval of Prometheus. */
const mostRulesSeconds = 60;

export interface Measured {
  filled: Filled & { samples: number };
  ruleSeconds: Record<'capacity' | 'host', number>;
  judged: Pick<Judged, 'readSeconds' | 'seconds' | 'wireBytes'>;
  landing: Landing;
  cost: StoreCost;
}

/** @param measured figures of one node and, if there is one, of the cluster */
export function rowsOf(
  [one, many]: readonly Measured[],
  { clusters, brokers }: { clusters: number; brokers: number },
): BenchResult[] {
  if (one === undefined) return [];
  const row = (metric: string, unit: string, of: (each: Measured) => number, most?: number): BenchResult => {
    const figures = [one, ...(many === undefined ? [] : [many])].map(of);
    const judged =
      most === undefined
        ? { goal: 'none' }
        : { goal: `at most ${most}`, met: figures.every((figure) => figure <= most) };
    return { metric, unit, ours: of(one), ...(many && { peer: peerOf(of(many)) }), ...judged };
  };
  const rules = (file: 'capacity' | 'host') =>
    row(
      `${rulesOf(file).length} rules of ${file}, once`,
      's',
      ({ ruleSeconds }) => ruleSeconds[file],
      mostRulesSeconds,
    );
  return [
    row(`series of ${clusters} clusters, ${brokers} brokers`, '', ({ filled }) => filled.series),
    row('samples of a day', 'million', ({ filled }) => filled.samples / 1e6),
    row('import', 's', ({ filled }) => filled.seconds),
    row('CPU of the store for it', 's', ({ filled }) => filled.cpuSeconds),
    row('on disk', 'MB', ({ cost }) => cost.diskBytes / 1e6),
    row('most resident, all processes', 'MB', ({ cost }) => cost.peakResidentBytes / 1e6),
    row('clusters without a figure of now', '', ({ landing }) => clusters - landing.shown, 0),
    row('figure of now, median', 's', ({ landing }) => landing.medianLoadSeconds),
    row('figure of now, slowest', 's', ({ landing }) => landing.slowestLoadSeconds),
    row('landing page, median', 's', ({ landing }) => landing.medianSeconds),
    row('landing page, slowest', 's', ({ landing }) => landing.slowestSeconds, mostPage * referenceLoop().wall),
    rules('capacity'),
    rules('host'),
    row('a day of one cluster read', 's', ({ judged }) => judged.readSeconds),
    row('over the network for it', 'MB', ({ judged }) => judged.wireBytes / 1e6),
    row('… read and judged', 's', ({ judged }) => judged.seconds, mostAnalysisSeconds),
  ];
}

const peerOf = (value: number): Peer => ({ name: 'cluster', version: victoriaMetricsVersion, value });
