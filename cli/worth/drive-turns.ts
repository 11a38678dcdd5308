// How are the turns driven? Each value set on the running brokers, a load test with it, and everything put back at the end.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Side } from '../../analyzer/worth/effect.ts';
import { AppError } from '../../core/errors.ts';
import { writeWhole } from '../../loadgen/bundle/bundle-writer.ts';
import { faultOf } from '../../loadgen/run.ts';
import type { CommandIo } from '../command.ts';
import type { Config } from '../config.ts';
import { planOrResume } from '../load/asked-run.ts';
import { carryOut } from '../load/carry-out.ts';
import type { NamedCluster } from '../cluster-option.ts';
import type { Question } from './asked.ts';
import { bundleOf } from './steps.ts';
import { openValueSwitch, type ValueSwitch } from './value-switch.ts';

/** Brokers that are asked to take a setting back answer within seconds, or are away. */
const restoreSeconds = 60;

export interface DrivenTurns {
  question: Question;
  cluster: NamedCluster;
  config: Config;
  workload: string;
  turns: readonly Side[];
  out: string;
}

/**
 * What the brokers had is written to OUT/before.json, synced, before the first of them is changed.
 * @returns the bundles, in the order they were made
 * @throws AppError as a broker or a run ends; the brokers have what they had before then, or the words say which do not
 */
export async function driveTurns(
  { question, cluster, config, workload, turns, out }: DrivenTurns,
  io: CommandIo,
): Promise<{ side: Side; directory: string }[]> {
  const { parameter, a, b } = question;
  await using value = await openValueSwitch(cluster.name, cluster.config, parameter, io);
  await mkdir(out, { recursive: true });
  await writeWhole(
    out,
    'before.json',
    `${JSON.stringify({ schemaVersion: 1, cluster: cluster.name, parameter, before: value.before }, undefined, 2)}\n`,
  );
  const made: { side: Side; directory: string }[] = [];
  try {
    for (const [index, side] of turns.entries()) {
      const directory = bundleOf(out, index + 1, side);
      io.stderr.write(`turn ${index + 1} of ${turns.length}: ${parameter}=${side === 'a' ? a : b}\n`);
      await value.set(side === 'a' ? a : b, io);
      await driveOne({ cluster: cluster.name, workload, directory, config }, io);
      made.push({ side, directory });
    }
  } finally {
    await putBack(value, join(out, 'before.json'), parameter);
  }
  return made;
}

async function driveOne(
  { cluster, workload, directory, config }: { cluster: string; workload: string; directory: string; config: Config },
  io: CommandIo,
): Promise<void> {
  const options = { ...io.options, cluster, out: directory };
  const asked = { ...io, positionals: [workload], options: { ...options, workload: undefined } };
  const { plan } = await planOrResume(config, asked);
  const fault = faultOf(await carryOut(plan, config, asked, undefined));
  if (fault !== undefined) throw fault;
}

/** Whoever pressed Ctrl-C wants the brokers back as they were, too. */
async function putBack(value: ValueSwitch, file: string, parameter: string): Promise<void> {
  try {
    await value.restore({ signal: AbortSignal.timeout(restoreSeconds * 1000) });
  } catch (cause) {
    throw new AppError(
      'broker-refused',
      `${parameter} could not be put back everywhere: ${(cause as Error).message}; ${file} tells what each broker had`,
      { cause, hint: 'set it by hand; `plimsoll get config` shows what each broker has now' },
    );
  }
}
