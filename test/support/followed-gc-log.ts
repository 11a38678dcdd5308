// Follows a recorded GC log as a load test does: two readings, with pauses appended in between.

import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrokerReading } from '../../brokers/figures/broker-reading.ts';
import { watchGcLogs } from '../../app/load-test/telemetry/gc-log-watch.ts';
import { LocalHost } from '../../hosts/config.ts';
import { openHost } from '../../hosts/registry.ts';

/** The second reading of a watch is the first with sums; the third contains its difference. */
export async function gcLogPair(): Promise<{ before: BrokerReading; after: BrokerReading }> {
  const lines = readFileSync(new URL('../fixtures/gc-logs/unified/17-g1-kafka.log', import.meta.url), 'latin1').split(
    /(?<=\n)/,
  );
  const part = (from: number, to?: number) => lines.slice(from, to).join('');
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-gc-pair-'));
  try {
    const file = join(folder, 'gc.log');
    const probe = openHost('mq-1', LocalHost.parse({ probe: 'local', processes: {}, gcLogs: { gc: { files: file } } }));
    await using watch = watchGcLogs({
      brokers: async () => [{ id: '1', address: 'mq-1:9092' }],
      stated: { '1': { host: 'mq-1' } },
      probes: new Map([['mq-1', probe]]),
    });
    const io = { signal: new AbortController().signal };
    const [source] = await watch.sources(io);
    const read = async () => (await source?.read(io))?.[0];
    writeFileSync(file, part(0, 100));
    await read();
    appendFileSync(file, part(100, 200));
    const before = await read();
    appendFileSync(file, part(200));
    const after = await read();
    if (before === undefined || after === undefined) throw new Error('the log was not followed');
    return { before, after };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
