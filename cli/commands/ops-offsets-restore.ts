// Restores the offsets of a consumer group from a backup; shows first which messages it skips or repeats.

import { readBackup } from '../../ops/offsets/backup.ts';
import { planRestore } from '../../ops/offsets/plan-restore.ts';
import { defineCommand, text } from '../command.ts';
import { groupOptions, moveOptions, required, runMove } from '../offsets/run-move.ts';

export const opsOffsetsRestoreCommand = defineCommand({
  options: {
    ...groupOptions,
    from: text('FILE', 'backup written by `ops offsets backup`, or by `ops offsets reset` before it moved the group'),
    ...moveOptions,
  },
  examples: [
    'plimsoll ops offsets restore --cluster orders --group billing --from before-promotion.json',
    'plimsoll ops offsets restore --cluster orders --group billing --from before-promotion.json --execute --confirm MkU3OEVBNTcwNTJENDM2Qg',
  ],

  async run(io) {
    const { group } = io.options;
    await runMove(io, () => {
      const from = required(io.options.from, 'from');
      return async ({ cluster, broker, offsets }) => {
        const backup = await readBackup(from, { cluster, broker, group });
        return { plan: () => planRestore(offsets, backup, io) };
      };
    });
  },
});
