// Limits and caches page queries of past traffic to a monitoring system; pages wait a few seconds, then render without an answer.

import { type Clock, untilAborted } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { keepNewest } from '../../core/keep-newest.ts';
import { readNamingSchemes, type NamingScheme } from '../../analyzer/evidence/sources/naming-schemes.ts';
import type { ServedCluster } from '../parts.ts';
import { questionOf, type TrafficQuestion } from './past-traffic.ts';

export type SourceAnswer<Answer> =
  { kind: 'answered'; answer: Answer } | { kind: 'unanswered'; reason: string } | { kind: 'no-source' };

export type RequestedCluster = Pick<ServedCluster, 'name' | 'broker' | 'last' | 'source'>;

interface SourceQuestion<Answer> {
  /** Key that identifies the question within a cluster. */
  key: string;
  /** Whether the answer covers only times whose data no longer change. */
  isPast(answer: Answer): boolean;
  read(
    question: TrafficQuestion,
    io: { schemes: readonly NamingScheme[]; clock: Clock; signal: AbortSignal },
  ): Promise<Answer>;
}

/** Not longer, because agents that buffer may write samples into a past time range some time after its end. */
const pastKeptSeconds = 3600;
const currentKeptSeconds = 60;
const patienceMs = 6000;
const mostAtOnce = 3;
/** An answer has about 4 to 30 kB. */
const mostKept = 500;
/** Pause before a source that did not respond is queried again. */
const failureKeptSeconds = 15;

/** The returned function never rejects: a failure is an answer. */
export function createSourceReads<Answer>(
  clock: Clock,
): (served: RequestedCluster, question: SourceQuestion<Answer>) => Promise<SourceAnswer<Answer>> {
  const kept = new Map<string, { answer: SourceAnswer<Answer>; until: number }>();
  const underWay = new Map<string, Promise<SourceAnswer<Answer>>>();
  let schemes: readonly NamingScheme[] | undefined;
  function keep(key: string, answer: SourceAnswer<Answer>, seconds: number): SourceAnswer<Answer> {
    keepNewest(kept, key, { answer, until: clock.monotonic() + seconds }, mostKept);
    return answer;
  }
  async function ask(
    key: string,
    traffic: TrafficQuestion,
    { isPast, read }: SourceQuestion<Answer>,
  ): Promise<SourceAnswer<Answer>> {
    const signal = AbortSignal.timeout(patienceMs);
    try {
      schemes ??= readNamingSchemes();
      const answer = await untilAborted(read(traffic, { schemes, clock, signal }), signal);
      return keep(key, { kind: 'answered', answer }, isPast(answer) ? pastKeptSeconds : currentKeptSeconds);
    } catch (cause) {
      return keep(key, { kind: 'unanswered', reason: reasonOf(cause, traffic.name) }, failureKeptSeconds);
    }
  }
  return async (served, question) => {
    const traffic = questionOf(served);
    if (traffic === undefined) return { kind: 'no-source' };
    const key = `${served.name}\0${question.key}`;
    const last = kept.get(key);
    if (last !== undefined && clock.monotonic() < last.until) return last.answer;
    const asking = underWay.get(key);
    if (asking !== undefined) return asking;
    if (underWay.size >= mostAtOnce) {
      const reason = `more than ${mostAtOnce} queries at once; try again in a few seconds`;
      return { kind: 'unanswered', reason };
    }
    const reading = ask(key, traffic, question).finally(() => underWay.delete(key));
    underWay.set(key, reading);
    return reading;
  };
}

function reasonOf(cause: unknown, source: string): string {
  if (cause instanceof AppError) return cause.hint === '' ? cause.message : `${cause.message}; ${cause.hint}`;
  const isLate = cause instanceof Error && cause.name === 'TimeoutError';
  return isLate ? `${source} did not answer within ${patienceMs / 1000} s` : String(cause);
}
