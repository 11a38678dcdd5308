// Pauses logins at a broker that refused one, so that readings on a schedule do not become a storm of logins.

import { systemClock, type Clock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import type { KafkaClusterConfig } from '../config.ts';

/**
 * Directories lock an account after some five to ten failures in some minutes, and a broker computes a hash for each: the pause
 * doubles up to the longest, which is what a user waits for at most after the broker was set right.
 */
const firstPauseSeconds = 10;
const longestPauseSeconds = 60;

interface Refusal {
  fault: AppError;
  /** That was refused: another one is tried at once. */
  secret: string | undefined;
  pauseSeconds: number;
  until: number;
}

/** By config, which all who ask a cluster in this process share until it is read again. */
const known = new WeakMap<KafkaClusterConfig, ReturnType<typeof createLoginPauses>>();

export function loginPausesOf(config: KafkaClusterConfig) {
  const pauses = known.get(config) ?? createLoginPauses(config, systemClock);
  known.set(config, pauses);
  return pauses;
}

export function createLoginPauses({ sasl }: Pick<KafkaClusterConfig, 'sasl'>, clock: Pick<Clock, 'monotonic'>) {
  const refusals = new Map<string, Refusal>();

  /** Read now, so that a renewed file is seen; undefined for a login without one. */
  function secretNow(): string | undefined {
    try {
      switch (sasl?.mechanism) {
        case 'oauthbearer':
          return sasl.token.reveal();
        case 'plain':
        case 'scram-sha-256':
        case 'scram-sha-512':
          return sasl.password.reveal();
        default:
          return undefined;
      }
    } catch (cause) {
      // The login itself reports it.
      if (cause instanceof AppError) return undefined;
      throw cause;
    }
  }

  return {
    secretNow,
    /** @throws AppError the last refusal, while logins at the address pause */
    refuseEarly(address: string): void {
      const refusal = refusals.get(address);
      if (refusal === undefined) return;
      const [now, secret] = [clock.monotonic(), secretNow()];
      const isOther = secret !== refusal.secret;
      if (now < refusal.until && !isOther) throw refusal.fault;
      // One tries for all; the others wait for what it notes.
      if (isOther) Object.assign(refusal, { secret, pauseSeconds: 0 });
      refusal.until = now + Math.max(firstPauseSeconds, refusal.pauseSeconds);
    },
    /**
     * @param outcome what a login ended with; undefined for one that succeeded
     * @param secret what was read before it
     */
    note(address: string, outcome: unknown, secret?: string): void {
      const before = refusals.get(address);
      if (outcome === undefined) refusals.delete(address);
      else if (outcome instanceof AppError && outcome.code === 'credentials-refused') {
        const pauseSeconds = Math.min(
          longestPauseSeconds,
          Math.max(firstPauseSeconds, 2 * (before?.pauseSeconds ?? 0)),
        );
        const until = clock.monotonic() + pauseSeconds;
        refusals.set(address, { fault: outcome, secret, pauseSeconds, until });
      }
      // What did not get as far as a login proves nothing.
      else if (before !== undefined) before.until = clock.monotonic();
    },
  };
}
