// Chooses the topics that get more write queues on one broker, so that its load rises by a step. Pure.

import type { StepAsk, StepsEnd } from '../../redline/live-load.ts';

export interface RedlineTopic {
  topic: string;
  /** Write queues at the broker, and at all masters that take messages of the topic. */
  ownQueues: number;
  allQueues: number;
  /** Messages per second of the broker, and of all. */
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

/** A queue is added, and removed at the end. */
export const movesOfQueue = 2;
/** A rest below this share of the step is not worth another queue. */
const smallRest = 0.1;
/** A queue may end the step so much above what is left of it: the next one would else begin with the same rest. */
const mostOverRest = 1.5;

export const rateOfBroker = (topics: readonly RedlineTopic[]): number =>
  topics.reduce((sum, { ownTps }) => sum + ownTps, 0);

/**
 * Producers send to all write queues in turn. With one queue more, each of the Q + 1 queues gets 1/(Q + 1) of the messages: the other
 * brokers keep Q/(Q + 1) of what they have, and this one gets the rest, (all − own)/(Q + 1) more.
 */
export const gainOfQueue = ({ allTps, ownTps, allQueues, ownQueues }: RedlineTopic): number =>
  // Of a topic with all queues on this broker, the difference of the rates is a rounding error.
  ownQueues === allQueues ? 0 : Math.max(0, allTps - ownTps) / (allQueues + 1);

/**
 * Queue by queue, to topics in about the shares that they have in the traffic of the cluster, so that a message costs what it costs usually.
 * The rate never passes `mostTps`. A step is larger than `stepShare` where the smallest queue is.
 *
 * @param brokers that take messages: a broker without any begins with a share of their mean
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
