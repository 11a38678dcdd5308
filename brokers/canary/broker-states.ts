// Tracks the outcome of the latest canary message per broker and the time since which a broker fails.

import type { OngoingProblem } from '../../core/problem-log.ts';

export interface BrokerState {
  broker: string;
  /** Of the last message that was read. */
  roundTripSeconds?: number;
  /** Error message of the last message; absent when it was read. */
  reason?: string;
}

/** Answers in a row that end a trouble: a broker that refuses every other message is not news each time. */
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
    /** Others lead nothing any more. */
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
