// Queues password checks per address, and delays addresses with wrong passwords exponentially.

import { Worker } from 'node:worker_threads';
import type { Compared, Comparison } from './password-thread.ts';

export type PasswordQueue = ReturnType<typeof createPasswordQueue>;

interface Waiting {
  password: string;
  hash: string;
  answer: PromiseWithResolvers<boolean>;
}

interface Visitor {
  waiting: Waiting[];
  wrong: number;
  /** Earliest time of the next check, in milliseconds of `performance.now`. */
  notBefore: number;
}

const mostPerAddress = 4;
const mostAddresses = 1000;
/** Wrong passwords without a delay; after them each doubles the delay. */
const free = 3;
const firstWaitMs = 250;
const longestWaitMs = 30_000;

/** The same code runs from sources and from dist/. */
const entry = new URL(`./password-thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** @param compare default: bcrypt in a thread, one comparison at a time */
export function createPasswordQueue(compare: (one: Omit<Comparison, 'id'>) => Promise<boolean> = inThread()) {
  // In order of service: the last served address is at the end.
  const visitors = new Map<string, Visitor>();
  let isBusy = false;

  async function serve(): Promise<void> {
    if (isBusy) return;
    const now = performance.now();
    const next = [...visitors]
      .filter(([, { waiting, notBefore }]) => waiting.length > 0 && notBefore <= now)
      // The sort is stable, so addresses with equally many wrong passwords take turns.
      .toSorted(([, one], [, other]) => one.wrong - other.wrong)
      .at(0);
    if (next === undefined) return wakeUp(now);
    const [address, visitor] = next;
    const [first, ...others] = visitor.waiting;
    if (first === undefined) return;
    visitor.waiting = others;
    isBusy = true;
    try {
      const isRight = await compare(first);
      visitor.wrong = isRight ? 0 : visitor.wrong + 1;
      visitor.notBefore = performance.now() + waitAfter(visitor.wrong);
      first.answer.resolve(isRight);
    } catch (cause) {
      first.answer.reject(cause);
    } finally {
      isBusy = false;
      visitors.delete(address);
      visitors.set(address, visitor);
    }
    void serve();
  }

  function wakeUp(now: number): void {
    const next = Math.min(
      ...[...visitors.values()].flatMap(({ waiting, notBefore }) => (waiting.length > 0 ? [notBefore] : [])),
    );
    if (Number.isFinite(next)) setTimeout(() => void serve(), Math.max(1, next - now)).unref();
  }

  /** Forgets the least recently served address without waiting requests. */
  function makeRoom(): boolean {
    if (visitors.size < mostAddresses) return true;
    const idle = [...visitors].find(([, { waiting }]) => waiting.length === 0);
    return idle !== undefined && visitors.delete(idle[0]);
  }

  return {
    /** @returns undefined if too many requests of this address, or too many addresses, already wait */
    compare(address: string, password: string, hash: string) {
      const known = visitors.get(address);
      if (known === undefined && !makeRoom()) return undefined;
      const visitor = known ?? { waiting: [], wrong: 0, notBefore: 0 };
      if (visitor.waiting.length >= mostPerAddress) return undefined;
      const answer = Promise.withResolvers<boolean>();
      visitor.waiting.push({ password, hash, answer });
      visitors.set(address, visitor);
      void serve();
      return answer.promise;
    },
  };
}

const waitAfter = (wrong: number) =>
  wrong <= free ? 0 : Math.min(longestWaitMs, firstWaitMs * 2 ** (wrong - free - 1));

function inThread(): (one: Omit<Comparison, 'id'>) => Promise<boolean> {
  let thread: Worker | undefined;
  let count = 0;
  return ({ password, hash }) => {
    const worker = (thread ??= new Worker(entry));
    worker.unref();
    const id = (count += 1);
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const onMessage = (compared: Compared) => {
      if (compared.id === id) settle(() => resolve(compared.isRight));
    };
    const onError = (cause: unknown) => {
      thread = undefined;
      settle(() => reject(cause instanceof Error ? cause : new Error(String(cause))));
    };
    const settle = (then: () => void) => {
      worker.off('message', onMessage).off('error', onError);
      then();
    };
    worker.on('message', onMessage).on('error', onError);
    worker.postMessage({ id, password, hash } satisfies Comparison);
    return promise;
  };
}
