// Names what a redline changes in a cluster of each kind, for plans, journals and reports.

import type { ByKind } from './registry.ts';

export interface RedlineTerms {
  /** What --max-moves counts, there and back. */
  moves: string;
  /** What follows a number of things that a step can still take. */
  movable: [one: string, many: string];
  /** Things that are restored. */
  restored: [one: string, many: string];
  /** What they have again. */
  as: string;
  /** What ends a redline that has nothing left to take. */
  exhausted: string;
  /** What the journaled steps undo. */
  undo: string;
  /** Why its owner has to allow it. */
  consent: string;
  /** What --execute asks consent for, after a number of things that may change. */
  may: string;
}

export const redlineTerms: ByKind<RedlineTerms> = {
  kafka: {
    moves: 'leader moves',
    movable: ['more partition that it can lead without copying', 'more partitions that it can lead without copying'],
    restored: ['partition', 'partitions'],
    as: 'the leader and the replica order of before',
    exhausted: 'the broker leads every partition that it can lead without copying',
    undo: 'leaders and replica order return to what they were before the first step',
    consent: 'it moves leaders of live topics',
    may: 'may get this broker as leader for a while',
  },
  rocketmq: {
    moves: 'added and removed queues',
    movable: ['topic that can get more queues there', 'topics that can get more queues there'],
    restored: ['topic', 'topics'],
    as: 'the read and write queues of before',
    exhausted: 'no topic can get more queues on the broker',
    undo: 'write queues return to what they were; read queues follow once the removed queues are read',
    consent: 'it changes the number of queues of live topics',
    may: 'may get more queues on this broker for a while',
  },
};
