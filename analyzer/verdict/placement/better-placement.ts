// Searches for a placement of leaders, replicas or queues, or a card, that raises the first limit, and computes the gain.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { Evidence } from '../evidence.ts';
import type { LoadTestRun } from '../../evidence/load-test-run.ts';
import type { Remedy } from '../../../core/documents/findings/skew-findings.ts';
import { rolesOf } from './broker-roles.ts';
import { isOf } from '../limits/ceilings.ts';
import { basisOf, lowestLimit, roomOf, type Basis } from './changed-ceilings.ts';
import { groupOf, isMaster, placementOf, type TrafficRow } from './placement.ts';

export interface Improvement {
  remedy: Remedy;
  /** First limit after the change over the first limit before. */
  ratio: number;
}

/** Least relevant gain; a smaller one is within the variation of a measured limit between runs. */
const leastGain = 1.05;
/** Least gain of a single move. */
const leastStep = 1.0005;
const mostMoves = 60;
/** Brokers with the most remaining capacity; in a cluster of hundreds, the others are no better. */
const mostTargets = 8;

type Move = 'leaders' | 'replicas' | 'queues';

/** @param node the broker with the lowest limit @returns the largest gain first; empty if the model finds none */
export function improvements(
  run: LoadTestRun,
  evidence: Evidence,
  { resource, node }: { resource: string; node: string },
): Improvement[] {
  const placement = placementOf(run, evidence.steps);
  const basis = basisOf(run, evidence, placement.rows);
  const before = lowestLimit(basis, basis.before);
  const brokers = run.document.environment.brokers.map(({ id }) => id);
  const from = basis.brokersOf(node)[0];
  if (from === undefined || !(before > 0)) return [];
  const moves = traitsOf(run.document.broker)?.moves ?? [];
  const moved = placement.isRecorded
    ? moves.flatMap((move) => movedFrom(basis, placement.rows, { move, from: sourceOf(move, from, brokers), brokers }))
    : [];
  const card = resource.startsWith('network-') ? fasterCard(basis, node) : [];
  return [...moved, ...card]
    .map(({ remedy, value }) => ({ remedy, ratio: value / before }))
    .filter(({ ratio }) => ratio >= leastGain)
    .toSorted((a, b) => b.ratio - a.ratio);
}

/** First limit with the remedy applied. */
interface Reached {
  remedy: Remedy;
  value: number;
}

interface Searched {
  move: Move;
  from: string;
  brokers: readonly string[];
}

/** Queues can only move from a master, because a slave has none. */
const sourceOf = (move: Move, from: string, brokers: readonly string[]) =>
  move === 'queues' ? (brokers.find((id) => groupOf(id) === groupOf(from) && isMaster(id)) ?? from) : from;

/** Moves partitions one by one to the broker that raises the first limit most, while the limit rises. */
function movedFrom(basis: Basis, rows: readonly TrafficRow[], searched: Searched): Reached[] {
  const targets = targetsOf(basis, searched);
  const counts = new Map<string, number>();
  let [now, value] = [rows, lowestLimit(basis, rolesOf(rows))];
  for (let moves = 0; moves < mostMoves; moves += 1) {
    const tried = targets.flatMap((target) => {
      const after = moveOne(now, searched, target, rows);
      return after === undefined ? [] : [{ target, after, value: lowestLimit(basis, rolesOf(after)) }];
    });
    const highest = Math.max(...tried.map((each) => each.value));
    if (!(highest >= leastStep * value)) break;
    // Of equally good targets, choose the one that received least, to spread the moves.
    const best = tried
      .filter((each) => each.value * leastStep >= highest)
      .toSorted((a, b) => (counts.get(a.target) ?? 0) - (counts.get(b.target) ?? 0))[0];
    if (best === undefined) break;
    [now, value] = [best.after, best.value];
    counts.set(best.target, (counts.get(best.target) ?? 0) + 1);
  }
  if (counts.size === 0) return [];
  const { move, from } = searched;
  return [{ remedy: { kind: move, from, to: [...counts].map(([node, count]) => ({ node, count })) }, value }];
}

function targetsOf({ ceilings, brokersOf }: Basis, { move, from, brokers }: Searched): string[] {
  const lowest = (id: string) =>
    Math.min(
      ...ceilings.flatMap(({ limit, value }) =>
        'resource' in limit && brokersOf(limit.node).includes(id) ? [value] : [],
      ),
    );
  return brokers
    .filter((id) => id !== from && (move !== 'queues' || isMaster(id)))
    .map((id) => ({ id, value: lowest(id) }))
    .toSorted((a, b) => b.value - a.value)
    .slice(0, mostTargets)
    .map(({ id }) => id);
}

function moveOne(
  rows: readonly TrafficRow[],
  { move, from }: Searched,
  target: string,
  all: readonly TrafficRow[],
): TrafficRow[] | undefined {
  const index = rows.findIndex((row) => canMove(row, move, from, target));
  const row = rows[index];
  if (row?.partitions === undefined) return undefined;
  const { partitions } = row;
  const share = row.share / partitions;
  const left = { ...row, partitions: partitions - 1, share: row.share - share };
  const moved = { ...movedRow(row, move, from, target, all), partitions: 1, share };
  return [...rows.slice(0, index), ...(left.partitions > 0 ? [left] : []), ...rows.slice(index + 1), moved];
}

function canMove(
  { leader, followers, outOfSync, share }: TrafficRow,
  move: Move,
  from: string,
  target: string,
): boolean {
  if (share === 0) return false;
  switch (move) {
    case 'leaders':
      return leader === from && followers.includes(target) && !outOfSync.has(target);
    case 'replicas':
      return leader !== target && followers.includes(from) && !followers.includes(target);
    case 'queues':
      return leader === from;
  }
}

function movedRow(row: TrafficRow, move: Move, from: string, target: string, all: readonly TrafficRow[]): TrafficRow {
  const swapped = (by: string) => row.followers.map((id) => (id === (move === 'leaders' ? target : from) ? by : id));
  switch (move) {
    case 'leaders':
      return { ...row, leader: target, followers: swapped(from) };
    case 'replicas':
      return { ...row, followers: swapped(target) };
    case 'queues':
      return { ...row, leader: target, followers: all.find(({ leader }) => leader === target)?.followers ?? [] };
  }
}

/** Assumes the speed of the fastest other card, in both directions. */
function fasterCard({ resources, ceilings }: Basis, node: string): Reached[] {
  const own = resources.filter((each) => each.node === node && each.resource.startsWith('network-'));
  const fastest = resources
    .filter((each) => each.resource.startsWith('network-') && each.node !== node)
    .toSorted((a, b) => b.capacity.value - a.capacity.value)[0];
  const slowest = Math.min(...own.map(({ capacity }) => capacity.value));
  if (fastest === undefined || !(fastest.capacity.value > slowest)) return [];
  const { capacity } = fastest;
  const values = ceilings.map(({ limit, value }) => {
    const each = own.find((one) => isOf(limit, one));
    if (each === undefined || each.capacity.value >= capacity.value) return value;
    const peak = each.peak ?? 0;
    return (value * roomOf({ ...each, capacity }, peak)) / roomOf(each, peak);
  });
  const remedy = { kind: 'faster-card', node, bitsPerSecond: 8 * capacity.value, like: fastest.node } as const;
  return [{ remedy, value: Math.min(...values) }];
}
