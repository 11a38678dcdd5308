// Remembers brokers that did not answer: they get a short deadline, and the full one again once a minute.

import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';

/** A slow broker could otherwise never answer in time again. */
const forgetSeconds = 60;

export type SilentBrokers = ReturnType<typeof createSilentBrokers>;

export function createSilentBrokers(clock: Clock) {
  const silentSince = new Map<string, number>();
  return {
    /** Whether the broker was silent, and has not had its full deadline since. */
    has(id: string): boolean {
      const since = silentSince.get(id);
      if (since !== undefined && clock.monotonic() - since >= forgetSeconds) silentSince.delete(id);
      return silentSince.has(id);
    },
    /** Records that the broker did not answer before its deadline. */
    add(id: string): void {
      if (!silentSince.has(id)) silentSince.set(id, clock.monotonic());
    },
    delete: (id: string) => void silentSince.delete(id),
    clear: () => silentSince.clear(),
  };
}

/** Minimum duration of a failure that counts as hanging; earlier refusals cost nothing. */
const hungSeconds = 2;

/**
 * Sends a request unless the broker hung within the last minute. @throws AppError broker-unreachable at once if it
 * hung; as `ask`
 */
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
