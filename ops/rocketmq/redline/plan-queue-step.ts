// Chooses topics that get more write queues on one broker, so that its load rises by a step. Pure.

import type { StepAsk, StepsEnd } from '../../redline/live-load.ts';

export interface RedlineTopic {
  topic: string;
  /** Number of write queues on the broker, and on all masters that accept messages of the topic. */
  ownQueues: number;
  allQueues: number;
  /** Messages per second on the broker, and on all. */
  ownTps: number;
  allTps: number;
  /** Whether the redline may give it more queues. */
  canGrow: boolean;
}

export interface GrownTopic {
  topic: string;
  from: number;
  to: number;
}

export type NextQueues = { kind: 'step'; grown: GrownTopic[]; after: RedlineTopic[] } | { kind: 'end'; end: StepsEnd };

/** One move to add a queue, and one to remove it at the end. */
export const movesOfQueue = 2;
/** A remainder below this share of the step needs no further queue. */
const smallRest = 0.1;
/**
 * Maximum ratio of a queue's gain to the remainder of the step. Some excess is allowed, because the next step would
 * otherwise start with the same remainder.
 */
const mostOverRest = 1.5;

export const rateOfBroker = (topics: readonly RedlineTopic[]): number =>
  topics.reduce((sum, { ownTps }) => sum + ownTps, 0);

/**
 * Producers send to all write queues in turn. With one queue more, each of the Q + 1 queues gets 1/(Q + 1) of the
 * messages: other brokers keep Q/(Q + 1) of their rate, and this one gets the rest, (all − own)/(Q + 1) more.
 */
export const gainOfQueue = ({ allTps, ownTps, allQueues, ownQueues }: RedlineTopic): number =>
  // If this broker has all queues of a topic, the difference of the rates is a rounding error.
  ownQueues === allQueues ? 0 : Math.max(0, allTps - ownTps) / (allQueues + 1);

/**
 * Adds queue by queue, to topics in about their shares of the cluster's traffic, so that the cost per message stays
 * typical. The rate never exceeds `mostTps`. A step is larger than `stepShare` if the smallest queue is.
 *
 * @param brokers number of brokers that accept messages: a broker without traffic starts with a share of their mean
 */
export function nextQueues(topics: readonly RedlineTopic[], brokers: number, ask: StepAsk): NextQueues {
  const { stepShare, movesLeft, mostTps = Number.POSITIVE_INFINITY } = ask;
  const [own, all] = [rateOfBroker(topics), topics.reduce((sum, { allTps }) => sum + allTps, 0)];
  const mostQueues = Math.floor(movesLeft / movesOfQueue);
  const state = new Map(topics.map((each) => [each.topic, each]));
  const growing = () => [...state.values()].filter((each) => each.canGrow && gainOfQueue(each) > 0);
  if (growing().length === 0) return { kind: 'end', end: 'no-partitions' };
  if (mostQueues < 1) return { kind: 'end', end: 'budget' };
  const room = mostTps - own;
  const wanted = Math.min(room, stepShare * (own > 0 ? own : all / Math.max(1, brokers)));
  const missing = ({ allTps, ownTps }: RedlineTopic) => (allTps / all) * (own + wanted) - ownTps;
  let gained = 0;
  let added = 0;
  for (; added < mostQueues && wanted - gained > smallRest * wanted; added += 1) {
    const fitting = growing().filter((each) => gainOfQueue(each) <= room - gained);
    const near = fitting.filter((each) => gainOfQueue(each) <= mostOverRest * (wanted - gained));
    const [most] = near.toSorted((a, b) => missing(b) - missing(a) || gainOfQueue(b) - gainOfQueue(a));
    const [smallest] = fitting.toSorted((a, b) => gainOfQueue(a) - gainOfQueue(b));
    const chosen = most ?? (added === 0 ? smallest : undefined);
    if (chosen === undefined) break;
    gained += gainOfQueue(chosen);
    state.set(chosen.topic, withQueue(chosen));
  }
  if (added === 0) return { kind: 'end', end: 'limit' };
  const after = topics.map((each) => state.get(each.topic) ?? each);
  const grown = topics.flatMap(({ topic, ownQueues: from }) => {
    const to = state.get(topic)?.ownQueues ?? from;
    return to > from ? [{ topic, from, to }] : [];
  });
  return { kind: 'step', grown, after };
}

const withQueue = (topic: RedlineTopic): RedlineTopic => ({
  ...topic,
  ownQueues: topic.ownQueues + 1,
  allQueues: topic.allQueues + 1,
  ownTps: topic.ownTps + gainOfQueue(topic),
});
