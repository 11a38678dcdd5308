// Assembles the cost of the headroom of a running cluster from its verdict, its forecast and the configured price.

import { expectedDemand } from '../../analyzer/planning/advise/evidence-options.ts';
import { headroomPriceOf } from '../../analyzer/planning/advise/headroom-price.ts';
import { reportedBy } from '../../brokers/reported.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import type { Analysis } from '../../core/documents/analysis.ts';
import type { HeadroomPrice } from '../../core/documents/headroom-price.ts';
import type { RecordedForecast } from '../../core/documents/history-entry.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { largest } from '../../core/statistics/statistics.ts';
import type { ServiceConfig } from '../config/service.ts';
import { catchUpUnknown, knownLosses, worstLoss } from './windows.ts';

interface KnownHeadroom {
  cluster: string;
  broker: BrokerKind;
  analysis?: Analysis | undefined;
  forecast?: RecordedForecast | undefined;
  /** Last reading of the cluster. */
  snapshot?: Pick<ClusterSnapshot, 'cluster' | 'topics' | BrokerKind> | undefined;
  prices: ServiceConfig['prices'];
  /** All promotions of the calendar, including past ones. */
  promotions: readonly { toMs: number }[];
  nowMs: number;
  risk: number;
  policy: Pick<Policy, 'limits'>;
}

export function headroomPriceFor(known: KnownHeadroom): HeadroomPrice {
  const { cluster, broker, analysis, forecast, snapshot, prices, promotions, nowMs, risk, policy } = known;
  const endsMs = forecast === undefined ? Infinity : Math.max(nowMs, Date.parse(forecast.horizonEndsAt));
  const usedDisk = usedDiskOf(snapshot);
  const perBroker = prices?.brokers[cluster];
  return headroomPriceOf({
    broker,
    analysis,
    // A report is NO-GO if the rate during any catch-up is unknown.
    loss: analysis && catchUpUnknown(analysis, 'broker').length === 0 ? worstLoss(analysis, 'broker') : undefined,
    losses: analysis === undefined ? [] : knownLosses(analysis, 'broker'),
    brokerIds: analysis?.perBroker.map((each) => each.broker) ?? [],
    copies: copiesOf(snapshot) ?? testedCopies(analysis),
    storedNow: usedDisk && usedDisk / policy.limits['disk-space'].value,
    demand: forecast && expectedDemand({ forecast, nowMs, risk }),
    forecastEndsAt: forecast?.horizonEndsAt,
    hasLaterPromotion: promotions.some(({ toMs }) => toMs > endsMs),
    price: perBroker === undefined ? undefined : { perBroker, currency: prices?.currency },
  });
}

/** A partition cannot have more replicas than brokers, so the topic with most decides. */
function copiesOf(snapshot: KnownHeadroom['snapshot']): number | undefined {
  const all = snapshot?.topics.flatMap(({ partitions }) => partitions.map(({ replicas }) => replicas.length)) ?? [];
  return all.length === 0 ? undefined : all.reduce((most, count) => Math.max(most, count));
}

/** @returns used share of the fullest disk of a broker */
function usedDiskOf(snapshot: KnownHeadroom['snapshot']): number | undefined {
  if (snapshot === undefined) return undefined;
  const { broker } = reportedBy(snapshot);
  return largest(snapshot.cluster.brokers.flatMap(({ id }) => broker(snapshot, id).diskUsedRatio ?? []));
}

function testedCopies(analysis: Analysis | undefined): number | undefined {
  const text = analysis?.fingerprint?.['topic.replicas'];
  return text === undefined ? undefined : Number(text);
}
