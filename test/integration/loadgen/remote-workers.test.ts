import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parse } from 'yaml';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { JournalLine } from '../../../core/documents/run-bundle.ts';
import { bitsPerSecond } from '../../../core/units.ts';
import { createLatencySum } from '../../../core/statistics/latency-sum.ts';
import { configWith, type LabConfigFile } from '../../support/config-with.ts';
import { startKafka, type RunningKafka } from '../../support/kafka.ts';
import { spawnPlimsoll } from '../../support/plimsoll.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { openWorkerMachines, processesIn, samplesOf, type WorkerMachines } from '../../support/worker-machines.ts';

/** Reads all except the text after the last newline, which may still be in progress. */
const journalOf = (directory: string) =>
  readFileSync(join(directory, 'journal.ndjson'), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JournalLine.parse(JSON.parse(line)));

const producedBy = (journal: readonly JournalLine[], worker: string) =>
  journal.flatMap((line) => (line.kind === 'produced' && line.worker === worker ? [line] : []));

async function untilSecond(directory: string, second: number): Promise<void> {
  for (;;) {
    await delay(100);
    if (!existsSync(join(directory, 'journal.ndjson'))) continue;
    if (journalOf(directory).some((line) => line.kind === 'produced' && line.elapsedSeconds >= second)) return;
  }
}

/** Messages per second of both machines together. */
const rate = 1600;

