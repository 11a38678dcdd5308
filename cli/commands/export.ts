// Implements `plimsoll export`: a journal as OpenMessaging Benchmark JSON, HdrHistogram log or CSV.

import { z } from 'zod';
import { readRunDocument } from '../../analyzer/evidence/importers/bundle.ts';
import { AppError } from '../../core/errors.ts';
import { exportRun, exportFormats, type ExportFormatName } from '../../loadgen/record/export/export-run.ts';
import { choice, defineCommand, flag, oneWord, option, printDocument } from '../command.ts';

const names = Object.keys(exportFormats) as ExportFormatName[];

export const exportCommand = defineCommand({
  positionals: 'RUN',
  options: {
    format: option('NAME', names.map((name) => `${name} (${exportFormats[name].summary})`).join('; '), choice(names)),
    out: option('FILE|DIR', 'output file or folder; end a new folder with /', z.string()),
    force: flag('overwrite an existing file'),
    json: flag('print the result as one JSON document'),
  },
  examples: [
    'plimsoll export runs/20260618-010000-ab12 --format omb --out results/',
    'plimsoll export runs/20260618-010000-ab12 --format hlog --out run.hlog',
  ],

  async run(io) {
    const { options, stderr, signal } = io;
    const directory = oneWord(io, 'export', 'the folder of a run');
    const { format, out } = options;
    const document = await readRunDocument(directory, signal);
    if (document.origin !== 'load-test') {
      throw new AppError('usage', `${directory} has manually entered readings, and no journal to export`, {
        hint: '`plimsoll analyze` reads it',
      });
    }
    const { files, notices } = await exportRun(
      { directory, document, format: exportFormats[format], out, force: options.force },
      { signal },
    );
    for (const notice of notices) stderr.write(`notice: ${notice}\n`);
    printDocument(io, { schemaVersion: 1, format, files, notices }, () => files.map((file) => `${file}\n`).join(''));
  },
});
