// What would putting a consumer group back to a backup skip or repeat? Puts it back on request.

import { AppError } from '../../core/errors.ts';
import { readBackup } from '../../ops/offsets/backup.ts';
import { planRestore } from '../../ops/offsets/plan-restore.ts';
import type { Command } from '../command.ts';
import { groupOf, groupOptions, moveOptions, openGroup } from '../offsets/offset-options.ts';
import { runMove } from '../offsets/run-move.ts';

export const opsOffsetsRestoreCommand = {
  name: 'ops offsets restore',
  options: {
    ...groupOptions,
    from: {
      type: 'string',
      value: 'FILE',
      help: 'what `ops offsets backup` wrote, or `ops offsets reset` before it moved the group',
    },
    ...moveOptions,
  },
  examples: [
    'plimsoll ops offsets restore --cluster orders --group billing --from before-promotion.json',
    'plimsoll ops offsets restore --cluster orders --group billing --from before-promotion.json --execute --confirm MkU3OEVBNTcwNTJENDM2Qg',
  ],

  async run(io) {
    const group = groupOf(io);
    const { from } = io.options;
    if (typeof from !== 'string')
      throw new AppError('usage', '--from is missing: which backup is it to be put back to?');
    const opened = await openGroup(io);
    await using _ = opened.offsets;
    const { cluster, broker } = opened;
    const backup = await readBackup(from, { cluster, broker, group });
    return await runMove(io, opened, { group, plans: await planRestore(opened.offsets, backup, io) });
  },
} satisfies Command;
