// Limits and caches requests for past days; past days do not change.

import { readNamingSchemes, type NamingScheme } from '../../analyzer/evidence/sources/naming-schemes.ts';
import { AppError } from '../../core/errors.ts';
import type { Clock } from '../../core/clock.ts';
import { untilAborted } from '../../core/abort.ts';
import type { RequestedDay } from '../../dashboards/web/cluster/day-view.ts';
import type { ServedCluster } from '../parts.ts';
import { dayTraffic } from './day-traffic.ts';
import type { LocalDay } from './local-day.ts';

export interface Days {
  /** Rejects never: what went wrong is an answer. */
  ask(served: Pick<ServedCluster, 'name' | 'broker' | 'last' | 'source'>, day: LocalDay): Promise<RequestedDay>;
}

/** A page waits so long for its source, and is there without it. */
const patienceMs = 6000;
const mostAtOnce = 3;
/** An answer is some 4 kB. */
const mostKept = 500;
/** Samples may still be written into it a while after its end, by agents that buffer. */
const pastKeptMs = 3_600_000;
const currentKeptMs = 60_000;
/** So long a source that did not answer is left in peace. */
const failureKeptMs = 15_000;

export function createDays(clock: Clock): Days {
  const kept = new Map<string, { asked: RequestedDay; untilMs: number }>();
  const underWay = new Map<string, Promise<RequestedDay>>();
  let schemes: readonly NamingScheme[] | undefined;

  function keep(key: string, asked: RequestedDay): RequestedDay {
    const isPast = asked.kind === 'asked' && asked.answer.kind === 'told' && asked.answer.isWhole;
    const ms = asked.kind === 'not-told' ? failureKeptMs : isPast ? pastKeptMs : currentKeptMs;
    kept.delete(key);
    kept.set(key, { asked, untilMs: clock.now().getTime() + ms });
    const [oldest] = kept.keys();
    if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
    return asked;
  }

  async function read(served: Parameters<Days['ask']>[0], day: LocalDay): Promise<RequestedDay> {
    const { source } = served;
    if (source?.config.kind !== 'prometheus') return { kind: 'no-source', day: day.day };
    const signal = AbortSignal.timeout(patienceMs);
    const question = {
      source: source.config,
      name: source.name,
      cluster: source.cluster,
      broker: served.broker,
      brokers: served.last()?.snapshot.cluster.brokers ?? [],
    };
    try {
      schemes ??= readNamingSchemes();
      const answer = await untilAborted(dayTraffic(question, day, { schemes, clock, signal }), signal);
      return { kind: 'asked', day: day.day, answer };
    } catch (cause) {
      return { kind: 'not-told', day: day.day, reason: wordsOf(cause, source.name) };
    }
  }

  return {
    async ask(served, day) {
      const key = `${served.name}\0${day.day}\0${day.zone}`;
      const last = kept.get(key);
      if (last !== undefined && clock.now().getTime() < last.untilMs) return last.asked;
      const asking = underWay.get(key);
      if (asking !== undefined) return asking;
      if (underWay.size >= mostAtOnce) {
        const reason = `more than ${mostAtOnce} days at once are refused; try again in a few seconds`;
        return { kind: 'not-told', day: day.day, reason };
      }
      const reading = read(served, day)
        .then((asked) => keep(key, asked))
        .finally(() => underWay.delete(key));
      underWay.set(key, reading);
      return reading;
    },
  };
}

function wordsOf(cause: unknown, source: string): string {
  if (cause instanceof AppError) return cause.hint === '' ? cause.message : `${cause.message}; ${cause.hint}`;
  const isLate = cause instanceof Error && cause.name === 'TimeoutError';
  return isLate ? `${source} gave no answer within ${patienceMs / 1000} s` : String(cause);
}
