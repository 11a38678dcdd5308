// Rehearses a promotion recorded by Prometheus, then runs it at full size, and compares which resource failed first.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../core/errors.ts';
import { RehearsalDocument } from '../core/documents/rehearsal.ts';
import { bitsPerSecond } from '../core/units.ts';
import { defaultKafkaVersion } from '../lab/kafka/release.ts';
import { readLabState } from '../lab/lab-state.ts';
import { openDoor } from '../test/support/namespace-door.ts';
import { startPrometheus } from '../test/support/prometheus.ts';
import { scratchLab, startScratchLab } from '../test/support/scratch-lab.ts';
import type { Bench, BenchResult } from './bench.ts';
import { domains, labs, messageBytes, nicBitsPerSecond } from './broken-cells/cells.ts';
import { fullestCards, heldIn, type CellSecond } from './broken-cells/observed-cell.ts';
import { startSteadyLoad, type SteadyLoad } from './broken-cells/steady-load.ts';
import { main, runPlimsoll } from './plimsoll-command.ts';
import { widenGenerator } from './real-truth/card-speed.ts';

/** Messages per second of both topics, for ten seconds each: a promotion with one peak. */
const course = [80, 80, 100, 120, 140, 160, 200, 200, 160, 120, 100, 80];
const intervalSeconds = 10;
/** Scale of the next promotion: its peak exceeds the capacity of the network interfaces. */
const scale = 2.5;
/** A step is not sustained if more messages wait at its end than arrive in one second. */
const waitingSeconds = 1;

export const rehearsal = {
  name: 'rehearsal',
  summary: 'a promotion recorded by exporter and Prometheus, rehearsed, and the same load at full size afterwards',
  options: {},
  evidence: 'docs/evidence/rehearsal.md',

  async run(io) {
    const { root, directory, cache, io: labIo, remove } = await scratchLab('rehearsal');
    await using resources = new AsyncDisposableStack();
    resources.defer(remove);
    const nic = bitsPerSecond(nicBitsPerSecond);
    const request = { product: 'kafka' as const, version: defaultKafkaVersion, brokers: 3 as const };
    const lab = await startScratchLab({ ...request, nic, directory, cache }, labIo);
    await widenGenerator({ directory, configPath: lab.configPath }, nic, 4);
    const prometheus = resources.use(await recorder(lab.configPath, directory, root, resources));
    const load = resources.use(await startSteadyLoad(labs.kafka, lab, directory, { sharedGroups: true }));
    await load.until(() => load.state().isWhole, 90, 'the topics were not made');
    // The exporter must know the topics before the promotion begins.
    load.setRate(course[0] ?? 0);
    await prometheus.untilAnswered('kafka_topic_partition_current_offset{topic="orders"}');
    const from = new Date();
    await replay(load, 1);
    const to = new Date();
    const seconds = load.seconds.length;
    const sizes = domains.flatMap(({ name }) => ['--message-size', `${name}=${messageBytes}B`]);
    const span = ['--from', from.toISOString(), '--to', to.toISOString(), '--interval', `${intervalSeconds}s`];
    const shape = ['--scale', String(scale), '--duration', `${(to.getTime() - from.getTime()) / 1000}s`];
    const topics = ['--partitions', String(labs.kafka.partitions), '--replication-factor', '3'];
    load.setRate(0);
    const words = [
      'rehearse',
      '--promotion',
      'Sale',
      ...span,
      ...shape,
      ...sizes,
      ...topics,
      '--config',
      lab.configPath,
    ];
    const where = ['--prometheus', prometheus.url, '--lab', root, '--out', join(root, 'bundle'), '--no-calibration'];
    const document = RehearsalDocument.parse(
      JSON.parse(await runPlimsoll([...words, ...where, '--execute', '--json'], io, [0, 3, 4])),
    );
    await replay(load, scale);
    const full = firstFailure(load.seconds.slice(seconds));
    io.stderr.write(
      `${JSON.stringify({ history: document.history, predicted: document.predicted, result: document.result, full })}\n`,
    );
    return compared(document, full);
  },
} satisfies Bench;

