// Measures the CPU cost of a message in the load generator, with warm threads in a separate process.

import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { AppError } from '../core/errors.ts';
import type { BenchIo } from './bench.ts';
import type { FlatOut, FlatOutCost } from './flat-out.ts';

export const messageBytes = 500;
export const partitions = 12;
/** At the rate of one worker, this stores 3 million messages on an idle machine. */
const storedSeconds = 12;
/** Connections and compilers of both sides are warm after the first time; later compilation counts on both sides. */
export const [warmUpSeconds, measuredSeconds] = [4, 4];

export const row = (metric: string, ours: number) => ({ metric, unit: 'msg/s per CPU second', ours: Math.round(ours) });

interface Sends {
  cluster: unknown;
  topic: string;
  workload: Record<string, unknown>;
  load: Extract<FlatOut, { role: 'produce' }>['load'];
}

/** Runs the whole generator with the delivery check, which is its default. */
export async function ourSends(io: BenchIo, { workload, ...sends }: Sends): Promise<number> {
  const {
    messages,
    cpuSeconds,
    failedSends = 0,
  } = await flatOut<FlatOutCost>(io, {
    role: 'produce',
    partitions,
    workload: { messageSize: `${messageBytes}B`, ...workload },
    warmUpSeconds,
    seconds: measuredSeconds,
    ...sends,
  });
  if (failedSends > 0.001 * messages) throw new AppError('run-failed', `${failedSends} sends failed`);
  return messages / cpuSeconds;
}

export async function ourReads(
  io: BenchIo,
  reads: Omit<Extract<FlatOut, { role: 'consume' }>, 'role' | 'partitions'>,
): Promise<number> {
  const { messages, cpuSeconds } = await flatOut<FlatOutCost>(io, { role: 'consume', partitions, ...reads });
  return messages / cpuSeconds;
}

/** Uses the generator, so that the delivery check recognizes the messages. @returns minimum number of messages */
export async function store(io: BenchIo, cluster: unknown): Promise<number> {
  const { messages } = await flatOut<FlatOutCost>(io, {
    role: 'produce',
    cluster,
    topic: 'stored',
    partitions,
    workload: { messageSize: `${messageBytes}B`, acks: 'leader' },
    load: 'most',
    warmUpSeconds: 1,
    seconds: storedSeconds,
  });
  return messages;
}

export const flatOut = <Cost>(io: BenchIo, asked: FlatOut): Promise<Cost> =>
  runScript<Cost>(io, 'flat-out.ts', [JSON.stringify(asked)]);

/** Starts the script with the options of this process. @throws AppError run-failed if its exit code is not 0 */
export async function runScript<Answer>({ signal, stderr }: BenchIo, script: string, words: string[]): Promise<Answer> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, path, ...words], {
    signal,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  const [output, code] = await Promise.all([text(child.stdout), ended]);
  if (code !== 0) throw new AppError('run-failed', `bench/${script} exited with ${code}`);
  stderr.write(`${script}: ${output}`);
  return JSON.parse(output) as Answer;
}
