// How is the lab ended, so that nothing of it stays?

import { exitCodes } from '../../core/errors.ts';
import { stopLab } from '../../lab/stop-lab.ts';
import type { Command } from '../command.ts';
import { labDirectory, stateDirectoryOption } from '../lab-options.ts';

export const labDownCommand = {
  name: 'lab down',
  options: {
    'state-dir': stateDirectoryOption,
    json: { type: 'boolean', help: 'print one JSON document: { schemaVersion, stopped }' },
  },
  examples: ['plimsoll lab down'],

  async run(io) {
    const directory = labDirectory(io);
    const stopped = await stopLab(directory, io);
    const words = stopped ? 'the lab is down' : `no lab runs in ${directory}`;
    io.stdout.write(io.options['json'] === true ? `${JSON.stringify({ schemaVersion: 1, stopped })}\n` : `${words}\n`);
    return exitCodes.answered;
  },
} satisfies Command;
