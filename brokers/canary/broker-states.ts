// Tracks the outcome of the latest canary message per broker, and how long a broker has been failing.

import type { OngoingProblem } from '../../core/problem-log.ts';

export interface BrokerState {
  broker: string;
  /** Round trip of the last message that was read back. */
  roundTripSeconds?: number;
  /** Error message of the last message; absent if it was read back. */
  reason?: string;
}

/** Successes in a row that end a problem, so that a broker that refuses every other message is reported once. */
const answersThatEnd = 10;

export function createBrokerStates() {
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
