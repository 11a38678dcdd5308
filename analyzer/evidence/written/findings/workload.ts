// Reports the effect of the stated clients and groups on the rate, and missing facts.

import type { Finding } from '../../../../core/documents/analysis.ts';
import { findingOf } from '../../../../core/documents/findings/findings.ts';
import type { Figures } from '../figures.ts';
import { saturationRate, statedTraffic } from '../traffic.ts';

/** Every group reads a separate copy; members of one group share one. */
export function groupsUnknown(figures: Figures): Finding | undefined {
  const { link, run, topology } = figures;
  const { consumers, consumerGroups } = topology;
  if (link === undefined || consumers === undefined || consumers < 2 || consumerGroups !== undefined) return undefined;
  const traffic = statedTraffic(figures);
  const rateWith = (groups: number) => saturationRate({ ...traffic, groups }, link.bitsPerSecond);
  return findingOf('consumer-groups-unknown', {
    consumers,
    followers: traffic.followers,
    oneGroup: rateWith(1),
    eachGroup: rateWith(consumers),
    source: run.sources['topology.consumers'],
  });
}

/** Little's law for closed-loop senders: N = X · R. */
export function closedLoop({ topology, tps }: Figures): Finding | undefined {
  const { producers, threadsPerProducer } = topology;
  if (producers === undefined || threadsPerProducer === undefined) return undefined;
  const roundTripSeconds = (producers * threadsPerProducer) / tps.value;
  const loop = { producers, threadsPerProducer, tps: tps.value, roundTripSeconds };
  return findingOf('closed-loop', { basis: 'stated', ...loop });
}

export const latencyBound = ({ endToEnd }: Figures): Finding | undefined =>
  endToEnd && findingOf('latency-bound', { seconds: endToEnd.value, reading: endToEnd.reading });

export function judgement({ statements }: Figures): Finding | undefined {
  const { acceptable, 'stated-bottleneck': bottleneck } = statements;
  if (acceptable === undefined && bottleneck === undefined) return undefined;
  return findingOf('stated-judgement', { acceptable, bottleneck });
}
