// Implements `plimsoll ops offsets backup`: writes a group's offsets to a file for `ops offsets restore`.

import { AppError } from '../../core/errors.ts';
import { backupFile, backupOf, refuseUnknown, writeBackup } from '../../ops/offsets/backup.ts';
import { readPositions } from '../../ops/offsets/plan-move.ts';
import type { GroupPosition } from '../../brokers/group-offsets.ts';
import { stateFolderOf } from '../../app/caller.ts';
import { defineCommand, flag, printDocument, text } from '../command.ts';
import { groupOptions } from '../offsets/run-move.ts';
import { openGroup } from '../../app/change/offsets/open-group.ts';

export const opsOffsetsBackupCommand = defineCommand({
  options: {
    ...groupOptions,
    topic: text('TOPIC', 'only this topic (default: all in which the group has committed)'),
    out: text('FILE', 'output file (default: offset-backups/ in the state folder, named after group and time)'),
    'state-dir': text('DIR', 'state folder for backups (default: the XDG state folder)'),
    json: flag('print one JSON document: { schemaVersion, file, positions, notSaved? }'),
  },
  examples: [
    'plimsoll ops offsets backup --cluster orders --group billing',
    'plimsoll ops offsets backup --cluster orders --group billing --out before-promotion.json',
  ],

  async run(io) {
    const { options, clock, signal } = io;
    const { group } = io.options;
    const { cluster, broker, offsets } = await openGroup(io);
    await using _ = offsets;
    const topics = options.topic !== undefined ? [options.topic] : await offsets.topics(group, { signal });
    if (topics.length === 0) {
      throw new AppError('not-found', `group ${group} has no commit in cluster ${cluster}: nothing to back up`, {
        hint: '`plimsoll get groups` lists its groups',
      });
    }
    const positions: GroupPosition[] = [];
    const notSaved: { topic: string; reason: string }[] = [];
    for (const topic of topics) {
      try {
        positions.push(...(await readPositions(offsets, group, topic, { signal })));
      } catch (cause) {
        // A static topic of RocketMQ must not prevent the backup of the others.
        const isLast = notSaved.length + 1 === topics.length;
        if (isLast || !(cause instanceof AppError) || cause.code !== 'unsupported-broker') throw cause;
        notSaved.push({ topic, reason: cause.message });
      }
    }
    refuseUnknown(group, positions);
    const backup = backupOf({ cluster, broker, group }, positions, clock.now());
    const file = options.out ?? backupFile(stateFolderOf(io), backup);
    await writeBackup(file, backup);
    const committed = positions.filter((each) => each.committed !== undefined).length;
    const saved = [...new Set(positions.map(({ topic }) => topic))].join(', ');
    const left = notSaved.length === 0 ? '' : `; not saved: ${notSaved.map(({ reason }) => reason).join('; ')}`;
    printDocument(
      io,
      { schemaVersion: 1, file, positions: backup.positions, ...(notSaved.length > 0 && { notSaved }) },
      () => `offsets of ${group} in ${saved} saved: ${committed}, in ${file}${left}\n`,
    );
  },
});
