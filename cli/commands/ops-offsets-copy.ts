// Copies the offsets of a consumer group to another group; shows first which messages that group skips or repeats.

import { AppError } from '../../core/errors.ts';
import { findingIf } from '../../ops/change/change-kind.ts';
import { backupOf, readTopics } from '../../ops/offsets/backup.ts';
import type { MovePlan } from '../../ops/offsets/plan-move.ts';
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
        const { positions, notSaved } = await readTopics(offsets, from, topics, io);
        const committed = positions.filter((each) => each.committed !== undefined);
        if (committed.length === 0) {
          throw new AppError('not-found', `group ${from} has no commit${topic === undefined ? '' : ` in ${topic}`}`, {
            hint: '`plimsoll get groups` lists the groups',
          });
        }
        const copied = { ...backupOf({ cluster, broker, group: from }, committed, io.clock.now()), group };
        const [reasons, names] = [notSaved.map(({ reason }) => reason), notSaved.map((each) => each.topic)];
        const omitted = findingIf(notSaved.length > 0, 'warning', 'topics-not-copied', {
          en: `Not copied: ${reasons.join('; ')}. Group ${group} keeps its offsets there.`,
          zh: `无法复制以下 Topic 的位点：${names.join('、')}。消费组 ${group} 在其中的位点保持不变。`,
        });
        const withOmitted = (plan: MovePlan) => ({ ...plan, findings: [...plan.findings, ...omitted] });
        return { plan: async () => (await planRestore(offsets, copied, io)).map(withOmitted) };
      };
    });
  },
});
