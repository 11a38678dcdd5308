// Computes the cost of the reserves of a running cluster, how many brokers can be removed, and the cost of the next 10%.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { BrokerKind } from '../../../core/cluster.ts';
import type { Analysis, Loss } from '../../../core/documents/analysis.ts';
import { headroomReserves, type HeadroomGap, type HeadroomPrice } from '../../../core/documents/headroom-price.ts';
import { isRelievedByBrokers } from '../../../core/documents/safe-tps.ts';
import { highestMean } from '../../../core/statistics/statistics.ts';
import { oneStepMore } from '../sizing/promise.ts';
import { reserveCosts } from '../sizing/plan-cost.ts';
import type { expectedDemand } from './evidence-options.ts';

export interface HeadroomInputs {
  broker: BrokerKind;
  /** Absent without a verdict. */
  analysis?: Pick<Analysis, 'safeMaxTps' | 'saturationTps' | 'retention'> | undefined;
  /** The worst loss of one broker, until it has caught up. */
  loss?: Loss | undefined;
  brokerIds: readonly string[];
  /** Highest replication factor of its topics, if partitions have replicas on any brokers. */
  copies?: number | undefined;
  /** Absent without a forecast. */
  demand?: ReturnType<typeof expectedDemand>;
  forecastEndsAt?: string | undefined;
  /** A promotion ends after the forecast. */
  hasLaterPromotion: boolean;
  /** Price of one broker per month. */
  price?: { perBroker: number; currency?: string | undefined } | undefined;
}

export function headroomPriceOf(inputs: HeadroomInputs): HeadroomPrice {
  const { brokerIds, price } = inputs;
  const brokers = brokerIds.length;
  return {
    ...(price && {
      price: {
        perBroker: price.perBroker,
        ...(price.currency !== undefined && { currency: price.currency }),
        ...(brokers > 0 && { perMonth: brokers * price.perBroker }),
      },
    }),
    ...(brokers > 0 && { brokers }),
    reserves: reservesOf(inputs),
    removable: removableOf(inputs),
    nextTenth: nextTenthOf(inputs),
  };
}

const unknown = (missing: readonly (HeadroomGap | false)[]) => ({
  kind: 'unknown' as const,
  missing: missing.filter((gap) => gap !== false),
});

/** A rate that was sustained or read once is no maximum: the distance to the limit is unknown. */
const maximumOf = (analysis: HeadroomInputs['analysis']) =>
  analysis !== undefined && 'estimateTps' in analysis.safeMaxTps ? analysis.safeMaxTps : undefined;

function gapsOfCapacity({ analysis, loss, brokerIds }: HeadroomInputs): (HeadroomGap | false)[] {
  if (analysis === undefined) return ['verdict'];
  const isMaximum = maximumOf(analysis) !== undefined;
  const ofLoss = brokerIds.length === 1 ? 'second-broker' : 'loss';
  return [brokerIds.length === 0 && 'brokers', !isMaximum && 'maximum', isMaximum && loss === undefined && ofLoss];
}

const gapsOfBrokers = (inputs: HeadroomInputs) => [
  ...gapsOfCapacity(inputs),
  inputs.loss !== undefined && !isRelievedByBrokers(inputs.loss.limitedBy) && ('broker-limit' as const),
];

/** The factors multiply: forecast peak × … = saturation. */
function reservesOf(inputs: HeadroomInputs): HeadroomPrice['reserves'] {
  const { analysis, loss, demand, price, brokerIds } = inputs;
  const safe = maximumOf(analysis);
  const saturation = analysis && 'estimateTps' in analysis.saturationTps ? analysis.saturationTps : undefined;
  if (safe === undefined || loss === undefined || saturation === undefined || demand === undefined) {
    const missing = gapsOfCapacity(inputs);
    return unknown([...missing, safe !== undefined && !saturation && 'saturation', !demand && 'forecast']);
  }
  const rates = [demand.peak.mid, demand.neededTps, loss.tps, safe.tps, safe.estimateTps, saturation.estimateTps];
  // Without any load there is no base for reserves.
  if (rates.some((tps) => tps <= 0)) return unknown([demand.peak.mid > 0 ? 'maximum' : 'forecast']);
  const entries = headroomReserves
    .map((reserve, index) => ({ reserve, factor: (rates[index + 1] as number) / (rates[index] as number) }))
    .filter(({ factor }) => Math.abs(factor - 1) > 1e-9);
  const product = saturation.estimateTps / demand.peak.mid;
  return {
    kind: 'known',
    peakTps: demand.peak.mid,
    saturationTps: saturation.estimateTps,
    ...(price === undefined ? { entries } : reserveCosts(brokerIds.length * price.perBroker, { entries, product })),
    product,
  };
}

