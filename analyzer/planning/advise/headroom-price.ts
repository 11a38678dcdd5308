// Computes the cost of the reserves of a running cluster, how many brokers can be removed, and the cost of the next 10%.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { BrokerKind } from '../../../core/cluster.ts';
import type { Analysis, Loss } from '../../../core/documents/analysis.ts';
import { headroomReserves, type HeadroomGap, type HeadroomPrice } from '../../../core/documents/headroom-price.ts';
import { isRelievedByBrokers, untilCaughtUp } from '../../../core/documents/safe-tps.ts';
import { highestMean, largest } from '../../../core/statistics/statistics.ts';
import { oneStepMore } from '../sizing/promise.ts';
import { reserveCosts } from '../sizing/plan-cost.ts';
import type { expectedDemand } from './evidence-options.ts';

export interface HeadroomInputs {
  broker: BrokerKind;
  /** Absent without a verdict. */
  analysis?: Pick<Analysis, 'safeMaxTps' | 'saturationTps' | 'retention'> | undefined;
  /** The worst loss of one broker, until it has caught up. */
  loss?: Loss | undefined;
  /** The losses of one broker, each with the rate after its return. */
  losses: readonly Loss[];
  brokerIds: readonly string[];
  /** Highest replication factor of its topics, if partitions have replicas on any brokers. */
  copies?: number | undefined;
  /** What the fullest disk holds now, as a share of what the policy lets it hold; absent if unknown. */
  storedNow?: number | undefined;
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
 * With m of n brokers left and k more lost, the share of today's safe maximum after a loss is between (m − k) / (n − k), if the
 * others take over the whole load of the lost ones, and m / n, if a loss changes nothing. Returns the lower one. Assumes, as does
 * `growthOf`, that the load is distributed over the brokers as today.
 */
const shrunkTo = (left: number, now: number, lost: number) => (left === now ? 1 : (left - lost) / (now - lost));

/** Brokers on one host fail together. A lost slave leaves the masters as they are, and counts as one. */
const lostAtOnce = ({ id }: Loss, broker: BrokerKind) =>
  Math.max(1, id.split(', ').filter((each) => traitsOf(broker).brokerId.canLead(each)).length);

function removableOf(inputs: HeadroomInputs): HeadroomPrice['removable'] {
  const { broker, analysis, loss, losses, copies, storedNow, demand, forecastEndsAt, hasLaterPromotion } = inputs;
  const spreads = traitsOf(broker).copies === 'any-broker';
  const { leading, machines } = sizesOf(inputs);
  const missing = [
    ...gapsOfCapacity(inputs),
    loss !== undefined && !isRelievedByBrokers(loss.limitedBy) && 'broker-limit',
    (demand === undefined || demand.gap !== undefined) && 'forecast',
    spreads && copies === undefined && 'copies',
  ] as const;
  if (missing.some(Boolean) || loss === undefined || demand === undefined || forecastEndsAt === undefined)
    return unknown(missing);
  const { neededTps, ahead, stepMs } = demand;
  const kept = analysis?.retention;
  const loads = ahead.map(({ mid }) => mid);
  // Disks must hold the busiest retention time, such as a promotion, which the mean of the whole forecast hides.
  const storedAhead =
    kept && highestMean(loads, Math.max(1, Math.floor((1000 * kept.retentionSeconds) / stepMs))) / kept.tps;
  // The replicas of a removed broker move to the others, while the messages of a RocketMQ broker stay until they expire.
  const storedShare = largest([storedAhead ?? [], (spreads ? storedNow : undefined) ?? []].flat());
  const lost = Math.max(1, ...losses.map((each) => lostAtOnce(each, broker)));
  const holds = (left: number) =>
    left >= Math.max(1 + lost, spreads ? (copies ?? 1) : 1) &&
    // As a report compares them: the lower end of the safe maximum with the upper end of the peak.
    loss.tps * shrunkTo(left, leading, lost) >= neededTps &&
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
    afterLossTps: loss.tps * shrunkTo(left, leading, lost),
    neededTps,
    forecastEndsAt,
    ...(kept === undefined && { uncheckedDisk: true as const }),
  };
}

