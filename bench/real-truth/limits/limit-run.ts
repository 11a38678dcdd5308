// Runs one profile against the lab of a set-up and reads each step of the run.

import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { BenchIo } from '../../bench.ts';
import type { DrivenLimit } from '../../driven-limit.ts';
import { runPlimsoll } from '../../plimsoll-command.ts';
import type { LimitLab } from './limit-lab.ts';
import type { LimitSetUp } from './limit-set-up.ts';
import { readStep, RunStep, type DrivenStep } from './read-step.ts';

export type LimitIo = Pick<BenchIo, 'stderr' | 'signal'>;

export interface LimitSite {
  setUp: LimitSetUp;
  lab: LimitLab;
  /** Folder in which bundles are kept. */
  folder: string;
  stepDuration: string;
  driveDuration: string;
}

export interface LimitRun {
  name: string;
  rates: readonly number[];
  stepDuration: string;
  warmUp: string;
  isAnalysed: boolean;
}

const RunResult = z.looseObject({ steps: z.array(RunStep) });
/** A crossed threshold is a result; a run that the guard ended, or that failed, is not. */
const answered = [0, 3, 6];

/** @returns each step as executed. @throws AppError run-failed */
export async function runLimit(
  { setUp, lab, folder }: LimitSite,
  { name, rates, stepDuration, warmUp, isAnalysed }: LimitRun,
  io: LimitIo,
): Promise<{ bundle: string; steps: DrivenStep[] }> {
  const bundle = join(folder, name);
  const file = join(folder, `${name}.yaml`);
  const workload = {
    partitions: 6,
    ...setUp.workload,
    ...(isAnalysed && setUp.onlyAnalysed),
    // The topic exists: with a lost broker, a run that requests that many replicas would be refused.
    ...(lab.topic !== undefined && { topic: lab.topic, partitions: undefined, replicationFactor: undefined }),
    warmUp,
    ledger: false,
    outage: '5m',
    profile: { kind: 'steps', rates: rates.map(Math.round), stepDuration },
  };
  await writeFile(file, JSON.stringify(workload));
  await cp(lab.configPath, join(folder, 'plimsoll.yaml'));
  const words = [
    'run',
    file,
    '--config',
    lab.configPath,
    '--out',
    bundle,
    '--no-calibration',
    '--accept-blind',
    '--json',
  ];
  const result = RunResult.parse(JSON.parse(await runPlimsoll(words, io, answered)));
  const steps: DrivenStep[] = [];
  let copied: DrivenLimit | undefined;
  for (const [step, each] of result.steps.entries()) {
    const place = { run: name, bundle, step, cards: lab.cards, ...(copied && { copied }) };
    const { driven, limit } = await readStep(place, each);
    steps.push(driven);
    if (setUp.hasCopies === true) copied ??= limit;
  }
  return { bundle, steps };
}
