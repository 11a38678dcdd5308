// Runs Apache's Java clients at a steady load in the generator's namespace, and records load and network use.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { BrokerKind } from '../../core/cluster.ts';
import { AppError } from '../../core/errors.ts';
import { linkCeilings } from '../../core/wire/ethernet.ts';
import { generatorHost } from '../../lab/planned-lab.ts';
import { readLabState } from '../../lab/lab-state.ts';
import { cardName } from '../../lab/shaped-network.ts';
import type { Lab } from '../../lab/start-lab.ts';
import { compileJava } from '../../test/support/compiled-java.ts';
import { machineJvm } from '../../test/support/jvms/jvms.ts';
import { domains, messageBytes, nicBitsPerSecond, type CellLab } from './cells.ts';
import { LoadSecond, type CellSecond } from './observed-cell.ts';

const programs: Record<BrokerKind, string> = { kafka: 'SteadyKafka', rocketmq: 'SteadyRocketmq' };
const folderOfPrograms = fileURLToPath(new URL('../../test/fixtures/steady-load/', import.meta.url));
const jvm = ['-Xmx1g', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

const State = z.strictObject({ isCopied: z.boolean(), isWhole: z.boolean(), controller: z.string().optional() });

export interface SteadyLoad extends AsyncDisposable {
  /** Sets messages per second of both domains together. */
  setRate(tps: number): void;
  /** Requests an election of the preferred leaders. */
  restoreLeaders(): void;
  /** All seconds so far. */
  seconds: readonly CellSecond[];
  /** Returns the latest state of the cluster. */
  state(): z.infer<typeof State>;
  /** @throws AppError run-failed if the program has ended, or on timeout */
  until(condition: () => boolean, seconds: number, what: string): Promise<void>;
}

/** @param directory folder of the lab; with `sharedGroups` (Kafka) each group reads both topics */
export async function startSteadyLoad(
  spec: CellLab,
  lab: Lab,
  directory: string,
  { sharedGroups = false } = {},
): Promise<SteadyLoad> {
  const state = readLabState(directory);
  const namespace = state?.namespaces.find((name) => name.endsWith(`-${generatorHost}`));
  const holders = (state?.processes ?? []).filter(
    ({ role, name }) => role === 'namespace-holder' && name !== generatorHost,
  );
  if (namespace === undefined) throw new AppError('lab-failed', 'the lab has no namespace for its load');
  await using opened = new AsyncDisposableStack();
  const { path: folder } = opened.use(await mkdtempDisposable(join(tmpdir(), 'plimsoll-steady-load-')));
  const program = programs[spec.broker];
  const source = ['SteadyLoad', program].map((name) => join(folderOfPrograms, `${name}.java`));
  const classes = await compileJava({ source, java: 17, jars: lab.jars }, folder);
  const address = (lab.nameServers ?? lab.brokers.map((broker) => broker.address)).join(
    lab.nameServers === undefined ? ',' : ';',
  );
  const topics = domains.map(({ name, share }) => `${name}:${share}:${spec.partitions}`);
  const words = ['-cp', [classes, join(lab.jars, '*')].join(delimiter), program, address, messageBytes, spec.groups];
  const child = spawn(
    'ip',
    [
      'netns',
      'exec',
      namespace,
      machineJvm().java,
      ...jvm,
      `-Duser.home=${folder}`,
      `-Dshared-groups=${sharedGroups}`,
      ...words.map(String),
      ...topics,
    ],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  const ended = once(child, 'exit');
  opened.defer(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints = (complaints + text).slice(-2000)));
  const cards = cardMeter(holders.map(({ pid }) => pid));
  const seconds: CellSecond[] = [];
  let latest: z.infer<typeof State> = { isCopied: false, isWhole: false };
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('~ ')) latest = State.parse(JSON.parse(line.slice(2)));
    // Loggers of the clients print to the same stream.
    if (!line.startsWith('= ')) return;
    seconds.push({ ...LoadSecond.parse(JSON.parse(line.slice(2))), cards: cards() });
  });
  const resources = opened.move();
  return {
    setRate: (tps) => void child.stdin.write(`rate ${tps}\n`),
    restoreLeaders: () => void child.stdin.write('restore\n'),
    seconds,
    state: () => latest,
    async until(condition, most, what) {
      const end = performance.now() + 1000 * most;
      while (!condition()) {
        if (child.exitCode !== null || child.signalCode !== null) {
          throw new AppError('run-failed', `${program} ended: ${complaints}`);
        }
        if (performance.now() > end) throw new AppError('run-failed', `${what}: not within ${most} s; ${complaints}`);
        await delay(100);
      }
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** @returns a function that returns the utilization of each direction of each interface since its last call */
function cardMeter(pids: readonly number[]): () => number[] {
  const most = linkCeilings(nicBitsPerSecond).counter;
  const read = () => ({ at: performance.now(), counters: pids.map(countersOf) });
  let before = read();
  return () => {
    const now = read();
    const span = (now.at - before.at) / 1000;
    const shares = now.counters.flatMap(({ received, sent }, index) => [
      received - (before.counters[index]?.received ?? 0),
      sent - (before.counters[index]?.sent ?? 0),
    ]);
    before = now;
    return shares.map((bytes) => bytes / span / most);
  };
}

function countersOf(pid: number): { received: number; sent: number } {
  const line = readFileSync(`/proc/${pid}/net/dev`, 'utf8')
    .split('\n')
    .find((each) => each.trim().startsWith(`${cardName}:`));
  const cells = line?.split(':')[1]?.trim().split(/\s+/).map(Number);
  return { received: cells?.[0] ?? 0, sent: cells?.[8] ?? 0 };
}
