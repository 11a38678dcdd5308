// Reads past days for pages; past days do not change.

import { readNamingSchemes, type NamingScheme } from '../../analyzer/evidence/sources/naming-schemes.ts';
import type { Clock } from '../../core/clock.ts';
import type { DayAnswer, RequestedDay } from '../../dashboards/web/cluster/day-view.ts';
import type { ServedCluster } from '../parts.ts';
import { dayTraffic } from './day-traffic.ts';
import type { LocalDay } from './local-day.ts';
import { questionOf } from './past-traffic.ts';
import { createSourceReads } from './source-reads.ts';

export interface Days {
  /** Rejects never: what went wrong is an answer. */
  ask(served: Pick<ServedCluster, 'name' | 'broker' | 'last' | 'source'>, day: LocalDay): Promise<RequestedDay>;
}

/** Samples may still be written into it a while after its end, by agents that buffer. */
const pastKeptMs = 3_600_000;
const currentKeptMs = 60_000;

export function createDays(clock: Clock): Days {
  const ask = createSourceReads<DayAnswer>(clock);
  let schemes: readonly NamingScheme[] | undefined;
  return {
    async ask(served, day) {
      const question = questionOf(served);
      if (question === undefined) return { kind: 'no-source', day: day.day };
      const answer = await ask({
        key: `${served.name}\0${day.day}\0${day.zone}`,
        source: question.name,
        keptMs: (answer) => (answer.kind === 'answered' && answer.isWhole ? pastKeptMs : currentKeptMs),
        read: ({ signal }) => dayTraffic(question, day, { schemes: (schemes ??= readNamingSchemes()), clock, signal }),
      });
      return answer.kind === 'answered'
        ? { kind: 'answered', day: day.day, answer: answer.answer }
        : { ...answer, day: day.day };
    },
  };
}
