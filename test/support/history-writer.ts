// Writes entries to the history named on its command line until it is killed, and prints each confirmed one.

import { writeSync } from 'node:fs';
import { systemClock } from '../../core/clock.ts';
import { openHistory } from '../../service/history/sqlite-history.ts';
import { lockHistory } from '../../service/history/writer-lock.ts';
import { annotation } from './history-entries.ts';

const file = process.argv[2] as string;
using _lock = lockHistory(file);
const history = openHistory(file, { clock: systemClock });
for (;;) {
  const { id } = history.append(annotation('x'.repeat(1500)), { name: 'plimsoll', through: 'schedule' });
  writeSync(1, `${id}\n`);
}
