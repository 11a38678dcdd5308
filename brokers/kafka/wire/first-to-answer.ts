// Tries the known addresses of a cluster with staggered starts, and uses the first that answers.

import { untilAborted } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import type { Io } from '../../driver.ts';

/** Time until the second address is tried as well, so that a hanging broker does not use up all the time. */
const headStartMs = 500;
/** Time in which all other addresses are tried: a snapshot has 3 s for its metadata. */
const restMs = 1500;
/** Minimum interval, so that a slow cluster does not get requests at all addresses at once. */
const leastMs = 100;

/**
 * @param addresses addresses, the preferred first
 * @throws AppError the most informative refusal when no address answers; the signal's reason when it aborts before
 */
export async function firstToAnswer<Value>(
  name: string,
  addresses: readonly string[],
  { signal }: Io,
  read: (address: string, io: Io) => Promise<Value>,
): Promise<Value> {
  const done = new AbortController();
  const within = AbortSignal.any([signal, done.signal]);
  const { promise, resolve, reject } = Promise.withResolvers<Value>();
  const timers: NodeJS.Timeout[] = [];
  const refusals: unknown[] = [];
  const laterMs = Math.max(leastMs, Math.min(headStartMs, restMs / addresses.length));
  let begun = 0;

  function begin(turn: number): void {
    const address = addresses[turn];
    if (turn < begun || address === undefined) return;
    begun = turn + 1;
    timers.push(setTimeout(() => begin(turn + 1), turn === 0 ? headStartMs : laterMs));
    read(address, { signal: within }).then(resolve, (refusal: unknown) => {
      refusals.push(refusal);
      if (refusals.length === addresses.length) reject(worst(name, refusals));
      else begin(turn + 1);
    });
  }

  begin(0);
  try {
    return await untilAborted(promise, signal);
  } finally {
    for (const timer of timers) clearTimeout(timer);
    done.abort();
  }
}

/** Returns the most informative refusal: a wrong password is more informative than a refused connection. */
function worst(name: string, refusals: readonly unknown[]): unknown {
  const faults = refusals.filter((refusal) => refusal instanceof AppError);
  const [first] = faults;
  if (first === undefined || faults.length < refusals.length)
    return refusals.find((each) => !(each instanceof AppError));
  const telling = faults.find(({ code }) => code !== 'broker-unreachable');
  if (telling !== undefined || faults.length === 1) return telling ?? first;
  const tried = faults.map(({ message }) => message.replace(/^cannot .*? on /, '')).join('; ');
  return new AppError('broker-unreachable', `cannot reach any broker of cluster ${name}: ${tried}`, {
    cause: first,
    hint: first.hint,
  });
}
