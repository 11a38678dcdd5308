// Implements `plimsoll history backup`: writes a checked copy while the service runs.

import { existsSync } from 'node:fs';
import { AppError } from '../../core/errors.ts';
import { backUpHistory } from '../../service/history/backup.ts';
import { defineCommand, flag, text } from '../command.ts';
import { historyOptions, historyPlace } from '../history/opened.ts';

export const historyBackupCommand = defineCommand({
  options: {
    ...historyOptions,
    out: text('FILE', 'file to write the copy to'),
    force: flag('overwrite an existing file'),
  },
  examples: ['plimsoll history backup --out /backup/history-2026-11-21.sqlite'],

  async run(io) {
    const { out, force } = io.options;
    if (typeof out !== 'string') throw new AppError('usage', '--out FILE is missing');
    if (existsSync(out) && force !== true) throw new AppError('file-exists', `${out} already exists`);
    const { file } = await historyPlace(io);
    const { entries, lastAt } = backUpHistory(file, out);
    io.stdout.write(
      `${entries} ${entries === 1 ? 'entry' : 'entries'}${lastAt === undefined ? '' : `, the last of ${lastAt.toISOString()}`}, in ${out}\n`,
    );
  },
});
