// Implements `plimsoll lab seed`: fills a lab with messages, groups in every state and special messages.

import { AppError } from '../../core/errors.ts';
import { readLabStatus } from '../../lab/lab-status.ts';
import { seedLab } from '../../lab/seed/seed-lab.ts';
import type { Seeded } from '../../lab/seed/seeded-cluster.ts';
import { type CommandIo, defineCommand, flag, printDocument } from '../command.ts';
import { loadConfig } from '../../app/config/config-file.ts';
import { labDirectory, stateDirectoryOption } from '../options.ts';
import { progressLine } from '../progress-bar.ts';

export const labSeedCommand = defineCommand({
  options: {
    'state-dir': stateDirectoryOption,
    json: flag('print one JSON document: { schemaVersion, topics, groups }'),
  },
  examples: ['plimsoll lab seed', 'plimsoll lab seed --json'],

  async run(io) {
    const config = await labCluster(io);
    const progress = progressLine(io.stderr);
    const seeding = seedLab('lab', config, { signal: io.signal, progress: progress.show });
    const { topics, groups } = await seeding.finally(progress.clear);
    printDocument(io, { schemaVersion: 1, topics, groups }, () => renderText({ topics, groups }));
  },
});

/** Only the lab: no test messages or commits go to any other cluster. */
async function labCluster(io: CommandIo) {
  const directory = labDirectory(io);
  const status = readLabStatus(directory);
  if (status.kind !== 'ready') {
    const why =
      status.kind === 'none'
        ? 'no lab runs'
        : status.kind === 'starting'
          ? 'the lab is still starting'
          : 'the lab was interrupted while it started';
    throw new AppError('usage', `cannot fill the lab: ${why} in ${directory}`, {
      hint: 'start one with `plimsoll lab up kafka` or `plimsoll lab up rocketmq`',
    });
  }
  const { clusters } = await loadConfig(status.configPath, io);
  const config = clusters['lab'];
  if (config !== undefined) return config;
  throw new AppError('config-invalid', `${status.configPath} names no cluster lab`, {
    hint: 'the file was edited; `plimsoll lab down` and `plimsoll lab up` create it again',
  });
}

function renderText({ topics, groups }: Seeded): string {
  const width = Math.max(...[...topics, ...groups].map(({ name }) => name.length));
  const counted = topics.map(
    ({ name, messages, added }) =>
      `  ${name.padEnd(width)}  ${messages} ${messages === 1 ? 'message' : 'messages'}${added === 0 ? '' : `, ${added} of them new`}`,
  );
  const status = groups.map(({ name, state }) => `  ${name.padEnd(width)}  ${state.replaceAll('-', ' ')}`);
  return ['topics', ...counted, 'consumer groups', ...status, ''].join('\n');
}
