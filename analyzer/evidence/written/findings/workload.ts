// Reports what the stated clients and groups say about the rate, and what is missing.

import type { Finding } from '../../../../core/documents/analysis.ts';
import { findingOf } from '../../../../core/documents/findings/findings.ts';
import type { Figures } from '../figures.ts';
import { saturationRate, statedTraffic } from '../traffic.ts';

/** Every group reads its own copy; members of one group share one. */
export function groupsUnknown(figures: Figures): Finding | undefined {
  const { consumers, consumerGroups } = figures.topology;
  const traffic = statedTraffic(figures);
  const [one, each] =
    figures.link === undefined || consumers === undefined
      ? []
      : [1, consumers].map((groups) => saturationRate({ ...traffic, groups }, figures.link?.bitsPerSecond ?? 0));
  if (
    consumerGroups !== undefined ||
    consumers === undefined ||
    consumers < 2 ||
    one === undefined ||
    each === undefined
  ) {
    return undefined;
  }
  const source = figures.run.sources['topology.consumers'];
  const { followers } = traffic;
  return findingOf('consumer-groups-unknown', { consumers, followers, oneGroup: one, eachGroup: each, source });
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
