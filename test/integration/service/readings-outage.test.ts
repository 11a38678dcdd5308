// Stops a real broker under load for a while, and checks rate and gap in the recorded readings of the service.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { ignoreFault } from '../../../core/errors.ts';
import { driverOf } from '../../../brokers/registry.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startRocketmq } from '../../support/rocketmq.ts';
import { servePlimsoll, type ServedPlimsoll } from '../../support/served-plimsoll.ts';

const topic = 'recorded';
const messagesPerTurn = 20;
const turnMs = 100;
const generatedTps = (messagesPerTurn * 1000) / turnMs;
const slotMs = 15_000;
const stoppedMs = 75_000;

const Answer = z.object({
  series: z.array(
    z.object({ figure: z.string(), runs: z.array(z.object({ from: z.string(), mean: z.array(z.number()) })) }),
  ),
});

/** Milliseconds since the epoch and value of each known slot. */
async function pointsOf(service: ServedPlimsoll, figure: string): Promise<[atMs: number, value: number][]> {
  const answer = await service.get('/api/v1/clusters/lab/readings?range=1h');
  const runs = Answer.parse(await answer.json()).series.find((each) => each.figure === figure)?.runs ?? [];
  return runs.flatMap(({ from, mean }) =>
    mean.map((value, slot): [number, number] => [Date.parse(from) + slot * slotMs, value]),
  );
}

const recorded = () =>
  requires('java').test(
    'the recorded readings show the generated rate, a gap while the broker is stopped, and the rate again',
    async () => {
      await using rocketmq = await startRocketmq();
      await using opened = new AsyncDisposableStack();
      const folder = await mkdtemp(join(tmpdir(), 'plimsoll-readings-'));
      opened.defer(() => rm(folder, { recursive: true }));
      const { config } = rocketmq;
      const stop = new AbortController();
      const io = { signal: stop.signal };
      await using admin = await driverOf(config).administer('lab', config, io);
      await admin.createTopic({ name: topic, partitions: 2, replicationFactor: 1 }, io);
      await using traffic = await driverOf(config).traffic('lab', config, io);
      await using producer = await traffic.producer({ acks: 'leader' });
      const values = Array.from({ length: messagesPerTurn }, () => Buffer.alloc(100, 'x'));
      let isStopped = false;
      // Scheduled by due times, so that a slow iteration does not lower the rate.
      const writing = (async () => {
        for (let due = Date.now(); !io.signal.aborted; due += turnMs) {
          await delay(Math.max(0, due - Date.now()));
          if (isStopped) due = Date.now();
          else
            await producer.send({ topic, partition: 0, values }, io).catch(ignoreFault('a send that meets the stop'));
        }
      })();

      const configPath = join(folder, 'plimsoll.yaml');
      const own = parse(await readFile(rocketmq.configPath, 'utf8')) as object;
      await writeFile(configPath, stringify({ ...own, service: { schedule: { readings: '12s' } } }));
      const service = opened.use(await servePlimsoll(['--config', configPath, '--state-dir', join(folder, 'state')]));
      await delay(60_000);

      const stoppedAt = Date.now();
      isStopped = true;
      const pids = rocketmq.brokers.map(({ pid }) => pid);
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      try {
        await delay(stoppedMs);
      } finally {
        for (const pid of pids) process.kill(pid, 'SIGCONT');
      }
      const resumedAt = Date.now();
      isStopped = false;
      await delay(60_000);
      stop.abort();
      await writing;

      const rates = await pointsOf(service, 'produceTps');
      const before = rates.filter(([atMs]) => atMs < stoppedAt - slotMs).slice(1);
      const during = rates.filter(([atMs]) => atMs > stoppedAt + 2 * slotMs && atMs < resumedAt - slotMs);
      const after = rates.filter(([atMs]) => atMs > resumedAt + 2 * slotMs).slice(0, -1);
      const shown = JSON.stringify(rates.map(([atMs, value]) => [Math.round((atMs - stoppedAt) / 1000), value]));
      process.stderr.write(`seconds since the stop, and rate: ${shown}\n`);
      expect([before.length > 0, during.length, after.length > 0], shown).toEqual([true, 0, true]);
      for (const [, value] of [...before, ...after]) {
        expect(Math.abs(value - generatedTps), shown).toBeLessThan(0.1 * generatedTps);
      }
    },
    6 * 60_000,
  );

if (fullMatrix) recorded();
