// Chooses the partitions whose leadership raises the load of one broker. Pure.

import { addTo } from '../../../core/get-or-make.ts';
import type { MessagesPerSecond } from '../../../core/units.ts';
import type { StepAsk, StepsEnd } from '../../redline/live-load.ts';

export interface RedlinePartition {
  topic: string;
  partition: number;
  /** Broker ids; the preferred leader first. */
  replicas: readonly number[];
  inSync: readonly number[];
  /** Absent without a leader. */
  leader?: number;
  messagesPerSecond: MessagesPerSecond;
}

/** Partitions of which the broker takes over leadership together. */
export interface RedlineMoves {
  moves: readonly RedlinePartition[];
  /** Messages per second of the partitions that the broker leads afterwards. */
  ledTps: number;
}

export interface RedlineAsk extends StepAsk {
  broker: number;
  partitions: readonly RedlinePartition[];
  mayMove: (partition: RedlinePartition) => boolean;
}

export type NextMoves = { kind: 'step'; step: RedlineMoves } | { kind: 'end'; end: StepsEnd };

/** One move to the broker, and one back at the end. */
export const movesOfPartition = 2;

/** Internal topics: their leaders coordinate groups and transactions, which is a different load. */
const isInternal = (topic: string) => topic.startsWith('__');

/** True if the broker can lead the partition without copying: it is in sync, and another broker leads. */
export const isMovable = ({ topic, inSync, leader, messagesPerSecond }: RedlinePartition, broker: number): boolean =>
  !isInternal(topic) &&
  leader !== undefined &&
  leader !== broker &&
  inSync.includes(broker) &&
  inSync.includes(leader) &&
  messagesPerSecond > 0;

/** @returns messages per second of the partitions that the broker leads */
export const ledBy = (partitions: readonly RedlinePartition[], broker: number): number =>
  partitions.reduce((sum, each) => sum + (each.leader === broker ? each.messagesPerSecond : 0), 0);

/**
 * Chooses the next step: partitions that add about `stepShare` to the led rate, never above `mostTps`. Topics keep
 * about the share that they have in the traffic of the cluster, so that the cost per message stays typical.
 *
 * A step is smaller than `stepShare` near the limit, and larger if every partition is larger than a step.
 */
export function nextRedlineStep(ask: RedlineAsk): NextMoves {
  const { broker, partitions, mayMove, stepShare, movesLeft, mostTps } = ask;
  const ledTps = ledBy(partitions, broker);
  const movable = partitions.filter((each) => isMovable(each, broker) && mayMove(each));
  if (movable.length === 0) return { kind: 'end', end: 'no-partitions' };
  const mostMoves = Math.floor(movesLeft / movesOfPartition);
  if (mostMoves < 1) return { kind: 'end', end: 'budget' };
  const room = (mostTps ?? Number.POSITIVE_INFINITY) - ledTps;
  const fitting = movable.filter(({ messagesPerSecond }) => messagesPerSecond <= room);
  if (fitting.length === 0) return { kind: 'end', end: 'limit' };
  const wanted = Math.min(room, stepShare * (ledTps > 0 ? ledTps : totalOf(partitions) / brokersOf(partitions)));
  const moves = chosen(fitting, ask, wanted, mostMoves);
  return { kind: 'step', step: { moves, ledTps: ledTps + totalOf(moves) } };
}

/** @returns the partitions after the broker leads those of the step */
export function ledAfter(
  partitions: readonly RedlinePartition[],
  { moves }: RedlineMoves,
  broker: number,
): RedlinePartition[] {
  const moved = new Set<RedlinePartition>(moves);
  return partitions.map((each) => (moved.has(each) ? { ...each, leader: broker } : each));
}

/** A remainder below this share of the step needs no further move. */
const smallRest = 0.1;

function chosen(
  fitting: readonly RedlinePartition[],
  { broker, partitions }: Pick<RedlineAsk, 'broker' | 'partitions'>,
  wanted: number,
  mostMoves: number,
): RedlinePartition[] {
  const left = new Set(fitting);
  const moves: RedlinePartition[] = [];
  const led = new Map<string, number>();
  for (const each of partitions) if (each.leader === broker) addTo(led, each.topic, each.messagesPerSecond);
  const all = new Map<string, number>();
  for (const each of partitions) addTo(all, each.topic, each.messagesPerSecond);
  const target = ledBy(partitions, broker) + wanted;
  const total = totalOf(partitions);
  const missing = (topic: string) => ((all.get(topic) ?? 0) / total) * target - (led.get(topic) ?? 0);
  let rest = wanted;
  while (moves.length < mostMoves && rest > smallRest * wanted) {
    const next = [...left]
      .filter(({ messagesPerSecond }) => messagesPerSecond <= rest * (1 + 1e-9))
      .toSorted((a, b) => missing(b.topic) - missing(a.topic) || b.messagesPerSecond - a.messagesPerSecond)[0];
    if (next === undefined) break;
    left.delete(next);
    moves.push(next);
    addTo(led, next.topic, next.messagesPerSecond);
    rest -= next.messagesPerSecond;
  }
  // Every partition is larger than a step: take the smallest.
  const [smallest] = fitting.toSorted((a, b) => a.messagesPerSecond - b.messagesPerSecond);
  return moves.length === 0 && smallest !== undefined ? [smallest] : moves;
}

const totalOf = (partitions: readonly RedlinePartition[]) =>
  partitions.reduce((sum, { messagesPerSecond }) => sum + messagesPerSecond, 0);

const brokersOf = (partitions: readonly RedlinePartition[]) =>
  Math.max(1, new Set(partitions.flatMap(({ leader }) => leader ?? [])).size);
