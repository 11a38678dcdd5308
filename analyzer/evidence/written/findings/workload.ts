// Reports what the stated clients and groups say about the rate, and what is missing.

import type { Finding } from '../../../../core/documents/analysis.ts';
import type { Figures } from '../figures.ts';
import { saturationRate, statedTraffic } from '../traffic.ts';
import { cited, evidenceOf, exact, tpsRange, tpsText } from '../figure-text.ts';
import { pluralText } from '../../../../core/text/quantity-text.ts';

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
  return {
    severity: 'warning',
    code: 'consumer-groups-unknown',
    message:
      `${pluralText(consumers, 'consumer')} are stated, their groups are not. In one group they share one copy (${traffic.followers + 1} leave the master): the card is full at ${tpsRange(one)} messages/s by arithmetic; ` +
      `each in a group of its own takes a copy (${traffic.followers + consumers} leave): ${tpsRange(each)}. Everything here takes one group; say how many there were.`,
    evidence: [
      {
        name: 'consumers',
        value: consumers,
        unit: 'consumers',
        source: source === undefined ? 'run.json' : cited(source),
      },
    ],
  };
}

/** Little's law for closed-loop senders: N = X · R. */
export function closedLoop({ topology, tps }: Figures): Finding | undefined {
  const { producers, threadsPerProducer } = topology;
  if (producers === undefined || threadsPerProducer === undefined) return undefined;
  const threads = producers * threadsPerProducer;
  const roundTrip = threads / tps.value;
  return {
    severity: 'info',
    code: 'closed-loop',
    message:
      `By Little's law ${pluralText(producers, 'producer')} × ${pluralText(threadsPerProducer, 'thread')} that wait for every answer make ${tpsText(tps.value)} messages/s with a mean round trip of ${exact(roundTrip * 1000)} ms. ` +
      'The text gives no send latency to check it against. Such senders slow down with the broker: they find a rate it keeps up with, not what it does when more is asked.',
    evidence: [
      { name: 'threads', value: threads, unit: 'threads', source: 'producers × threads of each' },
      { name: 'mean-round-trip', value: roundTrip, unit: 's', source: "Little's law: threads over rate" },
    ],
  };
}

/** A single bound is no distribution: it is a finding and not one of the percentiles. */
export function latencyBound({ endToEnd }: Figures): Finding | undefined {
  if (endToEnd === undefined) return undefined;
  return {
    severity: 'info',
    code: 'latency-bound',
    message: `End to end took ${endToEnd.reading.relation === 'at-most' ? 'at most' : 'about'} ${exact(endToEnd.value)} s: one bound, no percentiles.`,
    evidence: [evidenceOf(endToEnd.reading)],
  };
}

/** The stated judgement decides the step, since the text gives no thresholds. */
export function judgement({ statements }: Figures): Finding | undefined {
  const { acceptable, 'stated-bottleneck': bottleneck } = statements;
  const said = [
    acceptable && `acceptable (${acceptable.text ?? acceptable.source.quote})`,
    bottleneck && `limited by: ${bottleneck.text ?? bottleneck.source.quote}`,
  ].filter((part) => part !== undefined);
  if (said.length === 0) return undefined;
  return {
    severity: 'info',
    code: 'stated-judgement',
    message: `By the team's own judgement ${said.join('; ')}.`,
    evidence: [acceptable, bottleneck].filter((reading) => reading !== undefined).map(evidenceOf),
  };
}
