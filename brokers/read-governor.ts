// Limits the requests per broker, and pauses optional reads while a broker shows signs of trouble.

import { type Clock, seconds } from '../core/clock.ts';
import type { Io } from './driver.ts';
import type { SectionGovernor } from './sections.ts';
import { percentText } from '../core/text/quantity-text.ts';
import { durationText } from '../core/text/duration-text.ts';

/** Signs of trouble that a broker or its host reports; unknown ones are absent. */
export interface BrokerSigns {
  /** How long the oldest request in its queue has waited. */
  queueHeadWaitSeconds?: number;
  /** How long the lock on the page cache was held while a message was stored. */
  pageCacheLockSeconds?: number;
  /** Share of time in which its request handlers were idle. */
  handlerIdleRatio?: number;
  /** Share of CPU time that was spent waiting for disks. */
  iowaitRatio?: number;
}

/** Trouble begins beyond `backOff` and ends at `resume`; in between the state is unchanged, so reads do not flap. */
interface SignLimit {
  backOff: number;
  resume: number;
}

export interface GovernorLimits {
  /** Budget of each broker. Unused budget accumulates up to `burst`. */
  requestsPerSecond: number;
  burst: number;
  /** Time after which a sign expires if it is not reported again. */
  forgetSeconds: number;
  signs: Readonly<Record<keyof BrokerSigns, SignLimit>>;
}

/**
 * The budget is far above the cost of a collection (some requests per broker, one per 100 groups), and limits what may
 * become thousands: commits of brokers that answer for one group at a time, and one queue at a time in RocketMQ.
 * Waits are half of those at which RocketMQ refuses sends: waitTimeMillsInSendQueue 200 ms, osPageCacheBusyTimeOutMills
 * 1 s. An idle ratio of handlers below 0.3 is the recommended alert threshold for Kafka (docs.confluent.io, monitoring
 * Kafka with JMX).
 */
export const defaultGovernorLimits: GovernorLimits = {
  requestsPerSecond: 100,
  burst: 500,
  forgetSeconds: 300,
  signs: {
    queueHeadWaitSeconds: { backOff: 0.1, resume: 0.02 },
    pageCacheLockSeconds: { backOff: 0.5, resume: 0.1 },
    handlerIdleRatio: { backOff: 0.3, resume: 0.5 },
    iowaitRatio: { backOff: 0.3, resume: 0.15 },
  },
};

export interface ReadGovernor extends SectionGovernor {
  /** Resolves when the broker's budget has room for the requests. Rejects with the signal's reason when it aborts. */
  take(broker: string, requests: number, io: Io): Promise<void>;
  observe(broker: string, signs: BrokerSigns): void;
}

const signText: Readonly<Record<keyof BrokerSigns, (value: number) => string>> = {
  queueHeadWaitSeconds: (value) => `requests wait ${durationText(value)} in its queue`,
  pageCacheLockSeconds: (value) => `its page cache was locked for ${durationText(value)}`,
  handlerIdleRatio: (value) => `its request handlers are idle ${percentText(value)} of the time`,
  iowaitRatio: (value) => `its host waits for disks ${percentText(value)} of the time`,
};

/** Tolerance, in requests, for rounding errors in sums of tokens. */
const epsilon = 1e-6;

interface Trouble {
  sign: keyof BrokerSigns;
  value: number;
  seenAt: number;
}

export function createReadGovernor({
  clock,
  limits = defaultGovernorLimits,
}: {
  clock: Clock;
  limits?: GovernorLimits;
}): ReadGovernor {
  const budgets = new Map<string, { tokens: number; at: number }>();
  const troubles = new Map<string, Map<keyof BrokerSigns, Trouble>>();

  function budgetOf(broker: string): { tokens: number; at: number } {
    const now = clock.monotonic();
    const tokensIn = (last: { tokens: number; at: number }) =>
      Math.min(limits.burst, last.tokens + (now - last.at) * limits.requestsPerSecond);
    const known = budgets.get(broker);
    if (known === undefined) {
      // Brokers come and go: a full budget is the same as that of an unknown broker, so it is dropped.
      for (const [other, last] of budgets) if (tokensIn(last) === limits.burst) budgets.delete(other);
    }
    const budget = { tokens: known === undefined ? limits.burst : tokensIn(known), at: now };
    budgets.set(broker, budget);
    return budget;
  }

  function troubleOf(broker: string): Trouble | undefined {
    const earliest = clock.monotonic() - limits.forgetSeconds;
    return troubles
      .get(broker)
      ?.values()
      .find(({ seenAt }) => seenAt >= earliest);
  }

  return {
    async take(broker, requests, { signal }) {
      for (;;) {
        signal.throwIfAborted();
        const budget = budgetOf(broker);
        // More requests than `burst` overdraw the budget: they wait for a full one, and the next requests wait longer.
        const missing = Math.min(requests, limits.burst) - budget.tokens;
        if (missing < epsilon) {
          budget.tokens -= requests;
          return;
        }
        await clock.sleep(seconds(missing / limits.requestsPerSecond), { signal });
      }
    },

    observe(broker, signs) {
      const known = troubles.get(broker) ?? new Map<keyof BrokerSigns, Trouble>();
      for (const [sign, limit] of Object.entries(limits.signs) as [keyof BrokerSigns, SignLimit][]) {
        const value = signs[sign];
        if (value === undefined) continue;
        // A high idle ratio is good; for all other signs, high values are trouble.
        const worse = limit.backOff < limit.resume ? -1 : 1;
        const isTrouble = value * worse > (known.has(sign) ? limit.resume : limit.backOff) * worse;
        if (isTrouble) known.set(sign, { sign, value, seenAt: clock.monotonic() });
        else known.delete(sign);
      }
      if (known.size > 0) troubles.set(broker, known);
      else troubles.delete(broker);
    },

    /** Requests to the whole cluster are allowed only while no broker is in trouble, because any may have to answer. */
    mayRead(_section, broker) {
      for (const each of broker === undefined ? troubles.keys() : [broker]) {
        const trouble = troubleOf(each);
        if (trouble !== undefined) {
          return { kind: 'no', reason: `skipped to protect broker ${each}: ${signText[trouble.sign](trouble.value)}` };
        }
      }
      return { kind: 'yes' };
    },
  };
}
