// Copies the offsets of a consumer group to another group; shows first which messages that group skips or repeats.

import { AppError } from '../../core/errors.ts';
import type { GroupPosition } from '../../brokers/group-offsets.ts';
import { backupOf, refuseUnknown } from '../../ops/offsets/backup.ts';
import { readPositions } from '../../ops/offsets/plan-move.ts';
import { planRestore } from '../../ops/offsets/plan-restore.ts';
import { defineCommand, text } from '../command.ts';
import { groupOptions, moveOptions, required, runMove } from '../offsets/run-move.ts';

export const opsOffsetsCopyCommand = defineCommand({
  options: {
    ...groupOptions,
    from: text('GROUP', 'the group whose offsets are copied'),
    topic: text('TOPIC', 'only this topic (default: all in which that group has committed)'),
    ...moveOptions,
  },
  examples: [
    'plimsoll ops offsets copy --cluster orders --group billing-v2 --from billing',
    'plimsoll ops offsets copy --cluster orders --group billing-v2 --from billing --topic order-paid --execute --confirm MkU3OEVBNTcwNTJENDM2Qg',
  ],

  async run(io) {
    const { group, topic } = io.options;
    await runMove(io, () => {
      const from = required(io.options.from, 'from');
      if (from === group) throw new AppError('usage', `--from ${from}: that is the group itself`);
      return async ({ cluster, broker, offsets }) => {
        const topics = topic === undefined ? await offsets.topics(from, io) : [topic];
        const positions: GroupPosition[] = [];
        for (const each of topics) positions.push(...(await readPositions(offsets, from, each, io)));
        refuseUnknown(from, positions);
        const committed = positions.filter((each) => each.committed !== undefined);
        if (committed.length === 0) {
          throw new AppError('not-found', `group ${from} has no commit${topic === undefined ? '' : ` in ${topic}`}`, {
            hint: '`plimsoll get groups` lists the groups',
          });
        }
        const copied = { ...backupOf({ cluster, broker, group: from }, committed, io.clock.now()), group };
        return { plan: () => planRestore(offsets, copied, io) };
      };
    });
  },
});
