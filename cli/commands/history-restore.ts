// Implements `plimsoll history restore`: checks a backup, and moves the current history aside.

import { restoreHistory } from '../../service/history/restore.ts';
import { defineCommand, oneWord } from '../command.ts';
import { authorHere, historyOptions, historyPlace } from '../history/opened.ts';

export const historyRestoreCommand = defineCommand({
  positionals: 'BACKUP',
  options: historyOptions,
  examples: ['plimsoll history restore /backup/history-2026-11-21.sqlite'],

  async run(io) {
    const backup = oneWord(io, 'history restore', 'a file that `plimsoll history backup` wrote');
    const { file } = await historyPlace(io);
    const { entries, lastAt, setAside } = restoreHistory(file, backup, { clock: io.clock, by: authorHere(io) });
    const last = lastAt === undefined ? '' : `, the last of ${lastAt.toISOString()}`;
    io.stdout.write(`restored ${file}: ${entries} ${entries === 1 ? 'entry' : 'entries'}${last}\n`);
    if (setAside !== undefined) io.stdout.write(`the previous history is in ${setAside}\n`);
  },
});
