// Prints every history entry, oldest first, as one line or one element each.

import { choice, defineCommand, option, text } from '../command.ts';
import { historyOptions, openForReading } from '../history/opened.ts';

export const historyExportCommand = defineCommand({
  options: {
    ...historyOptions,
    cluster: text('NAME', 'only of this cluster'),
    format: option(
      'ndjson|json',
      'one line per entry, or one document (default ndjson)',
      choice(['ndjson', 'json']).default('ndjson'),
    ),
  },
  examples: ['plimsoll history export > history.ndjson', 'plimsoll history export --format json --cluster orders'],

  async run(io) {
    const { options, stdout, signal } = io;
    const { format, cluster } = options;
    using history = await openForReading(io);
    const isJson = format === 'json';
    let written = 0;
    if (isJson) stdout.write('{"schemaVersion":1,"entries":[');
    for (const entry of history.all()) {
      signal.throwIfAborted();
      if (typeof cluster === 'string' && entry.cluster !== cluster) continue;
      const line = JSON.stringify(entry);
      stdout.write(isJson ? `${written > 0 ? ',' : ''}\n${line}` : `${line}\n`);
      written++;
      // Waits for the reader, so that the whole history is never in memory.
      await stdout.drained?.({ signal });
    }
    if (isJson) stdout.write('\n]}\n');
  },
});
