// Moves the offsets of a consumer group by time, offset or shift; shows first what it skips or repeats.

import { z } from 'zod';
import { momentOf } from '../../ops/offsets/reset-target.ts';
import { planMove } from '../../ops/offsets/plan-move.ts';
import { wantedTopic } from '../../ops/offsets/wanted-topic.ts';
import { defineCommand } from '../command.ts';
import { option } from '../option.ts';
import { aimOf, aimOptions, groupOptions, moveOptions } from '../offsets/offset-options.ts';
import { openGroup } from '../../app/change/offsets/open-group.ts';
import { runMove } from '../offsets/run-move.ts';

export const opsOffsetsResetCommand = defineCommand({
  name: 'ops offsets reset',
  options: {
    ...groupOptions,
    topic: option('TOPIC[:LIST]', 'the topic, or some of its partitions: orders:0,3-5', z.string(), {
      missing: 'in which topic is the group moved?',
    }),
    ...aimOptions,
    ...moveOptions,
  },
  examples: [
    'plimsoll ops offsets reset --cluster orders --group billing --topic order-paid --to-time 2026-11-11T00:00:00+08:00',
    'plimsoll ops offsets reset --cluster orders --group billing --topic order-paid:0,3-5 --shift=-1000',
    'plimsoll ops offsets reset --cluster orders --group billing --topic order-paid --latest --execute --confirm MkU3OEVBNTcwNTJENDM2Qg',
  ],

  async run(io) {
    const { group, topic } = io.options;
    const wanted = wantedTopic(topic);
    const aim = aimOf(io);
    const opened = await openGroup(io);
    await using _ = opened.offsets;
    const plan = await planMove(opened.offsets, { group, wanted, aim }, io);
    const moment = plan.isWhole ? momentOf(aim) : undefined;
    return await runMove(io, opened, { group, plans: [plan], ...(moment && { moment }) });
  },
});
