// Imports readings of top, sar, iostat or jstat into a run bundle as telemetry.

import { readRunDocument } from '../../analyzer/evidence/importers/bundle.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { defineCommand } from '../command.ts';
import { printDocument } from '../report.ts';
import { importFile, readRunTime, type Report } from '../../app/readings/import-file.ts';
import { brokerOf, clockOf, importOptions, statedInventory } from '../readings/stated.ts';
import { storedImport, writeImport, type Written } from '../../app/readings/write-import.ts';

export const importReadingsCommand = defineCommand({
  positionals: 'FILE…',
  options: importOptions,
  examples: [
    'plimsoll import readings sar.txt --run runs/20260101-120000 --host mq-1 --timezone Asia/Shanghai --link eth0=1gbit',
    'plimsoll import readings vmstat.txt --run runs/20260101-120000 --host mq-1 --start 2026-01-01T12:00:00+08:00 --interval 1',
  ],

  async run(io) {
    const { positionals: files, options, signal } = io;
    const { run: directory, host } = options;
    if (files.length === 0) throw new AppError('usage', 'no file given: give the files with the output of the tools');
    const document = await readRunDocument(directory, signal);
    if (document.origin !== 'load-test') {
      throw new AppError(
        'usage',
        document.origin === 'redline'
          ? `${directory} is a redline, which already has host readings`
          : `${directory} has manually entered readings without timestamps, so other readings cannot be matched`,
        {
          hint: 'give the bundle of a load test',
        },
      );
    }
    const broker = brokerOf(document, host, options.broker);
    const inventory = statedInventory(options, host);
    const clock = clockOf(options);
    // All are read before the first is written: a mistake in the last one changes nothing.
    const imports = [];
    const given = { document, time: await readRunTime(directory, io), host, broker, inventory, clock, signal };
    for (const file of files) {
      const read = await importFile(file, given);
      await storedImport(directory, read.lines);
      imports.push(read);
    }
    const reports: (Report & Written)[] = [];
    for (const { lines, report } of imports) reports.push({ ...report, ...(await writeImport(directory, lines)) });
    printDocument(io, { schemaVersion: 1, imports: reports }, () => reports.map(renderText).join(''));
    return exitCodes.answered;
  },
});

function renderText({ source, tool, readings, from, to, left, kind, file }: Report & Written): string {
  const lines = [
    kind === 'written'
      ? `${source}: ${readings} readings of ${tool}, ${from} to ${to}, are now in ${file}`
      : `${source}: already imported, in ${file}`,
    ...left.map(({ what, count }) => `  left out: ${what}${count === 1 ? '' : ` (${count})`}`),
  ];
  return `${lines.join('\n')}\n`;
}
