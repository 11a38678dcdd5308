// Reads past days for pages; past days do not change.

import type { Clock } from '../../core/clock.ts';
import type { DayAnswer, RequestedDay } from '../../dashboards/web/cluster/day-view.ts';
import { dayTraffic } from './day-traffic.ts';
import type { LocalDay } from './local-day.ts';
import { createSourceReads, type RequestedCluster } from './source-reads.ts';

export interface Days {
  /** Rejects never: what went wrong is an answer. */
  ask(served: RequestedCluster, day: LocalDay): Promise<RequestedDay>;
}

export function createDays(clock: Clock): Days {
  const ask = createSourceReads<DayAnswer>(clock);
  return {
    async ask(served, day) {
      const answer = await ask(served, {
        key: `${day.day}\0${day.zone}`,
        isPast: (read) => read.kind === 'answered' && read.isWhole,
        read: (question, io) => dayTraffic(question, day, io),
      });
      return { ...answer, day: day.day };
    },
  };
}
