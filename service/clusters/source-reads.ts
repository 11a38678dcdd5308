// Limits and caches questions of pages to a monitoring system: a page waits a few seconds, and is there without an answer.

import { untilAborted } from '../../core/abort.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';

export type SourceAnswer<Answer> = { kind: 'answered'; answer: Answer } | { kind: 'unanswered'; reason: string };

interface SourceQuestion<Answer> {
  /** The same question has the same key. */
  key: string;
  /** Of the source, for people. */
  source: string;
  read(io: { signal: AbortSignal }): Promise<Answer>;
  /** How long an answer holds. */
  keptMs(answer: Answer): number;
}

const patienceMs = 6000;
const mostAtOnce = 3;
/** An answer is some 4 to 30 kB. */
const mostKept = 500;
/** So long a source that did not answer is left in peace. */
const failureKeptMs = 15_000;

/** The function never rejects: what went wrong is an answer. */
export function createSourceReads<Answer>(
  clock: Pick<Clock, 'now'>,
): (question: SourceQuestion<Answer>) => Promise<SourceAnswer<Answer>> {
  const kept = new Map<string, { answer: SourceAnswer<Answer>; untilMs: number }>();
  const underWay = new Map<string, Promise<SourceAnswer<Answer>>>();

  function keep(key: string, answer: SourceAnswer<Answer>, ms: number): SourceAnswer<Answer> {
    kept.delete(key);
    kept.set(key, { answer, untilMs: clock.now().getTime() + ms });
    const [oldest] = kept.keys();
    if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
    return answer;
  }

  async function read({ key, source, read: ask, keptMs }: SourceQuestion<Answer>): Promise<SourceAnswer<Answer>> {
    const signal = AbortSignal.timeout(patienceMs);
    try {
      const answer = await untilAborted(ask({ signal }), signal);
      return keep(key, { kind: 'answered', answer }, keptMs(answer));
    } catch (cause) {
      return keep(key, { kind: 'unanswered', reason: reasonOf(cause, source) }, failureKeptMs);
    }
  }

  return async (question) => {
    const { key } = question;
    const last = kept.get(key);
    if (last !== undefined && clock.now().getTime() < last.untilMs) return last.answer;
    const asking = underWay.get(key);
    if (asking !== undefined) return asking;
    if (underWay.size >= mostAtOnce) {
      const reason = `more than ${mostAtOnce} queries at once; try again in a few seconds`;
      return { kind: 'unanswered', reason };
    }
    const reading = read(question).finally(() => underWay.delete(key));
    underWay.set(key, reading);
    return reading;
  };
}

function reasonOf(cause: unknown, source: string): string {
  if (cause instanceof AppError) return cause.hint === '' ? cause.message : `${cause.message}; ${cause.hint}`;
  const isLate = cause instanceof Error && cause.name === 'TimeoutError';
  return isLate ? `${source} did not answer within ${patienceMs / 1000} s` : String(cause);
}
