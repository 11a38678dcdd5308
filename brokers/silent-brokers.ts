// Remembers brokers that did not answer: they get little time, and their full time again once a minute.

import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';

/** A broker that is slow and not silent would otherwise never answer in time again. */
const forgetSeconds = 60;

export type SilentBrokers = ReturnType<typeof createSilentBrokers>;

export function createSilentBrokers(clock: Clock) {
  const silentSince = new Map<string, number>();
  return {
    /** Whether it was silent, and has not had its full time since. */
    has(id: string): boolean {
      const since = silentSince.get(id);
      if (since !== undefined && clock.monotonic() - since >= forgetSeconds) silentSince.delete(id);
      return silentSince.has(id);
    },
    /** It did not answer in the time it had. */
    add(id: string): void {
      if (!silentSince.has(id)) silentSince.set(id, clock.monotonic());
    },
    delete: (id: string) => void silentSince.delete(id),
    clear: () => silentSince.clear(),
  };
}

/** What is refused sooner costs nothing. */
const hungSeconds = 2;

/** Asks a broker that did not hang within the last minute. @throws AppError broker-unreachable at once where it did; as `ask` */
export async function askUnlessSilent<Answer>(
  { silent, clock }: { silent: SilentBrokers; clock: Clock },
  id: string,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  if (silent.has(id)) {
    throw new AppError('broker-unreachable', `broker ${id} hung less than a minute ago and got no request`);
  }
  const began = clock.monotonic();
  try {
    return await ask();
  } catch (cause) {
    const isUnreachable = cause instanceof AppError && cause.code === 'broker-unreachable';
    if (isUnreachable && clock.monotonic() - began >= hungSeconds) silent.add(id);
    throw cause;
  }
}
