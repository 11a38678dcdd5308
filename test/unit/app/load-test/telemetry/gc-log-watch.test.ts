// Follows real files through the local probe.

import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchGcLogs } from '../../../../../app/load-test/telemetry/gc-log-watch.ts';
import { LocalHost } from '../../../../../hosts/config.ts';
import type { ProcessReading } from '../../../../../core/documents/evidence/process-reading.ts';
import type { PauseCounts } from '../../../../../hosts/gc-tail/pause-counts.ts';
import type { HostProbe } from '../../../../../hosts/probe.ts';
import { openHost } from '../../../../../hosts/registry.ts';

const whole = readFileSync(new URL('../../../../fixtures/gc-logs/unified/17-g1-kafka.log', import.meta.url), 'latin1');
const lines = whole.split(/(?<=\n)/);
const [first, second] = [lines.slice(0, 200).join(''), lines.slice(200).join('')];
const pausesIn = (text: string) => text.match(/ Pause .*ms$/gm)?.length ?? 0;
const io = { signal: new AbortController().signal };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-gc-watch-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const fileOf = (name: string) => join(folder, `${name}.log`);

/** Follows `logs` on one host under their names. */
function watch(logs: readonly string[], stated: Readonly<Record<string, { host: string; process?: string }>>) {
  const gcLogs = Object.fromEntries(logs.map((name) => [name, { files: fileOf(name) }]));
  const probe = openHost('mq-1', LocalHost.parse({ probe: 'local', processes: {}, gcLogs }));
  const brokers = Object.keys(stated).map((id) => ({ id, address: 'mq-1:9092' }));
  return watchGcLogs({ brokers: async () => brokers, stated, probes: new Map([['mq-1', probe]]) });
}

test('the only GC log of a host with one broker belongs to that broker', async () => {
  writeFileSync(fileOf('gc'), first);
  await using gcLogs = watch(['gc'], { '1': { host: 'mq-1' } });
  const [source, ...others] = await gcLogs.sources(io);
  expect(others).toEqual([]);
  expect(await source?.read(io)).toEqual([{ broker: '1', source: 'gc-log', counters: {}, figures: {} }]);
  appendFileSync(fileOf('gc'), second);
  expect(await source?.read(io)).toMatchObject([
    { counters: { pauses: pausesIn(second) }, figures: { longestPauseSeconds: expect.any(Number) } },
  ]);
});

test('with several logs, each broker has the log that the config names as its process', async () => {
  for (const name of ['a', 'b']) writeFileSync(fileOf(name), first);
  await using gcLogs = watch(['a', 'b'], { '1': { host: 'mq-1', process: 'b' }, '2': { host: 'mq-1', process: 'a' } });
  const sources = await gcLogs.sources(io);
  await Promise.all(sources.map((source) => source.read(io)));
  appendFileSync(fileOf('a'), second);
  const read = (await Promise.all(sources.map((source) => source.read(io)))).flat();
  expect(read).toMatchObject([
    { broker: '1', counters: {} },
    { broker: '2', counters: { pauses: pausesIn(second) } },
  ]);
});

test('the only GC log of a host does not belong to the broker if another process writes it', async () => {
  const reading = { name: 'rocketmq-namesrv', unreadBytes: 0 };
  const processes = [
    {
      state: 'running',
      name: 'rocketmq-namesrv',
      restarts: 0,
      process: { ports: [9876] },
    } as unknown as ProcessReading,
  ];
  const counts: PauseCounts = {
    sample: async () => ({ processes, logs: [reading] }),
    take: () => ({}),
    [Symbol.asyncDispose]: async () => {},
  };
  const probe = { countPauses: () => counts } as unknown as HostProbe;
  await using gcLogs = watchGcLogs({
    brokers: async () => [{ id: 'broker-a:0', address: 'mq-1:10911' }],
    stated: { 'broker-a:0': { host: 'mq-1' } },
    probes: new Map([['mq-1', probe]]),
  });
  const [source] = await gcLogs.sources(io);
  await expect(source?.read(io)).rejects.toThrow(
    'it is unknown which GC log of host mq-1 belongs to broker broker-a:0',
  );
});

test('reports a log whose broker is unknown, and a missing log', async () => {
  await using gcLogs = watch(['a', 'b'], { '1': { host: 'mq-1' }, '2': { host: 'mq-1', process: 'a' } });
  const [unknown, missing] = await gcLogs.sources(io);
  await expect(unknown?.read(io)).rejects.toThrow(
    'it is unknown which GC log of host mq-1 belongs to broker 1 (a, b): state that name as `process` of the broker',
  );
  await expect(missing?.read(io)).rejects.toThrow(`no file matches ${fileOf('a')}`);
});

test('a host without a GC log has a source without readings, and a broker without a host has none', async () => {
  await using gcLogs = watch([], { '1': { host: 'mq-1' }, '2': { host: 'elsewhere' } });
  const sources = await gcLogs.sources(io);
  expect(sources.map(({ name }) => name)).toEqual(['GC log of broker 1']);
  expect(await sources[0]?.read(io)).toEqual([]);
});
