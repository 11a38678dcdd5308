// Implements `plimsoll ops offsets backup`: writes a group's offsets to a file for `ops offsets restore`.

import { AppError } from '../../core/errors.ts';
import { backupFile, backupOf, readTopics, writeBackup } from '../../ops/offsets/backup.ts';
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
    const { positions, notSaved } = await readTopics(offsets, group, topics, { signal });
    const omitted = notSaved.length > 0 && { notSaved };
    const backup = { ...backupOf({ cluster, broker, group }, positions, clock.now()), ...omitted };
    const file = options.out ?? backupFile(stateFolderOf(io), backup);
    await writeBackup(file, backup);
    const committed = positions.filter((each) => each.committed !== undefined).length;
    const saved = [...new Set(positions.map(({ topic }) => topic))].join(', ');
    const left = notSaved.length === 0 ? '' : `; not saved: ${notSaved.map(({ reason }) => reason).join('; ')}`;
    printDocument(
      io,
      { schemaVersion: 1, file, positions: backup.positions, ...omitted },
      () => `offsets of ${group} in ${saved} saved: ${committed}, in ${file}${left}\n`,
    );
  },
});
