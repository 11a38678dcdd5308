// What stands in the ledger? The newest entries, or one with its document.

import { AppError, exitCodes } from '../../core/errors.ts';
import { ledgerEntryKinds, type LedgerEntryKind } from '../../core/documents/history-entry.ts';
import type { Command, CommandIo } from '../command.ts';
import { ledgerTable } from '../history/entry-text.ts';
import { ledgerOptions, openForReading } from '../history/opened.ts';
import { numberOption } from '../number-option.ts';

const usualEntries = 20;

export const ledgerShowCommand = {
  name: 'history show',
  positionals: '[ID]',
  options: {
    ...ledgerOptions,
    cluster: { type: 'string', value: 'NAME', help: 'only of this cluster' },
    domain: { type: 'string', value: 'NAME', help: 'only of this business domain' },
    kind: { type: 'string', value: 'KIND', help: `only these: ${ledgerEntryKinds.join(', ')}`, multiple: true },
    limit: { type: 'string', value: 'N', help: `entries, 1 to 500 (default ${usualEntries})` },
    json: { type: 'boolean', help: 'print one JSON document' },
  },
  examples: [
    'plimsoll history show',
    'plimsoll history show --cluster orders --kind test',
    'plimsoll history show 42 --json',
  ],

  async run(io) {
    const { positionals, options, stdout, environment } = io;
    const [id, ...others] = positionals;
    if (others.length > 0) throw new AppError('usage', 'give one id, or none');
    const isJson = options['json'] === true;
    const text = (name: string) => (typeof options[name] === 'string' ? options[name] : undefined);
    const limit = numberOption(options, 'limit') ?? usualEntries;
    if (!(Number.isInteger(limit) && limit >= 1 && limit <= 500)) {
      throw new AppError('usage', `--limit ${limit}: take 1 to 500`);
    }
    const kinds = kindsIn(options);
    using ledger = await openForReading(io);
    const print = (document: object) => stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
    if (id !== undefined) {
      const entry = ledger.entry(/^\d{1,15}$/.test(id) ? Number(id) : Number.NaN);
      if (entry === undefined) {
        throw new AppError('not-found', `no entry ${id} in the history`, {
          hint: '`plimsoll history show` lists them',
        });
      }
      // A document is read by programs, or by a person as it is.
      print({ schemaVersion: 1, entry });
      return exitCodes.answered;
    }
    const [cluster, domain] = [text('cluster'), text('domain')];
    const entries = ledger.entries({
      limit,
      ...(cluster !== undefined && { cluster }),
      ...(domain !== undefined && { domain }),
      ...(kinds && { kinds }),
    });
    if (isJson) print({ schemaVersion: 1, entries });
    else if (entries.length === 0) stdout.write('no entries\n');
    else stdout.write(ledgerTable(entries, { colours: stdout.isTerminal && !environment['NO_COLOR'] }));
    return exitCodes.answered;
  },
} satisfies Command;

function kindsIn({ kind }: CommandIo['options']): LedgerEntryKind[] | undefined {
  if (kind === undefined || typeof kind === 'boolean') return undefined;
  return [kind].flat().map((given) => {
    const known = ledgerEntryKinds.find((each) => each === given);
    if (known !== undefined) return known;
    throw new AppError('usage', `--kind ${given} is not a kind of entry`, {
      hint: `kinds: ${ledgerEntryKinds.join(', ')}`,
    });
  });
}