/** Starts an exporter inside the lab network, and a Prometheus outside that scrapes it. */
async function recorder(configPath: string, directory: string, folder: string, resources: AsyncDisposableStack) {
  const generator = readLabState(directory)?.namespaces.find((name) => name.endsWith('-generator'));
  if (generator === undefined) throw new AppError('lab-failed', 'the lab has no namespace for its load');
  const words = ['exporter', '--config', configPath, '--listen', '127.0.0.1:0'];
  const exporter = spawn('ip', ['netns', 'exec', generator, process.execPath, main, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(exporter, 'exit');
  resources.defer(async () => {
    exporter.kill('SIGTERM');
    await ended;
  });
  let printed = '';
  while (!/listening on \S+/.test(printed)) printed += String((await once(exporter.stdout, 'data'))[0]);
  const port = Number(new URL(/listening on (\S+)/.exec(printed)?.[1] ?? '').port);
  const door = resources.use(await openDoor(generator, port, folder));
  return startPrometheus({ job: 'plimsoll', scrapes: [door.address], everySeconds: 2 });
}

async function replay(load: SteadyLoad, times: number): Promise<void> {
  for (const tps of course) {
    load.setRate(times * tps);
    await delay(1000 * intervalSeconds);
  }
}

interface FullSize {
  /** Index of the interval, counted from 0; absent if all were sustained. */
  interval?: number;
  fullestCard: number;
}

/** @returns the first interval with waiting messages or a lagging group at its end */
function firstFailure(seconds: readonly CellSecond[]): FullSize {
  const begin = seconds.findIndex((_, at) => rateAt(seconds, at) > 0.8 * scale * (course[0] ?? 0));
  const used = fullestCards(seconds);
  for (const [interval, tps] of course.entries()) {
    const end = begin + (interval + 1) * intervalSeconds - 1;
    const second = seconds[end];
    if (second === undefined) break;
    const lag = Math.max(...second.topics.flatMap(({ groups }) => groups.map((group) => group.lag)));
    if (heldIn(second) > waitingSeconds * scale * tps || lag > 2 * scale * tps) {
      return { interval, fullestCard: used[end] ?? 0 };
    }
  }
  return { fullestCard: Math.max(...used) };
}

function rateAt(seconds: readonly CellSecond[], at: number): number {
  const sum = (second: CellSecond | undefined) =>
    second?.topics.reduce((all, { acknowledged }) => all + acknowledged, 0) ?? 0;
  return at === 0 ? 0 : sum(seconds[at]) - sum(seconds[at - 1]);
}

function compared({ predicted, result }: RehearsalDocument, full: FullSize): BenchResult[] {
  const seen = result?.seen;
  const intervalOf = (minutes: number) => Math.floor((minutes * 60) / intervalSeconds + 1e-6);
  const ofPrediction = predicted.kind === 'failure' ? intervalOf(predicted.promotionMinutes) : -1;
  const ofRehearsal = seen?.kind === 'failure' ? intervalOf(seen.promotionMinutes) : -1;
  const limit = seen?.kind === 'failure' && seen.limit !== undefined ? JSON.stringify(seen.limit) : 'no limit';
  const ofFull = full.interval ?? -1;
  const isNetwork = seen?.kind === 'failure' && /network/.test(limit);
  return [
    {
      metric: `interval of 10 s in which the promotion first fails: predicted (at full size ${ofFull})`,
      unit: 'interval',
      ours: ofPrediction,
      goal: 'within 1',
      met: Math.abs(ofPrediction - ofFull) <= 1,
    },
    {
      metric: `the same, seen in the rehearsal (${limit})`,
      unit: 'interval',
      ours: ofRehearsal,
      goal: 'within 1',
      met: Math.abs(ofRehearsal - ofFull) <= 1,
    },
    {
      metric: `use of the fullest card at full size when it failed (the rehearsal names ${isNetwork ? 'a card' : 'no card'})`,
      unit: 'ratio',
      ours: full.fullestCard,
      goal: 'at least 0.95 where a card is named',
      met: isNetwork === full.fullestCard >= 0.95,
    },
    {
      metric: 'limit predicted is the one seen in the rehearsal',
      unit: 'yes = 1',
      ours: result?.agrees?.limit === true ? 1 : 0,
      goal: '1',
      met: result?.agrees?.limit === true,
    },
  ];
}
