// Derives a broker's rates, shares and mean waits from two readings of its counters.

import { brokerFigureNames, type BrokerFigures } from '../../core/documents/evidence/broker-figures.ts';
import type { BrokerCounters, BrokerReading, CounterName } from './broker-reading.ts';
import { growthBetween } from './growth-between.ts';
import { defined } from '../../core/defined.ts';

const perSecond = 'PerSecond';
const rateNames = brokerFigureNames.filter((name) => name.endsWith(perSecond));

/**
 * Counters with unknown growth give no figure. After a missed reading, the interval is longer and rates are its means.
 *
 * @param intervalSeconds time between the two readings
 * @returns the current values of `after`, and the rates
 */
export function figuresBetween(before: BrokerReading, after: BrokerReading, intervalSeconds: number): BrokerFigures {
  const grown = growthBetween(before, after);
  const rates: BrokerFigures = Object.fromEntries(
    rateNames.map((name) => [name, over(grown[name.slice(0, -perSecond.length) as CounterName], intervalSeconds)]),
  );
  const idle = over(grown.handlerIdleSeconds, intervalSeconds);
  return defined({
    ...after.figures,
    ...rates,
    // Idle time is counted when it ends, so the mean of the threads exceeds 1 by the jitter of two readings.
    requestHandlersBusy: idle === undefined ? undefined : Math.max(0, 1 - idle),
    requestQueueSeconds: over(grown.produceQueueSeconds, grown.produceRequests),
    throttledSeconds: over(grown.throttleSeconds, grown.throttleRequests),
    ...pausesOf(grown, intervalSeconds, after.figures.longestPauseSeconds),
  });
}

/**
 * A pause is counted when it ends, so one that began before the interval may be longer than the interval.
 *
 * @param longestSeconds longest pause, if the source reports each pause
 */
function pausesOf(
  { pauses, pauseSeconds }: BrokerCounters,
  intervalSeconds: number,
  longestSeconds: number | undefined,
) {
  if (pauses === undefined || pauseSeconds === undefined) return {};
  return {
    gcPauseShare: Math.min(1, pauseSeconds / intervalSeconds),
    longestPauseSeconds: pauses === 0 ? 0 : (longestSeconds ?? pauseSeconds / pauses),
  };
}

function over(amount: number | undefined, per: number | undefined): number | undefined {
  return amount === undefined || per === undefined || per <= 0 ? undefined : amount / per;
}
