// Takes the lease of a cluster in a separate process, as an operator would: CONFIG OWNER EXPIRY [take-over]. It releases the lease at the end of its input.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parse } from 'yaml';
import { ClusterConfig } from '../../brokers/config.ts';
import { openLeaseStore } from '../../brokers/open-by-kind.ts';
import { seconds, systemClock } from '../../core/clock.ts';
import { acquireLease } from '../../ops/change/acquire-lease.ts';

const [configPath = '', owner = '', expiry = '', takeOver] = process.argv.slice(2);
const say = (word: object) => process.stdout.write(`${JSON.stringify(word)}\n`);

const { clusters } = parse(await readFile(configPath, 'utf8')) as { clusters: { lab: unknown } };
await using store = await openLeaseStore('lab', ClusterConfig.parse(clusters.lab));
const claim = { owner, host: hostname(), change: 'reassign', subject: 'topic orders' };
const io = {
  clock: systemClock,
  signal: new AbortController().signal,
  tell: (line: string) => void process.stderr.write(`${line}\n`),
  expiry: seconds(Number(expiry)),
};
const outcome = await acquireLease(store, claim, io, { ...(takeOver !== undefined && { takeOver: async () => {} }) });
if (outcome.kind === 'acquired') {
  await using lease = outcome.lease;
  say({ kind: 'acquired' });
  const ended = once(process.stdin.resume(), 'end').then(() => true);
  while (!lease.isLost()) if (await Promise.race([ended, delay(100)])) break;
  if (lease.isLost()) {
    try {
      lease.check();
    } catch (cause) {
      say({ kind: 'lost', message: (cause as Error).message });
    }
  }
} else {
  say({ kind: outcome.kind, ...('holder' in outcome && { holder: outcome.holder }) });
}
process.stdin.destroy();