requires('java', 'maven', 'sshd', 'root', 'ip', 'tc', 'ethtool').describe('two hosts and one cluster', () => {
  let kafka: RunningKafka;
  let folder: string;
  let room: WorkerMachines;
  let configPath: string;
  let generator: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plimsoll-workers-'));
    kafka = await startKafka({ nic: bitsPerSecond(1e9) });
    const { loadgen } = parse(readFileSync(kafka.configPath, 'utf8')) as LabConfigFile;
    generator = String(loadgen['networkNamespace']);
    room = await openWorkerMachines(generator.replace(/-generator$/, ''), folder, ['east', 'west']);
    configPath = await configWith(kafka.configPath, join(folder, 'plimsoll.yaml'), (config) => {
      for (const { name, config: host } of room.machines) config.hosts[name] = host;
      config.loadgen['workers'] = {
        machines: [
          { host: 'east', threads: 1, weight: 3 },
          { host: 'west', threads: 1 },
        ],
        address: '198.18.0.2',
        onLoss: 'move',
      };
    });
  }, 120_000);
  afterAll(async () => {
    await room?.[Symbol.asyncDispose]();
    await kafka?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const start = (name: string, duration: string, ...workload: string[]) =>
    spawnPlimsoll([
      ...`run --config ${configPath} --out ${join(folder, name)} --message-size 200 --rate-steps ${rate}`.split(' '),
      ...`--step-duration ${duration} --warm-up 0s --accept-blind --json`.split(' '),
      ...workload,
    ]);
  const left = () => room.machines.flatMap(({ home }) => readdirSync(home).filter((file) => /plimsoll/.test(file)));

  test('percentiles of both hosts are computed over all samples', async () => {
    const { exitCode, stderr } = await start('merged', '10s').finished;
    expect([exitCode, stderr.includes('delivery check: 16,000 sent, 16,000 acknowledged')], stderr).toEqual([0, true]);
    const journal = journalOf(join(folder, 'merged'));
    const samples = samplesOf(room.machines);
    expect(samples).toHaveLength(10 * rate);
    const sum = createLatencySum();
    for (const line of journal) if (line.kind === 'produced') sum.add(line.latency);
    const percentiles = sum.percentiles();
    for (const [name, share] of [
      ['p50', 0.5],
      ['p99', 0.99],
      ['p999', 0.999],
      ['max', 1],
    ] as const) {
      const exact = samples[Math.ceil(share * samples.length) - 1] ?? Number.NaN;
      const merged = percentiles?.[name] ?? Number.NaN;
      // Whole microseconds, with a precision of three digits.
      expect(Math.abs(merged - exact), `${name}: ${merged} for ${exact}`).toBeLessThanOrEqual(exact / 1000 + 1e-6);
    }
    // The weight of east is three times that of west.
    const [east, west] = ['producer-0', 'producer-1'].map((worker) =>
      producedBy(journal, worker).reduce((total, { acknowledged }) => total + acknowledged, 0),
    );
    expect([east, west]).toEqual([12_000, 4000]);
    const clocks = journal.flatMap((line) => (line.kind === 'clock-offset' ? [line] : []));
    expect(new Set(clocks.map(({ worker }) => worker))).toEqual(new Set(['producer-0', 'producer-1']));
    // Both machines share one monotonic clock, so the measured offset must be within the stated error.
    expect(Math.max(...clocks.map(({ errorSeconds }) => errorSeconds))).toBeLessThan(0.05);
    expect(left()).toEqual([]);
  }, 240_000);

  if (!fullMatrix) return;
  test('the share of a host that dies is sent by the other one', async () => {
    const run = start('moved', '12s');
    await untilSecond(join(folder, 'moved'), 4);
    for (const pid of room.machines[0]?.workers() ?? []) process.kill(pid, 'SIGKILL');
    const { exitCode, stderr } = await run.finished;
    expect(exitCode, stderr).toBe(0);
    const journal = journalOf(join(folder, 'moved'));
    const lost = journal.find((line) => line.kind === 'worker-lost');
    expect(lost).toMatchObject({ worker: 'producer-0', share: 'moved' });
    expect(lost?.kind === 'worker-lost' ? lost.reason : '').toContain('worker east is lost');
    // From three seconds after the loss, it alone sends everything; reports after the end of the step do not count.
    const after = (lost?.elapsedSeconds ?? Infinity) + 3;
    const seconds = producedBy(journal, 'producer-1').filter(
      ({ elapsedSeconds: end, intervalSeconds }) => end - intervalSeconds > after && end - intervalSeconds / 2 < 12,
    );
    expect(seconds.length).toBeGreaterThan(2);
    for (const { intended, intervalSeconds } of seconds) expect(intended / intervalSeconds).toBeCloseTo(rate, -2);
    expect(left()).toEqual([]);
  }, 240_000);

  test('the transaction of a host that died does not block readers of committed messages', async () => {
    const workload = join(folder, 'transactions.yaml');
    await writeFile(workload, 'transactions: { duration: 1s }\ngroups: [{ readCommitted: true }]\n');
    const run = start('transactions', '20s', '--workload', workload);
    await untilSecond(join(folder, 'transactions'), 4);
    for (const pid of room.machines[0]?.workers() ?? []) process.kill(pid, 'SIGKILL');
    const { exitCode, stderr } = await run.finished;
    expect(exitCode, stderr).toBe(0);
    const journal = journalOf(join(folder, 'transactions'));
    const lostAt = journal.find((line) => line.kind === 'worker-lost')?.elapsedSeconds ?? Infinity;
    const late = journal.flatMap((line) =>
      line.kind === 'consumed' && line.elapsedSeconds > lostAt + 4 && line.elapsedSeconds < 20 ? [line] : [],
    );
    const received = late.reduce((sum, { messages }) => sum + messages, 0);
    const seconds = late.reduce((sum, { intervalSeconds }) => sum + intervalSeconds, 0);
    expect(received / seconds).toBeGreaterThan(0.9 * rate);
    expect(left()).toEqual([]);
  }, 240_000);

  test('workers end within 5 s after the coordinator is killed, and leave nothing behind', async () => {
    const run = start('killed', '60s');
    await untilSecond(join(folder, 'killed'), 2);
    const workers = room.machines.flatMap((machine) => machine.workers());
    expect(workers.length).toBeGreaterThanOrEqual(2);
    for (const pid of processesIn(generator, 'cli/main.ts')) process.kill(pid, 'SIGKILL');
    const killedAt = performance.now();
    while (room.machines.some((machine) => machine.workers().length > 0)) {
      expect(performance.now() - killedAt).toBeLessThan(5000);
      await delay(50);
    }
    await run.finished;
    await expect.poll(left, { timeout: 5000 }).toEqual([]);
  }, 240_000);
});
