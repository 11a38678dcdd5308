// Names what a redline changes in a cluster of each kind, for plans, journals and reports.

import type { ByKind } from './registry.ts';

export interface RedlineTerms {
  /** What --max-moves counts, including moves back. */
  moves: string;
  /** Noun after the number of partitions or queues that a step can still move. */
  movable: [one: string, many: string];
  /** Noun for the things that are restored. */
  restored: [one: string, many: string];
  /** State to which they are restored. */
  as: string;
  /** Why a redline ends that has nothing left to move. */
  exhausted: string;
  /** What the journaled steps roll back. */
  undo: string;
  /** Why the owner must allow it. */
  consent: string;
  /** Text of the confirmation for --execute, after the number of things that may change. */
  may: string;
  /** In Chinese; `moves` follows a number. */
  zh: Readonly<Record<'moves' | 'as' | 'undo' | 'restored', string>>;
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
    zh: {
      moves: '次 Leader 迁移',
      restored: '分区',
      as: '原来的 Leader 和副本顺序',
      undo: '恢复第一步之前的 Leader 和副本顺序',
    },
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
    zh: {
      moves: '次队列增减',
      restored: ' Topic ',
      as: '原来的读写队列数',
      undo: '恢复原来的写队列数；被移除的队列消费完后再恢复读队列数',
    },
    consent: 'it changes the number of queues of live topics',
    may: 'may get more queues on this broker for a while',
  },
};
