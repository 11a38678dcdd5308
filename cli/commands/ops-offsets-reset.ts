// Moves the offsets of a consumer group by time, offset or shift; shows first which messages it skips or repeats.

import { momentOf } from '../../ops/offsets/reset-target.ts';
import { planMove } from '../../ops/offsets/plan-move.ts';
import { wantedTopic } from '../../ops/offsets/wanted-topic.ts';
import { defineCommand, text } from '../command.ts';
import { aimOf, aimOptions, groupOptions, moveOptions, required, runMove } from '../offsets/run-move.ts';
import { defined } from '../../core/defined.ts';

export const opsOffsetsResetCommand = defineCommand({
  options: {
    ...groupOptions,
    topic: text('TOPIC[:LIST]', 'the topic, or some of its partitions: orders:0,3-5'),
    ...aimOptions,
    ...moveOptions,
  },
  examples: [
    'plimsoll ops offsets reset --cluster orders --group billing --topic order-paid --to-time 2026-11-11T00:00:00+08:00',
    'plimsoll ops offsets reset --cluster orders --group billing --topic order-paid:0,3-5 --shift=-1000',
    'plimsoll ops offsets reset --cluster orders --group billing --topic order-paid --latest --execute --confirm MkU3OEVBNTcwNTJENDM2Qg',
    'plimsoll ops offsets reset --cluster orders --group billing --abort',
  ],

  async run(io) {
    const { group, topic } = io.options;
    await runMove(io, () => {
      const wanted = wantedTopic(required(topic, 'topic'));
      const aim = aimOf(io);
      return ({ offsets }) => ({
        plan: async () => [await planMove(offsets, { group, wanted, aim }, io)],
        ...defined({ moment: momentOf(aim) }),
      });
    });
  },
});