function nextTenthOf(inputs: HeadroomInputs): HeadroomPrice['nextTenth'] {
  const { analysis, loss, losses, demand } = inputs;
  const limits = [maximumOf(analysis) ?? [], losses.map(untilCaughtUp)].flat();
  const unrelieved = limits.filter(({ limitedBy }) => !isRelievedByBrokers(limitedBy)).map(({ tps }) => tps);
  // More brokers raise neither these nor the rate if sends would be rejected.
  const highest = Math.min(...unrelieved);
  const isCapped = loss !== undefined && (loss.tps === 0 || highest < (1 + oneStepMore) * loss.tps);
  const missing = [...gapsOfCapacity(inputs), isCapped && ('broker-limit' as const)];
  if (missing.some(Boolean) || loss === undefined) return unknown(missing);
  const { leading, machines } = sizesOf(inputs);
  const growth = growthOf(inputs, leading);
  const needed = growth.mastersFor((1 + oneStepMore) * loss.tps);
  const brokers = Math.ceil(machines(needed - leading));
  const afterLossTps = Math.min(highest, growth.tpsWith(needed));
  const isShort =
    demand !== undefined && demand.gap === undefined && afterLossTps < demand.neededTps && demand.neededTps <= highest;
  return {
    kind: 'known',
    brokers,
    ...costOf(inputs, brokers, 'cost'),
    afterLossTps,
    nowTps: loss.tps,
    ...(isShort && {
      forPeak: {
        brokers: Math.ceil(machines(growth.mastersFor(demand.neededTps) - leading)),
        neededTps: demand.neededTps,
      },
    }),
  };
}

/**
 * Safe maximum after a loss of k with m instead of n brokers, each with 1 / m of the load. Where the n − k others took over the share
 * a of the load of the lost ones, it was 1 + a k / (n − k) times lower than with all: that factor becomes 1 + a k / (m − k). What a
 * returned broker copies is no part of a: it may limit that broker itself, which others do not relieve.
 */
function growthOf({ broker, analysis, losses }: HeadroomInputs, now: number) {
  const all = maximumOf(analysis)?.estimateTps ?? 0;
  const parts = losses.map((loss) => {
    const { tps, estimateTps = tps } = loss;
    const lost = lostAtOnce(loss, broker);
    const others = Math.max(1, now - lost);
    const takenOver = now <= lost ? 0 : Math.min(lost, Math.max(0, others * (all / estimateTps - 1)));
    return { lost, takenOver, perBroker: (untilCaughtUp(loss).tps * (1 + takenOver / others)) / now };
  });
  return {
    tpsWith: (brokers: number) =>
      Math.min(
        ...parts.map(
          ({ lost, takenOver, perBroker }) => (perBroker * brokers) / (1 + takenOver / Math.max(1, brokers - lost)),
        ),
      ),
    /** Solves m / (1 + a k / (m − k)) = c: m² − (k + c) m + c k (1 − a) = 0. */
    mastersFor: (tps: number) => {
      const least = parts.map(({ lost, takenOver, perBroker }) => {
        const rate = tps / perBroker;
        const sum = lost + rate;
        return (sum + Math.sqrt(sum ** 2 - 4 * rate * (lost - takenOver))) / 2;
      });
      // 0.1 × 30 is 3.0000000000000004 in binary.
      return Math.max(now + 1, Math.ceil(Math.max(...least) - 1e-9));
    },
  };
}

/** RocketMQ: slaves are added and removed with their master; the mean if masters have different numbers of them. */
function sizesOf({ broker, brokerIds }: HeadroomInputs) {
  const leading = brokerIds.filter((id) => traitsOf(broker).brokerId.canLead(id)).length;
  return { leading, machines: (count: number) => (count * brokerIds.length) / Math.max(1, leading) };
}

const costOf = <Key extends 'cost' | 'savedCost'>({ price }: HeadroomInputs, brokers: number, key: Key) =>
  (price === undefined ? {} : { [key]: brokers * price.perBroker }) as Partial<Record<Key, number>>;
