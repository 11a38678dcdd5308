// Implements `plimsoll history backup`: writes a checked copy while the service runs.

import { existsSync } from 'node:fs';
import { AppError, exitCodes } from '../../core/errors.ts';
import { backUpLedger } from '../../service/history/backup.ts';
import { defineCommand } from '../command.ts';
import { flag, text } from '../option.ts';
import { ledgerOptions, ledgerPlace } from '../history/opened.ts';

export const ledgerBackupCommand = defineCommand({
  name: 'history backup',
  options: {
    ...ledgerOptions,
    out: text('FILE', 'file to write the copy to'),
    force: flag('overwrite FILE'),
  },
  examples: ['plimsoll history backup --out /backup/history-2026-11-21.sqlite'],

  async run(io) {
    const { out, force } = io.options;
    if (typeof out !== 'string') throw new AppError('usage', '--out FILE is missing');
    if (existsSync(out) && force !== true) throw new AppError('file-exists', `${out} already exists`);
    const { file } = await ledgerPlace(io);
    const { entries, lastAt } = backUpLedger(file, out);
    io.stdout.write(
      `${entries} entries${lastAt === undefined ? '' : `, the last of ${lastAt.toISOString()}`}, in ${out}\n`,
    );
    return exitCodes.answered;
  },
});
