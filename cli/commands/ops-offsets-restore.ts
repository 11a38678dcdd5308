// Restores the offsets of a consumer group from a backup; shows first what it skips or repeats.

import { z } from 'zod';
import { readBackup } from '../../ops/offsets/backup.ts';
import { planRestore } from '../../ops/offsets/plan-restore.ts';
import { defineCommand } from '../command.ts';
import { option } from '../option.ts';
import { groupOptions, moveOptions } from '../offsets/offset-options.ts';
import { openGroup } from '../../app/change/offsets/open-group.ts';
import { runMove } from '../offsets/run-move.ts';

export const opsOffsetsRestoreCommand = defineCommand({
  name: 'ops offsets restore',
  options: {
    ...groupOptions,
    from: option(
      'FILE',
      'what `ops offsets backup` wrote, or `ops offsets reset` before it moved the group',
      z.string(),
      { missing: 'which backup is it to be put back to?' },
    ),
    ...moveOptions,
  },
  examples: [
    'plimsoll ops offsets restore --cluster orders --group billing --from before-promotion.json',
    'plimsoll ops offsets restore --cluster orders --group billing --from before-promotion.json --execute --confirm MkU3OEVBNTcwNTJENDM2Qg',
  ],

  async run(io) {
    const { group, from } = io.options;
    const opened = await openGroup(io);
    await using _ = opened.offsets;
    const { cluster, broker } = opened;
    const backup = await readBackup(from, { cluster, broker, group });
    return await runMove(io, opened, { group, plans: await planRestore(opened.offsets, backup, io) });
  },
});
