// Lists the newest history entries, or prints one with its document.

import { defined } from '../../core/defined.ts';
import { AppError } from '../../core/errors.ts';
import { changeKinds, historyEntryKinds } from '../../core/documents/history-entry.ts';
import { momentOf } from '../../ops/offsets/moment.ts';
import { hasColours } from '../command-line.ts';
import { choice, defineCommand, flag, list, option, printDocument, renderJson, text, wholeNumber } from '../command.ts';
import { historyTable } from '../history/entry-text.ts';
import { historyOptions, openForReading } from '../history/opened.ts';

const usualEntries = 20;

export const historyShowCommand = defineCommand({
  positionals: '[ID]',
  options: {
    ...historyOptions,
    cluster: text('NAME', 'only of this cluster'),
    domain: text('NAME', 'only of this business domain'),
    kind: list('KIND', `only these: ${historyEntryKinds.join(', ')}`, choice(historyEntryKinds)),
    change: option('KIND', `only changes of one kind: ${changeKinds.join(', ')}`, choice(changeKinds).optional()),
    since: text('TIME', 'only from this time on, such as 2026-11-11T00:00:00+08:00'),
    until: text('TIME', 'only before this time'),
    limit: option('N', `entries, 1 to 500 (default ${usualEntries})`, wholeNumber(1, 500).default(usualEntries)),
    json: flag('print one JSON document'),
  },
  examples: [
    'plimsoll history show',
    'plimsoll history show --cluster orders --kind test',
    'plimsoll history show --change acknowledged --since 2026-11-11T00:00:00+08:00',
    'plimsoll history show 42 --json',
  ],

  async run(io) {
    const { positionals, options, stdout, environment, clock } = io;
    const [id, ...others] = positionals;
    if (others.length > 0) throw new AppError('usage', 'give one id, or none');
    using history = await openForReading(io);
    if (id !== undefined) {
      const entry = history.entry(/^\d{1,15}$/.test(id) ? Number(id) : Number.NaN);
      if (entry === undefined) {
        throw new AppError('not-found', `no entry ${id} in the history`, {
          hint: '`plimsoll history show` lists them',
        });
      }
      // Documents are printed as JSON, for programs and people.
      stdout.write(renderJson({ schemaVersion: 1, entry }));
      return;
    }
    const { cluster, domain, kind: kinds, change, since, until, limit } = options;
    const moment = (text: string | undefined, name: string) =>
      text === undefined
        ? undefined
        : momentOf(text, name, clock.now(), `without --${name}, the newest entries are listed`);
    const times = { sinceMs: moment(since, 'since'), untilMs: moment(until, 'until') };
    const wanted = defined({ cluster, domain, change, ...times });
    const entries = history.entries({ limit, ...wanted, ...(kinds.length > 0 && { kinds }) });
    printDocument(io, { schemaVersion: 1, entries }, () =>
      entries.length === 0 ? 'no entries\n' : historyTable(entries, { colours: hasColours(stdout, environment) }),
    );
  },
});
