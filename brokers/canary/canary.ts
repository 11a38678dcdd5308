// Measures the current client latency of a cluster: one message per interval, to each broker in turn.

import { randomUUID } from 'node:crypto';
import type { EchoPosition, Io, TrafficDriver } from '../driver.ts';
import { errorClassOf } from '../error-class.ts';
import { type Clock, seconds, untilAborted } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import { createProblemLog, type OngoingProblem } from '../../core/problem-log.ts';
import type { CanaryConfig } from './config.ts';
import { keepRoute, type Route } from './route.ts';

type CanaryStep = 'produce' | 'consume';

/** Receives the measurements of one cluster. */
export interface CanaryRecord {
  up(isUp: boolean): void;
  sent(broker: string): void;
  /** Records the end of a message: acknowledged and read, failed or lost. */
  ended(broker: string): void;
  took(broker: string, step: CanaryStep | 'round_trip', seconds: number): void;
  failed(broker: string, step: CanaryStep, errorClass: string): void;
  lost(broker: string, step: CanaryStep): void;
}

export interface CanaryOptions {
  cluster: string;
  config: CanaryConfig;
  open(io: Io): Promise<TrafficDriver>;
  record: CanaryRecord;
  /** The only broker to send to, as `EchoPosition` names it. Default: each in turn. */
  only?: string;
  /** Whether this exporter is the one that sends; checked before every message. Default: true. */
  isOurs?: () => boolean;
  clock: Clock;
  log: Logger;
}

export interface CanaryState {
  cluster: string;
  topic: string;
  /** Why no messages can be sent; absent if they can. */
  reason?: string;
  brokers: readonly BrokerState[];
}

export function createCanary({ cluster, config, open, record, only, isOurs = () => true, clock, log }: CanaryOptions) {
  const { topic, everySeconds, lostAfterSeconds } = config;
  const marker = `plimsoll-canary ${randomUUID()}`;
  const reportTroubles = createProblemLog(log.child({ cluster, topic }));
  const states = createBrokerStates();
  let route: Route = { kind: 'none', reason: 'not connected yet' };
  let turn = 0;

  function report(): void {
    const about = 'the canary';
    const message = 'the canary cannot use its topic';
    const blocked = route.kind === 'none' ? [{ about, level: 'warn' as const, message, fields: { ...route } }] : [];
    reportTroubles([...blocked, ...states.troubles()]);
  }

  function withOnly(found: Route): Route {
    if (found.kind === 'none' || only === undefined) return found;
    const places = found.places.get(only);
    if (places !== undefined) return { ...found, places: new Map([[only, places]]) };
    return { kind: 'none', reason: `topic ${topic} has no partition or queue on broker ${only}` };
  }

  /** Returns the next partition: brokers take turns, and so do the partitions of each broker. */
  function nextPlace(placesByBroker: ReadonlyMap<string, readonly EchoPosition[]>): EchoPosition | undefined {
    const brokers = [...placesByBroker.values()];
    const places = brokers[turn % brokers.length] ?? [];
    const place = places[Math.floor(turn / brokers.length) % places.length];
    turn++;
    return place;
  }

  async function send(
    { echo, refresh }: Extract<Route, { kind: 'open' }>,
    place: EchoPosition,
    intendedAt: number,
    { signal }: Io,
  ): Promise<void> {
    const { broker } = place;
    const value = Buffer.from(`${marker} ${turn}`);
    const ended = new AbortController();
    const io = { signal: AbortSignal.any([signal, ended.signal]) };
    let step: CanaryStep = 'produce';
    let isLost = false;
    const giveUp = clock.sleep(seconds(Math.max(0, intendedAt + lostAfterSeconds - clock.monotonic())), io).then(
      () => {
        isLost = true;
        ended.abort();
      },
      () => {},
    );
    record.sent(broker);
    try {
      const offset = await untilAborted(echo.send(place, value, io), io.signal);
      const acknowledgedAt = clock.monotonic();
      record.took(broker, 'produce', acknowledgedAt - intendedAt);
      step = 'consume';
      const found = await untilAborted(echo.read(place, offset, io), io.signal);
      const readAt = clock.monotonic();
      if (found?.equals(value) === true) {
        record.took(broker, 'consume', readAt - acknowledgedAt);
        record.took(broker, 'round_trip', readAt - intendedAt);
        states.answered(broker, readAt - intendedAt);
      } else {
        record.lost(broker, step);
        states.failed(broker, `another message is at offset ${offset} of partition ${place.partition}`);
      }
    } catch (cause) {
      if (signal.aborted) return;
      if (isLost) {
        record.lost(broker, step);
        const what = step === 'produce' ? 'acknowledged' : 'to be read';
        states.failed(broker, `a message was not ${what} within ${lostAfterSeconds} s`);
      } else {
        record.failed(broker, step, errorClassOf(cause));
        states.failed(broker, (cause as Error).message);
        refresh();
      }
    } finally {
      ended.abort();
      await giveUp;
      record.ended(broker);
    }
    report();
  }

  async function beat(io: Io): Promise<never> {
    for (let intendedAt: number = clock.monotonic(); ;) {
      await clock.sleep(seconds(Math.max(0, intendedAt - clock.monotonic())), io);
      if (route.kind === 'open' && isOurs()) {
        const place = nextPlace(route.places);
        if (place !== undefined) void send(route, place, intendedAt, io);
      }
      intendedAt += everySeconds;
      // Messages missed while this process was paused are skipped: sent now, they would be a burst.
      const missed = Math.ceil((clock.monotonic() - intendedAt) / everySeconds);
      if (missed > 0) intendedAt += missed * everySeconds;
    }
  }

  return {
    /** Runs until the signal aborts, and then closes all connections. */
    async run({ signal }: Io): Promise<void> {
      const following = keepRoute({ cluster, topic, open, clock }, { signal }, (found) => {
        const now = withOnly(found);
        route = now;
        if (now.kind === 'open') states.keepOnly([...now.places.keys()]);
        record.up(now.kind === 'open');
        report();
      });
      const beating = beat({ signal }).catch((cause: unknown) => {
        if (!signal.aborted) throw cause;
      });
      await Promise.all([following, beating]);
    },
    state: (): CanaryState => ({
      cluster,
      topic,
      ...(route.kind === 'none' && { reason: route.reason }),
      brokers: states.all(),
    }),
  };
}

