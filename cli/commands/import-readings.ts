// How do readings somebody took with top, sar, iostat or jstat come into a run? Each file becomes telemetry of its bundle.

import { readRunDocument } from '../../analyzer/evidence/importers/bundle.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import type { Command } from '../command.ts';
import { importFile, type Report } from '../readings/import-file.ts';
import { brokerOf, clockOf, statedInventory, stringOption } from '../readings/stated.ts';
import { writeImport, type Written } from '../readings/write-import.ts';

export const importReadingsCommand = {
  name: 'import readings',
  positionals: 'FILE…',
  options: {
    run: { type: 'string', value: 'RUN', help: 'folder of the run bundle' },
    host: { type: 'string', value: 'NAME', help: 'machine the readings are of, as run.json names it' },
    broker: { type: 'string', value: 'ID', help: 'broker that ran on it, where run.json does not tell' },
    timezone: {
      type: 'string',
      value: 'ZONE',
      help: 'zone of that machine, such as Asia/Shanghai or +08:00, where the tool prints local time',
    },
    start: {
      type: 'string',
      value: 'TIME',
      help: 'when its first line was printed (ISO 8601), where it prints no time',
    },
    interval: { type: 'string', value: 'SECONDS', help: 'between two readings, where the tool prints no time' },
    'clock-offset': {
      type: 'string',
      value: 'SECONDS',
      help: 'added to every time: by how much the clock of that machine was behind (default 0)',
    },
    cores: { type: 'string', value: 'N', help: 'cores of the machine, where neither the tool nor run.json tells' },
    memory: { type: 'string', value: 'SIZE', help: 'memory of the machine, such as 48GiB, where neither tells' },
    link: {
      type: 'string',
      value: 'CARD=SPEED',
      multiple: true,
      help: 'speed of a network card per direction, such as eth0=1gbit; may be given several times',
    },
    json: { type: 'boolean', help: 'print one JSON document: { schemaVersion, imports }' },
  },
  examples: [
    'plimsoll import readings sar.txt --run runs/20260101-120000 --host mq-1 --timezone Asia/Shanghai --link eth0=1gbit',
    'plimsoll import readings vmstat.txt --run runs/20260101-120000 --host mq-1 --start 2026-01-01T12:00:00+08:00 --interval 1',
  ],

  async run(io) {
    const { positionals: files, options, stdout, signal } = io;
    const directory = stringOption(options, 'run');
    const host = stringOption(options, 'host');
    if (files.length === 0) throw new AppError('usage', 'no file is given: name what the tools printed');
    if (directory === undefined) throw new AppError('usage', '--run is needed: the bundle that the readings belong to');
    if (host === undefined) {
      throw new AppError('usage', '--host is needed: the machine the readings are of, as run.json names it');
    }
    const document = await readRunDocument(directory, signal);
    if (document.origin === 'readings') {
      throw new AppError(
        'usage',
        `${directory} is made of written figures: it has no clock readings could be placed on`,
        {
          hint: 'give the bundle of a load test',
        },
      );
    }
    const broker = brokerOf(document, host, stringOption(options, 'broker'));
    const inventory = statedInventory(options, host);
    const clock = clockOf(options);
    // All are read before the first is written: a mistake in the last one changes nothing.
    const imports = [];
    for (const file of files)
      imports.push(await importFile(file, { document, host, broker, inventory, clock, signal }));
    const reports = [];
    for (const { lines, report } of imports) reports.push({ ...report, ...(await writeImport(directory, lines)) });
    stdout.write(
      options['json'] === true
        ? `${JSON.stringify({ schemaVersion: 1, imports: reports }, undefined, 2)}\n`
        : reports.map(renderText).join(''),
    );
    return exitCodes.answered;
  },
} satisfies Command;

function renderText({ source, tool, readings, from, to, left, kind, file }: Report & Written): string {
  const lines = [
    kind === 'written'
      ? `${source}: ${readings} readings of ${tool}, ${from} to ${to}, are now in ${file}`
      : `${source}: was imported before, it is in ${file}`,
    ...left.map(({ what, count }) => `  left out: ${what}${count === 1 ? '' : ` (${count})`}`),
  ];
  return `${lines.join('\n')}\n`;
}