/**
 * With m of n brokers left and one more lost, the share of today's safe maximum after a loss is between (m − 1) / (n − 1), if the
 * others take over the whole load of the lost one, and m / n, if a loss changes nothing. Returns the lower one: the first for fewer
 * brokers, the second for more. Both assume that the load is distributed over the brokers as today.
 */
const scaledTo = (left: number, now: number) => (left === now ? 1 : Math.min((left - 1) / (now - 1), left / now));

function removableOf(inputs: HeadroomInputs): HeadroomPrice['removable'] {
  const { broker, analysis, loss, copies, demand, forecastEndsAt, hasLaterPromotion } = inputs;
  const spreads = traitsOf(broker).copies === 'any-broker';
  const { leading, machines } = sizesOf(inputs);
  const missing = [
    ...gapsOfBrokers(inputs),
    (demand === undefined || demand.gap !== undefined) && 'forecast',
    spreads && copies === undefined && 'copies',
  ] as const;
  if (missing.some(Boolean) || loss === undefined || demand === undefined || forecastEndsAt === undefined)
    return unknown(missing);
  const { neededTps, ahead, stepMs } = demand;
  const kept = analysis?.retention;
  const loads = ahead.map(({ mid }) => mid);
  // Disks must hold the busiest retention time, such as a promotion, which the mean of the whole forecast hides.
  const storedShare =
    kept && highestMean(loads, Math.max(1, Math.floor((1000 * kept.retentionSeconds) / stepMs))) / kept.tps;
  const holds = (left: number) =>
    left >= Math.max(2, spreads ? (copies ?? 1) : 1) &&
    // As a report compares them: the lower end of the safe maximum with the upper end of the peak.
    loss.tps * scaledTo(left, leading) >= neededTps &&
    (storedShare === undefined || storedShare <= left / leading);
  let left = leading;
  while (holds(left - 1)) left -= 1;
  const brokers = Math.floor(machines(leading - left));
  // A later promotion cannot make more brokers removable.
  if (brokers > 0 && hasLaterPromotion) return unknown(['promotion']);
  return {
    kind: 'known',
    brokers,
    ...costOf(inputs, brokers, 'savedCost'),
    afterLossTps: loss.tps * scaledTo(left, leading),
    neededTps,
    forecastEndsAt,
    ...(kept === undefined && { uncheckedDisk: true as const }),
  };
}

function nextTenthOf(inputs: HeadroomInputs): HeadroomPrice['nextTenth'] {
  const { loss } = inputs;
  const missing = gapsOfBrokers(inputs);
  if (missing.some(Boolean) || loss === undefined) return unknown(missing);
  const { leading, machines } = sizesOf(inputs);
  // 0.1 × 30 is 3.0000000000000004 in binary.
  const more = Math.ceil(leading * oneStepMore - 1e-9);
  const brokers = Math.ceil(machines(more));
  return {
    kind: 'known',
    brokers,
    ...costOf(inputs, brokers, 'cost'),
    afterLossTps: loss.tps * scaledTo(leading + more, leading),
  };
}

/** RocketMQ: slaves are added and removed with their master; the mean if masters have different numbers of them. */
function sizesOf({ broker, brokerIds }: HeadroomInputs) {
  const leading = brokerIds.filter((id) => traitsOf(broker).brokerId.canLead(id)).length;
  return { leading, machines: (count: number) => (count * brokerIds.length) / Math.max(1, leading) };
}

const costOf = <Key extends 'cost' | 'savedCost'>({ price }: HeadroomInputs, brokers: number, key: Key) =>
  (price === undefined ? {} : { [key]: brokers * price.perBroker }) as Partial<Record<Key, number>>;
