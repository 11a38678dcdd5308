// Simulates a group whose offset move fails halfway, or that starts at the wrong moment.

import type { GroupOffsets, GroupPosition, GroupPresence, OffsetTarget } from '../../brokers/group-offsets.ts';

export interface FakeGroupOffsets extends GroupOffsets {
  committed: (bigint | undefined)[];
  /** Successive results; the last one repeats. */
  presences: GroupPresence[];
  /** Called for each target; throws if the broker refuses. */
  onMove: (target: OffsetTarget) => void;
  moves: number;
}

export const stopped: GroupPresence = { kind: 'stopped' };
export const running = (moves: 'not' | 'by-time' | 'by-offset'): GroupPresence => ({
  kind: 'running',
  members: [{ id: 'm-1', clientId: 'till-1', address: '10.0.0.7' }],
  moves,
});

export function fakeGroupOffsets(over: Partial<FakeGroupOffsets> = {}): FakeGroupOffsets {
  const fake: FakeGroupOffsets = {
    committed: [50n, 60n, 70n],
    presences: [stopped],
    onMove: () => undefined,
    moves: 0,
    presence: async () => (fake.presences.length > 1 ? fake.presences.shift() : fake.presences[0]) ?? stopped,
    deleted: async (missing) => missing,
    topics: async () => ['orders'],
    positions: async (_group, topic) =>
      topic === 'orders' ? fake.committed.map((at, partition) => positionOf(partition, at)) : undefined,
    offsetsAt: async (places) => places.map((place) => ({ ...place, offset: 40n })),
    async move(_group, _topic, targets) {
      fake.moves += 1;
      for (const target of targets) {
        fake.onMove(target);
        fake.committed[target.partition] = target.offset;
      }
      return { settlesSeconds: 0 };
    },
    [Symbol.asyncDispose]: async () => undefined,
    ...over,
  };
  return fake;
}

const positionOf = (partition: number, committed: bigint | undefined): GroupPosition => ({
  topic: 'orders',
  partition,
  start: 10n,
  end: 100n,
  ...(committed !== undefined && { committed }),
});
