// What do the brokers answer to a question of somebody? A few questions at once, the same one only once, and answers kept for a minute.

import type { ClusterLookup } from '../../brokers/lookup.ts';
import type { Io } from '../../brokers/driver.ts';
import { untilAborted } from '../../core/abort.ts';
import type { Clock } from '../../core/clock.ts';
import type { ServedCluster } from '../parts.ts';

export type Asked<Value> =
  /** `trouble`: why this is an older answer, when asking again failed. */
  { kind: 'told'; value: Value; at: Date; trouble?: string } | { kind: 'not-told'; reason: string };

export interface Lookups {
  /** @param question names what is asked within the cluster. Rejects never: what went wrong is an answer. */
  ask<Value>(
    served: Pick<ServedCluster, 'name' | 'lookUp'>,
    question: string,
    read: (lookup: ClusterLookup, io: Io) => Promise<Value>,
  ): Promise<Asked<Value>>;
}

/** Of RocketMQ a question about a group asks dozens of clients through their brokers. */
const mostAtOnce = 2;
const patienceMs = 8000;
/** A page that is left open asks every 30 s. */
const keepMs = 60_000;
/** Settings of a cluster of 100 brokers are about 1 MB. */
const mostKept = 50;

interface Kept {
  value: unknown;
  at: Date;
}

export function createLookups(clock: Pick<Clock, 'now'>): Lookups {
  const kept = new Map<string, Kept>();
  const underWay = new Map<string, Promise<Kept>>();

  function keep(key: string, answer: Kept): Kept {
    kept.delete(key);
    kept.set(key, answer);
    const [oldest] = kept.keys();
    if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
    return answer;
  }

  return {
    async ask<Value>(
      served: Pick<ServedCluster, 'name' | 'lookUp'>,
      question: string,
      read: (lookup: ClusterLookup, io: Io) => Promise<Value>,
    ): Promise<Asked<Value>> {
      const key = `${served.name}\0${question}`;
      const last = kept.get(key);
      const told = (answer: Kept): Asked<Value> => ({ kind: 'told', value: answer.value as Value, at: answer.at });
      if (last !== undefined && clock.now().getTime() - last.at.getTime() < keepMs) return told(last);
      let asking = underWay.get(key);
      if (asking === undefined) {
        if (underWay.size >= mostAtOnce) {
          return withTrouble(
            last,
            `more than ${mostAtOnce} questions at once are not asked; try again in a few seconds`,
          );
        }
        asking = lookUp(served, read)
          .then((value) => keep(key, { value, at: clock.now() }))
          .finally(() => underWay.delete(key));
        underWay.set(key, asking);
      }
      try {
        return told(await asking);
      } catch (cause) {
        return withTrouble(last, wordsOf(cause));
      }

      function withTrouble(older: Kept | undefined, reason: string): Asked<Value> {
        return older === undefined
          ? { kind: 'not-told', reason }
          : { kind: 'told', value: older.value as Value, at: older.at, trouble: reason };
      }
    },
  };
}

async function lookUp<Value>(
  served: Pick<ServedCluster, 'lookUp'>,
  read: (lookup: ClusterLookup, io: Io) => Promise<Value>,
): Promise<Value> {
  const io = { signal: AbortSignal.timeout(patienceMs) };
  const answer = async () => {
    await using lookup = await served.lookUp(io);
    return await read(lookup, io);
  };
  return untilAborted(answer(), io.signal);
}

function wordsOf(cause: unknown): string {
  const isLate = cause instanceof Error && cause.name === 'TimeoutError';
  return isLate ? `no answer within ${patienceMs / 1000} s` : cause instanceof Error ? cause.message : String(cause);
}
