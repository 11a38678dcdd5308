// Implements `plimsoll report verify`: checks the hashes and the expiry date of a report.

import { createHash } from 'node:crypto';
import { StoredCapacityReport, type ReportSource } from '../../core/documents/capacity-report.ts';
import { defined } from '../../core/defined.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { wallClock } from '../../core/local-moment.ts';
import { dayText } from '../options.ts';
import { defineCommand, flag, printDocument } from '../command.ts';
import { readDocument } from '../../app/report/read-inputs.ts';
import { columnsOf, renderTable } from '../../core/text/table.ts';
import { readBounded } from '../../app/files/read-bounded.ts';

type State = 'same' | 'changed' | 'missing';

export const reportVerifyCommand = defineCommand({
  positionals: 'REPORT.json FILE...',
  options: { json: flag('print one JSON document') },
  examples: ['plimsoll report verify report.json plan.json verdict.json'],

  async run(io) {
    const { positionals, clock } = io;
    const [path, ...files] = positionals;
    if (path === undefined || files.length === 0) {
      throw new AppError('usage', 'report verify takes a report as JSON, and the files it was made from', {
        hint: 'such as: plimsoll report verify report.json plan.json verdict.json',
      });
    }
    const { data: report } = await readDocument(path, StoredCapacityReport, io);
    const hashes = new Map<string, string>();
    for (const file of files) {
      const text = await readBounded(file, io, { fault: 'report-unreadable' });
      hashes.set(createHash('sha256').update(text).digest('hex'), file);
    }
    const names = new Set(files.map((file) => file.split('/').at(-1)));
    const stateOf = ({ sha256, name }: ReportSource): State =>
      hashes.has(sha256) ? 'same' : names.has(name) ? 'changed' : 'missing';
    const sources = report.sources.map((source) => ({ ...source, state: stateOf(source) }));
    const { expires, timezone } = report;
    const isExpired = dayText(wallClock(clock.now().getTime(), timezone ?? 'UTC')) > expires;
    printDocument(io, { schemaVersion: 1, expires, ...defined({ timezone }), isExpired, sources }, () => {
      const rows = sources.map(({ id, name, state }) => [id, name, state]);
      const table = renderTable(columnsOf(['SOURCE', 'FILE', 'STATE']), rows);
      return `${table}${isExpired ? 'expired' : 'valid until'} ${expires} ${timezone ?? 'UTC'}\n`;
    });
    const holds = !isExpired && sources.every(({ state }) => state === 'same');
    return holds ? exitCodes.answered : exitCodes.threshold;
  },
});
