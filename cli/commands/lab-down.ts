// Implements `plimsoll lab down`.

import { stopLab } from '../../lab/stop-lab.ts';
import { defineCommand, flag } from '../command.ts';
import { labDirectory, stateDirectoryOption } from '../options.ts';

export const labDownCommand = defineCommand({
  options: {
    'state-dir': stateDirectoryOption,
    json: flag('print one JSON document: { schemaVersion, stopped }'),
  },
  examples: ['plimsoll lab down'],

  async run(io) {
    const directory = labDirectory(io);
    const stopped = await stopLab(directory, io);
    const text = stopped ? 'the lab is down' : `no lab runs in ${directory}`;
    io.stdout.write(io.options.json ? `${JSON.stringify({ schemaVersion: 1, stopped })}\n` : `${text}\n`);
  },
});
