// Restores the offsets of a consumer group from a backup; shows first which messages it skips or repeats.

import { AppError } from '../../core/errors.ts';
import { readBackup } from '../../ops/offsets/backup.ts';
import { planRestore } from '../../ops/offsets/plan-restore.ts';
import { defineCommand, text } from '../command.ts';
import { groupOptions, moveOptions, required, runMove } from '../offsets/run-move.ts';

export const opsOffsetsRestoreCommand = defineCommand({
  options: {
    ...groupOptions,
    from: text('FILE', 'backup written by `ops offsets backup`, or by `ops offsets reset` before it moved the group'),
    topic: text('TOPIC', 'only this topic (default: all of the backup)'),
    ...moveOptions,
  },
  examples: [
    'plimsoll ops offsets restore --cluster orders --group billing --from before-promotion.json',
    'plimsoll ops offsets restore --cluster orders --group billing --from before-promotion.json --execute --confirm MkU3OEVBNTcwNTJENDM2Qg',
  ],

  async run(io) {
    const { group, topic } = io.options;
    await runMove(io, () => {
      const from = required(io.options.from, 'from');
      return async ({ cluster, broker, offsets }) => {
        const { positions: all } = await readBackup(from, { cluster, broker, group });
        const positions = all.filter((each) => topic === undefined || each.topic === topic);
        if (topic !== undefined && positions.length === 0)
          throw new AppError('not-found', `the backup ${from} has no topic ${topic}`);
        return { plan: () => planRestore(offsets, { group, positions }, io) };
      };
    });
  },
});
