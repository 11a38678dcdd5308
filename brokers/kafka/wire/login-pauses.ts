// Pauses logins at a broker that refused one, so that scheduled readings do not cause a storm of logins.

import type { KafkaClusterConfig } from '../config.ts';
import { type Clock, systemClock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';

/**
 * Directories lock an account after some five to ten failures within minutes, and a broker computes a hash for each
 * login. The pause doubles up to the longest one, which is how long a user waits at most after the broker is fixed.
 */
const firstPauseSeconds = 10;
const longestPauseSeconds = 60;

interface Refusal {
  fault: AppError;
  /** The refused secret; another secret is tried at once. */
  secret: string | undefined;
  pauseSeconds: number;
  until: number;
}

/** Pauses by config, which all clients of a cluster in this process share until the config is read again. */
const known = new WeakMap<KafkaClusterConfig, ReturnType<typeof createLoginPauses>>();

export function loginPausesOf(config: KafkaClusterConfig) {
  const pauses = known.get(config) ?? createLoginPauses(config, systemClock);
  known.set(config, pauses);
  return pauses;
}

export function createLoginPauses({ sasl }: Pick<KafkaClusterConfig, 'sasl'>, clock: Pick<Clock, 'monotonic'>) {
  const refusals = new Map<string, Refusal>();

  /** Reads the secret now, to detect a renewed file; undefined for a login without a secret. */
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
      // One caller tries again; the others wait for its result.
      if (isOther) Object.assign(refusal, { secret, pauseSeconds: 0 });
      refusal.until = now + Math.max(firstPauseSeconds, refusal.pauseSeconds);
    },
    /**
     * @param outcome error of a login; undefined if it succeeded
     * @param secret secret that was read before the login
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
      // A failure before the login proves nothing about it.
      else if (before !== undefined) before.until = clock.monotonic();
    },
  };
}
