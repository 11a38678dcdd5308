// Limits, merges and caches requests to brokers on behalf of pages.

import type { ClusterLookup } from '../../brokers/lookup.ts';
import type { Io } from '../../brokers/driver.ts';
import { type Clock, untilAborted } from '../../core/clock.ts';
import type { LookupAnswer } from '../../dashboards/web/cluster/lookup-notice.ts';
import type { ServedCluster } from '../parts.ts';
import { keepNewest } from '../../core/keep-newest.ts';

export type Lookups = ReturnType<typeof createLookups>;
type Read<Value> = (lookup: ClusterLookup, io: Io) => Promise<Value>;

/** Low, because a RocketMQ lookup of a group queries dozens of clients through their brokers. */
const mostAtOnce = 2;
const tooMany = `more than ${mostAtOnce} lookups at once; try again in a few seconds`;
const patienceMs = 8000;
/** An open page repeats its lookup every 30 s. */
const keepSeconds = 60;
/** Settings of a cluster of 100 brokers are about 1 MB. */
const mostKept = 50;

interface Kept {
  value: unknown;
  at: Date;
  /** Time from a monotonic clock. */
  atSeconds: number;
}

export function createLookups(clock: Pick<Clock, 'now' | 'monotonic'>) {
  const kept = new Map<string, Kept>();
  const underWay = new Map<string, Promise<Kept>>();
  let unkept = 0;

  function keep(key: string, value: unknown): Kept {
    const answer = { value, at: clock.now(), atSeconds: clock.monotonic() };
    keepNewest(kept, key, answer, mostKept);
    return answer;
  }

  async function remembered<Value>(key: string, work: () => Promise<Value>): Promise<LookupAnswer<Value>> {
    const last = kept.get(key);
    const answered = ({ value, at }: Kept) => ({ kind: 'answered' as const, value: value as Value, at });
    const withTrouble = (reason: string): LookupAnswer<Value> =>
      last === undefined ? { kind: 'unanswered', reason } : { ...answered(last), trouble: reason };
    if (last !== undefined && clock.monotonic() - last.atSeconds < keepSeconds) return answered(last);
    let asking = underWay.get(key);
    if (asking === undefined) {
      if (underWay.size + unkept >= mostAtOnce) return withTrouble(tooMany);
      asking = work()
        .then((value) => keep(key, value))
        .finally(() => underWay.delete(key));
      underWay.set(key, asking);
    }
    try {
      return answered(await asking);
    } catch (cause) {
      return withTrouble(reasonOf(cause));
    }
  }

  async function askOnce<Value>(
    served: Pick<ServedCluster, 'lookUp'>,
    read: Read<Value>,
  ): Promise<LookupAnswer<Value>> {
    if (underWay.size + unkept >= mostAtOnce) return { kind: 'unanswered', reason: tooMany };
    unkept++;
    try {
      return { kind: 'answered', value: await lookUp(served, read), at: clock.now() };
    } catch (cause) {
      return { kind: 'unanswered', reason: reasonOf(cause) };
    } finally {
      unkept--;
    }
  }

  return {
    /** Looks up and caches. @param question identifies the lookup within the cluster. Never rejects: a failure is an answer */
    ask: <Value>(served: Pick<ServedCluster, 'name' | 'lookUp'>, question: string, read: Read<Value>) =>
      remembered(`${served.name}\0${question}`, () => lookUp(served, read)),
    /** Looks up like `ask`, without caching the answer. */
    askOnce,
    /** Queries the monitoring system of a cluster and caches like `ask`. */
    askSource: <Value>({ name }: Pick<ServedCluster, 'name'>, question: string, read: (io: Io) => Promise<Value>) =>
      remembered(`${name}\0${question}`, () => {
        const io = { signal: AbortSignal.timeout(patienceMs) };
        return untilAborted(read(io), io.signal);
      }),
  };
}

/** @returns the answer with its value converted */
export function mapAnswer<From, To>(answer: LookupAnswer<From>, convert: (value: From) => To): LookupAnswer<To> {
  return answer.kind === 'unanswered' ? answer : { ...answer, value: convert(answer.value) };
}

async function lookUp<Value>(served: Pick<ServedCluster, 'lookUp'>, read: Read<Value>): Promise<Value> {
  const io = { signal: AbortSignal.timeout(patienceMs) };
  const answer = async () => {
    await using lookup = await served.lookUp(io);
    return await read(lookup, io);
  };
  return untilAborted(answer(), io.signal);
}

function reasonOf(cause: unknown): string {
  const isLate = cause instanceof Error && cause.name === 'TimeoutError';
  return isLate ? `no answer within ${patienceMs / 1000} s` : cause instanceof Error ? cause.message : String(cause);
}