interface BrokerState {
  broker: string;
  /** Round trip of the last message that was read back. */
  roundTripSeconds?: number;
  /** Error message of the last message; absent if it was read back. */
  reason?: string;
}

/** Successes in a row that end a problem, so that a broker that refuses every other message is reported once. */
const answersThatEnd = 10;

/** Tracks the outcome of the latest canary message per broker, and how long a broker has been failing. */
function createBrokerStates() {
  const states = new Map<string, { state: BrokerState; troubledBy?: string; answersSince: number }>();
  return {
    answered(broker: string, roundTripSeconds: number): void {
      const { troubledBy, answersSince = 0 } = states.get(broker) ?? {};
      const isOver = troubledBy === undefined || answersSince + 1 >= answersThatEnd;
      const lasting = isOver ? {} : { troubledBy };
      states.set(broker, { state: { broker, roundTripSeconds }, answersSince: answersSince + 1, ...lasting });
    },
    failed(broker: string, reason: string): void {
      const state = { ...states.get(broker)?.state, broker, reason };
      states.set(broker, { state, troubledBy: reason, answersSince: 0 });
    },
    /** Drops the states of other brokers, which lead no partition any more. */
    keepOnly(brokers: readonly string[]): void {
      for (const broker of states.keys()) if (!brokers.includes(broker)) states.delete(broker);
    },
    all: (): readonly BrokerState[] => [...states.values()].map(({ state }) => state),
    troubles: (): readonly OngoingProblem[] =>
      [...states].flatMap(([broker, { troubledBy }]) =>
        troubledBy === undefined
          ? []
          : {
              about: `the canary at broker ${broker}`,
              level: 'warn' as const,
              message: 'messages of the canary fail',
              fields: { broker, reason: troubledBy },
            },
      ),
  };
}
