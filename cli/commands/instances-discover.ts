// Writes instances.yaml from the processes that run on the configured hosts.

import { renderInstances } from '../../app/instances/desired-file.ts';
import { discoverInstances } from '../../app/instances/read-inventory.ts';
import { defineCommand, flag, text } from '../command.ts';
import { configFileOption } from '../options.ts';
import { checkProposal, writeProposal } from '../proposed-file.ts';

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
    const { options, stderr } = io;
    checkProposal(options.out, options);
    const { file, instances, notices } = await discoverInstances(io);
    const out = options.out ?? file;
    for (const notice of notices) stderr.write(`note: ${notice}\n`);
    const isInFile = await writeProposal(io, out, renderInstances(instances), { file: out, instances, notices });
    if (!isInFile) return;
    const count = Object.keys(instances).length;
    stderr.write(
      `${count} ${count === 1 ? 'instance' : 'instances'} found. Check the file, then: plimsoll instances list\n`,
    );
  },
});
