// Sends messages to notification channels within the vendor's rate limit; retries with backoff, and logs each outage once.

import { randomUUID } from 'node:crypto';
import { getOrMake } from '../../core/get-or-make.ts';
import type { Channel } from '../../app/config/service-hooks.ts';
import { type Clock, seconds } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { Wording } from './alert-text.ts';
import type { Attempt } from './channels/channel.ts';
import { kindOf } from './channels/registry.ts';

/** `later` asks the sender to retry; a `refused` or `given-up` message is not retried now. */
export type Delivery =
  | { kind: 'sent' }
  | { kind: 'later'; reason: string; afterSeconds: number }
  | { kind: 'refused' | 'given-up'; fault: AppError };

export interface Deliveries {
  /** @throws AppError secret-unreadable */
  deliver(name: string, channel: Channel, wording: Wording, io: { signal: AbortSignal }): Promise<Delivery>;
}

interface DeliveryParts {
  clock: Clock;
  log: Pick<Logger, 'warn' | 'error'>;
  fetch?: typeof globalThis.fetch;
}

const mostAttempts = 4;
/** Limit of attempts after which a chat may show the message; repeated ones do not change an incident. */
const mostUnsure = 2;
/** Doubles with each retry. */
const firstWaitSeconds = 1;
/** Longer waits are left to Alertmanager, whose request lasts at most its group_interval, five minutes as shipped. */
const longestWaitSeconds = 20;
/** Vendors respond within a second. */
const vendorPatienceMs = 10_000;
const mostAtOnce = 4;
/** DingTalk blocks for 10 minutes. A gateway that answers years must not end all notifications of an address. */
const longestClosedSeconds = 3600;

/** The limit of a vendor counts all channels of one address or key. */
interface Limit {
  /** Times of the attempts in the last minute, in monotonic seconds. */
  sentAt: number[];
  /** The vendor accepts no messages before this time; monotonic seconds. */
  closedUntil: number;
}

interface ChannelState {
  underWay: number;
  /** Whether an attempt failed since the last message that was sent. */
  hasFailed: boolean;
  /** Notice of the last message that was sent. */
  notice?: string | undefined;
}

export function createDeliveries({ clock, log, fetch = globalThis.fetch }: DeliveryParts): Deliveries {
  const states = new Map<string, ChannelState>();
  const limits = new Map<string, Limit>();

  const stateOf = (name: string): ChannelState => getOrMake(states, name, () => ({ underWay: 0, hasFailed: false }));

  function limitOf(channel: Channel): Limit {
    const address = ('key' in channel ? channel.key : channel.url).reveal();
    return getOrMake(limits, URL.parse(address)?.href ?? address, () => ({ sentAt: [], closedUntil: 0 }));
  }

  /** @returns seconds until the channel may send */
  function waitOf(limit: Limit, perMinute: number): number {
    const now = clock.monotonic();
    limit.sentAt = limit.sentAt.filter((at) => now - at < 60);
    const oldest = limit.sentAt.length < perMinute ? undefined : limit.sentAt[limit.sentAt.length - perMinute];
    return Math.max(0, limit.closedUntil - now, oldest === undefined ? 0 : oldest + 60 - now);
  }

  async function attempt(id: string, channel: Channel, wording: Wording, signal: AbortSignal): Promise<Attempt> {
    const kind = kindOf(channel);
    const patience = AbortSignal.timeout(kind.patienceMs ?? vendorPatienceMs);
    const limited = kind.patienceMs === undefined ? AbortSignal.any([patience, signal]) : patience;
    return kind.send(wording, channel, { id, clock, fetch, signal: limited });
  }

  function failure(name: string, channel: Channel, reason: string): AppError {
    const state = stateOf(name);
    const fault = new AppError('notification-failed', `${channel.vendor} channel ${name}: ${reason}`);
    // Logged once per outage, because Alertmanager posts the message again.
    if (!state.hasFailed) log.error({ channel: name, code: fault.code }, fault.message);
    state.hasFailed = true;
    return fault;
  }

  async function tryOften(name: string, channel: Channel, wording: Wording, signal: AbortSignal): Promise<Delivery> {
    const state = stateOf(name);
    const limit = limitOf(channel);
    const id = randomUUID();
    const { perMinute, keepsIncidents = false } = kindOf(channel);
    let unsure = 0;
    for (let count = 1; ; count++) {
      // Checked again after the wait, because another waiting message may have used the slot.
      for (let wait = waitOf(limit, perMinute); wait > 0; wait = waitOf(limit, perMinute)) {
        if (wait > longestWaitSeconds) return { kind: 'later', reason: 'its rate limit', afterSeconds: wait };
        await clock.sleep(seconds(wait), { signal });
      }
      limit.sentAt.push(clock.monotonic());
      const result = await attempt(id, channel, wording, signal);
      if (result.kind === 'sent') {
        if (state.hasFailed) log.warn({ channel: name }, 'the notification channel works again');
        state.hasFailed = false;
        const { notice } = result;
        if (notice !== undefined && notice !== state.notice) {
          log.warn({ channel: name }, `${channel.vendor} channel ${name}: ${notice}`);
        }
        state.notice = notice;
        return { kind: 'sent' };
      }
      if (result.kind === 'refused') return { kind: 'refused', fault: failure(name, channel, result.reason) };
      const { reason, afterSeconds = firstWaitSeconds * 2 ** (count - 1), mayBeSent = false } = result;
      if (mayBeSent && !keepsIncidents) unsure++;
      const closedSeconds = Math.min(afterSeconds, longestClosedSeconds);
      limit.closedUntil = Math.max(limit.closedUntil, clock.monotonic() + closedSeconds);
      if (afterSeconds > longestWaitSeconds && !signal.aborted) {
        failure(name, channel, reason);
        return { kind: 'later', reason, afterSeconds };
      }
      if (count < mostAttempts && unsure < mostUnsure && !signal.aborted) continue;
      const attempts = count === 1 ? 'one attempt' : `${count} attempts`;
      return { kind: 'given-up', fault: failure(name, channel, `${reason}; given up after ${attempts}`) };
    }
  }

  return {
    async deliver(name, channel, wording, { signal }) {
      const state = stateOf(name);
      if (state.underWay >= mostAtOnce) {
        return { kind: 'later', reason: `${mostAtOnce} messages are being sent to it`, afterSeconds: firstWaitSeconds };
      }
      state.underWay++;
      try {
        return await tryOften(name, channel, wording, signal);
      } finally {
        state.underWay--;
      }
    },
  };
}
