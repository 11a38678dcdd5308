// Writes instances.yaml from the processes that run on the configured hosts.

import { existsSync } from 'node:fs';
import { renderInstances } from '../../app/instances/desired-file.ts';
import { discoverInstances } from '../../app/instances/read-inventory.ts';
import { writeNew } from '../../app/files/write-new.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { defineCommand } from '../command.ts';
import { configFileOption } from '../config-option.ts';
import { flag, text } from '../option.ts';
import { renderJson } from '../report.ts';

export const instancesDiscoverCommand = defineCommand({
  options: {
    config: configFileOption,
    cluster: text('NAME', 'only this cluster; it is also assumed for processes that do not name their cluster'),
    out: text('FILE', 'file to write (default: `instances` of the config file; - for standard output)'),
    force: flag('overwrite an existing file'),
    json: flag('print one JSON document: the path written and the instances found'),
  },
  examples: ['plimsoll instances discover', 'plimsoll instances discover --cluster orders --out -'],

  async run(io) {
    const { options, stdout, stderr } = io;
    if (options.out === '-' && options.json) {
      throw new AppError('usage', '--out - and --json both write to standard output', { hint: 'give one of them' });
    }
    const { file, instances, notices } = await discoverInstances(io);
    const out = options.out ?? file;
    const rendered = renderInstances(instances);
    for (const notice of notices) stderr.write(`note: ${notice}\n`);
    if (out === '-') {
      stdout.write(rendered);
      return exitCodes.answered;
    }
    if (!options.force && existsSync(out))
      throw new AppError('file-exists', `${out} already exists and may have been edited`);
    await writeNew(out, rendered, { force: options.force });
    const count = Object.keys(instances).length;
    stdout.write(options.json ? renderJson({ schemaVersion: 1, file: out, instances, notices }) : `${out}\n`);
    stderr.write(
      `${count} ${count === 1 ? 'instance' : 'instances'} found. Check the file, then: plimsoll instances list\n`,
    );
    return exitCodes.answered;
  },
});
