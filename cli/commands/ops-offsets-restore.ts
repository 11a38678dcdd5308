// Restores the offsets of a consumer group from a backup; shows first which messages it skips or repeats.

import { actionOf } from '../../app/change/run-change.ts';
import { readBackup } from '../../ops/offsets/backup.ts';
import { planRestore } from '../../ops/offsets/plan-restore.ts';
import { defineCommand, text } from '../command.ts';
import { continueMove, groupOptions, moveOptions, required, runMove } from '../offsets/run-move.ts';
import { openGroup } from '../../app/change/offsets/open-group.ts';

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
    const action = actionOf(io.options);
    if (action === 'resume' || action === 'abort') return await continueMove(io, action);
    const from = required(io.options.from, 'from');
    const opened = await openGroup(io);
    await using _ = opened.offsets;
    const { cluster, broker } = opened;
    const backup = await readBackup(from, { cluster, broker, group });
    return await runMove(io, opened, { group, plan: () => planRestore(opened.offsets, backup, io) });
  },
});
