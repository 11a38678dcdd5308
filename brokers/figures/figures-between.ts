// Derives a broker's rates, shares and mean waits from two readings of its counters.

import type { BrokerFigures } from '../../core/documents/evidence/broker-figures.ts';
import type { BrokerCounters, BrokerReading, CounterName } from './broker-reading.ts';
import { defined } from '../../core/defined.ts';

/** Made of a count and a mean that the agent reads one after the other: they may fall a little without a restart. */
const products: ReadonlySet<CounterName> = new Set(['produceQueueSeconds', 'throttleSeconds', 'flushSeconds']);

/** A start is written with whole milliseconds, or as a float of seconds. */
const sameStartSeconds = 0.5;

/**
 * Counters of a broker that restarted in between, or that fell, give no figure: the growth is unknown, not what the new
 * process counted so far. A reading that was missed makes the interval longer and the rates its means.
 *
 * @param intervalSeconds between the two readings
 * @returns what `after` reports of its moment, with the rates
 */
export function figuresBetween(before: BrokerReading, after: BrokerReading, intervalSeconds: number): BrokerFigures {
  const grown = growthBetween(before, after);
  const rate = (name: CounterName) => over(grown[name], intervalSeconds);
  const idle = rate('handlerIdleSeconds');
  return defined({
    ...after.figures,
    messagesInPerSecond: rate('messagesIn'),
    messagesOutPerSecond: rate('messagesOut'),
    bytesInPerSecond: rate('bytesIn'),
    bytesOutPerSecond: rate('bytesOut'),
    replicationBytesInPerSecond: rate('replicationBytesIn'),
    replicationBytesOutPerSecond: rate('replicationBytesOut'),
    produceRequestsPerSecond: rate('produceRequests'),
    fetchRequestsPerSecond: rate('fetchRequests'),
    // Idle time is counted when it ends: the mean of the threads passes 1 by the jitter of two readings.
    requestHandlersBusy: idle === undefined ? undefined : Math.max(0, 1 - idle),
    requestQueueSeconds: over(grown.produceQueueSeconds, grown.produceRequests),
    throttledSeconds: over(grown.throttleSeconds, grown.throttleRequests),
    flushesPerSecond: rate('flushes'),
    flushSecondsPerSecond: rate('flushSeconds'),
    ...pausesOf(grown, intervalSeconds, after.figures.longestPauseSeconds),
  });
}

/**
 * A pause is counted when it ends: one that began before the interval may be longer than it.
 *
 * @param longestSeconds where the source has each pause
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

function growthBetween(before: BrokerReading, after: BrokerReading): BrokerCounters {
  const names = Object.keys(after.counters) as CounterName[];
  const growth = names.flatMap((name) => {
    const [from, to] = [before.counters[name], after.counters[name]];
    return from === undefined || to === undefined ? [] : [[name, to - from] as const];
  });
  const isRestarted =
    before.startedAtSeconds !== undefined && after.startedAtSeconds !== undefined
      ? Math.abs(before.startedAtSeconds - after.startedAtSeconds) > sameStartSeconds
      : growth.some(([name, by]) => by < 0 && !products.has(name));
  return isRestarted ? {} : Object.fromEntries(growth.filter(([, by]) => by >= 0));
}

function over(amount: number | undefined, per: number | undefined): number | undefined {
  return amount === undefined || per === undefined || per <= 0 ? undefined : amount / per;
}
