// Checks that streaming commands without an end stop when their reader exits or at Ctrl-C, and the advice after an interrupted search.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ClusterLookup } from '../../../../brokers/lookup.ts';
import { drivers } from '../../../../brokers/registry.ts';
import { runCommandLine } from '../../../../cli/command-line.ts';
import { commands } from '../../../../cli/registry.ts';
import { seconds, systemClock } from '../../../../core/clock.ts';
import { runWords } from '../../../support/run-words.ts';
import { storedTopics, type StoredCluster } from '../../../support/stored-topics.ts';

const cluster = { name: 'kafka', kind: 'kafka' as const, brokers: [{ id: '1', address: '192.0.2.1:9092' }] };
let stored: StoredCluster;
let reads: number;
beforeEach(() => {
  reads = 0;
  stored = storedTopics({ orders: [[]], paid: [[], []] });
  const lookup: Partial<ClusterLookup> = {
    ...stored.lookup,
    stored: (question, io) => {
      reads++;
      return stored.lookup.stored(question, io);
    },
    topicSizes: async () => ({ kind: 'unsupported', reason: 'not asked' }) as never,
    async [Symbol.asyncDispose]() {},
  };
  vi.spyOn(drivers.kafka, 'lookUp').mockResolvedValue(lookup as ClusterLookup);
  vi.spyOn(drivers.kafka, 'inspect').mockResolvedValue({
    describe: async () => cluster,
    snapshot: async () => ({ cluster, topics: [], offsets: [], groups: [], sections: [] }),
    async [Symbol.asyncDispose]() {},
  });
});
afterEach(() => void vi.restoreAllMocks());

/** @param enough text after which the reader leaves */
const readUntil = (enough: RegExp, ...words: readonly string[]) => endedBy('the reader leaves', enough, ...words);

async function endedBy(by: 'the reader leaves' | 'Ctrl-C', enough: RegExp, ...words: readonly string[]) {
  const [reader, interruption] = [new AbortController(), new AbortController()];
  const written = { stdout: '', stderr: '' };
  const output = { isTerminal: false, columns: 100 };
  const exitCode = await runCommandLine([...words, '--bootstrap', '192.0.2.1:9092'], commands, {
    stdout: {
      ...output,
      readerLeft: reader.signal,
      write(text) {
        written.stdout += text;
        if (enough.test(written.stdout)) (by === 'Ctrl-C' ? interruption : reader).abort();
      },
    },
    stderr: { ...output, write: (text) => void (written.stderr += text) },
    signal: interruption.signal,
    environment: {},
    clock: { ...systemClock, sleep: (_, io) => systemClock.sleep(seconds(0.01), io) },
  });
  return { exitCode, ...written };
}

test.each(['the reader leaves', 'Ctrl-C'] as const)('follows new messages until %s', async (by) => {
  const ended = endedBy(by, /first/, 'get', 'messages', '--topic', 'orders', '--follow');
  // The first read finds the end of the topic.
  await expect.poll(() => reads, { timeout: 15_000 }).toBeGreaterThan(1);
  const message = { topic: 'orders', partition: 0, value: Buffer.from('the first'), properties: [] };
  await stored.sender.send(message, { signal: AbortSignal.timeout(10_000) });
  const { exitCode, stdout, stderr } = await ended;
  expect({ exitCode, stderr, lines: stdout.split('\n').length - 1 }).toEqual({ exitCode: 0, stderr: '', lines: 1 });
});

test('suggests to increase --read if each partition returned only its share of it', async () => {
  const { sender, lookup } = stored;
  const io = { signal: AbortSignal.timeout(10_000) };
  for (const partition of [0, 1, 0, 1, 0, 1]) await sender.send({ topic: 'paid', partition, properties: [] }, io);
  const { stored: read } = lookup;
  lookup.stored = async (...of) => ({ ...(await read(...of)), start: 0n });
  const words = ['get', 'messages', '--topic', 'paid', '--limit', '5', '--read', '5'];
  const { exitCode, stderr } = await runWords(...words, '--bootstrap', '192.0.2.1:9092');
  const notice = 'messages read: 4 (partitions: 2); more are stored: increase --read';
  expect([exitCode, stderr]).toEqual([0, `note: ${notice}\n`]);
});

test('top measures until the reader leaves', async () => {
  const { exitCode, stdout, stderr } = await readUntil(/topics written/, 'top');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout.match(/topics written/g)).toHaveLength(1);
});
