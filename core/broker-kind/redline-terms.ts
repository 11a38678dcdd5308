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
    movable: [
      'additional partition that it can lead without copying data',
      'additional partitions that it can lead without copying data',
    ],
    restored: ['partition', 'partitions'],
    as: 'the former leader and replica order',
    exhausted: 'the broker already leads every partition that it can lead without copying data',
    undo: 'the leaders and replica order of before the first step are restored',
    consent: 'it moves leaders of live topics',
    may: 'may get this broker as leader for a while',
  },
  rocketmq: {
    moves: 'added and removed queues',
    movable: ['topic that can get more queues on the broker', 'topics that can get more queues on the broker'],
    restored: ['topic', 'topics'],
    as: 'the former numbers of read and write queues',
    exhausted: 'no topic can get more queues on the broker',
    undo: 'the former number of write queues is restored; read queues follow once the removed queues are read',
    consent: 'it changes the number of queues of live topics',
    may: 'may get more queues on this broker for a while',
  },
};
