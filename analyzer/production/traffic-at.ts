// Looks up the produced messages per second at a moment.

import type { TrafficInterval } from '../evidence/sources/source-telemetry.ts';

/** Absent in a gap. */
export type TrafficAt = (moment: number) => number | undefined;

export function trafficAtOf(traffic: readonly TrafficInterval[]): TrafficAt {
  return (moment) => {
    let [low, high] = [0, traffic.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const interval = traffic[middle] as TrafficInterval;
      if (moment < interval.from) high = middle - 1;
      else if (moment >= interval.to) low = middle + 1;
      else return interval.messagesPerSecond;
    }
    return undefined;
  };
}
