// Keeps a producer registered by heartbeats, so that brokers can check its transactions.

import { randomUUID } from 'node:crypto';
import { untilAborted } from '../../core/abort.ts';
import { systemClock } from '../../core/clock.ts';
import { seconds } from '../../core/units.ts';
import { ignoreFault } from '../../core/ignore-fault.ts';
import type { Io } from '../driver.ts';
import { ask } from './ask.ts';
import type { RemotingClient } from './protocol/frame.ts';
import { encodeHeartbeat } from './protocol/heartbeat.ts';
import { encodeUnregisterClient } from './protocol/unregister-client.ts';

/** Interval of heartbeats, as in Java's clients; brokers drop a producer after 120 s. */
const seatInterval = seconds(30);
/** Time limit for unregistering, which must not delay a stop. */
const leaveTimeoutMs = 1500;

export function createProducerRegistration(client: RemotingClient, group: string) {
  const clientId = `plimsoll@${process.pid}#${randomUUID()}`;
  const taken = new Map<string, Promise<void>>();
  const closing = new AbortController();

  const say = (address: string, io: Io) => {
    const request = encodeHeartbeat({ clientId, producerGroup: group });
    return ask(client, { action: `join producer group ${group}`, address }, request, io);
  };

  async function keep(address: string): Promise<void> {
    while (!closing.signal.aborted) {
      await systemClock.sleep(seatInterval, closing);
      // A broker that returns gets the next heartbeat; until then sends to it fail anyway.
      await say(address, closing).catch(ignoreFault('a broker that does not answer gets the next heartbeat'));
    }
  }

  return {
    /** Resolves when the broker has registered this producer, and keeps it registered from then on. */
    async take(address: string, io: Io): Promise<void> {
      let seat = taken.get(address);
      if (seat === undefined) {
        // All waiting callers share it, so none of their signals may abort it.
        seat = say(address, closing);
        taken.set(address, seat);
        seat.then(
          () => void keep(address).catch(ignoreFault('a closed producer needs no heartbeat')),
          () => taken.delete(address),
        );
      }
      await untilAborted(seat, io.signal);
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      const farewell = { signal: AbortSignal.timeout(leaveTimeoutMs) };
      const request = encodeUnregisterClient({ clientId, producerGroup: group });
      const leave = (address: string) =>
        ask(client, { action: `leave producer group ${group}`, address }, request, farewell);
      // A broker that is gone drops the producer anyway.
      await Promise.allSettled([...taken.keys()].map(leave));
    },
  };
}
