// Runs one change into the fault of its scenario, and then resumes or aborts it.

import { readdir, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { readCommit } from '../evidence-page.ts';
import type { CliResult } from '../run-cli.ts';
import { forgetLease } from '../forget-lease.ts';
import { inflict, type ChaosTarget } from './fault.ts';
import type { ChaosRow } from './record.ts';
import type { Scenario, Step } from './scenario.ts';
import { bothAtOnce, secondOf, watchedChange, withClockFile, within, type ByHand } from './watched-change.ts';

export interface ChaosChange {
  /** The command with its state folder and further arguments. */
  words(stateFolder: string, ...more: string[]): readonly string[];
  execute: readonly string[];
  /** Arguments after `--abort`. */
  confirm?: readonly string[];
  /** True if the same command continues the change. */
  isRepeated?: boolean;
  byHand?: readonly ByHand[];
  /** Attempts to resume or abort, if an operator has to start members first; 1 by default. */
  attempts?: number;
  /** Step at which the fault starts, if it differs from that of the scenario. */
  step?: Step;
  config: Parameters<typeof forgetLease>[0];
  stateFolder: string;
  clockFile: string;
  cluster: Pick<ChaosTarget, 'pids' | 'proxies' | 'revived'>;
  /** Resolves when the cluster is in the state that a change requires. */
  settled(): Promise<void>;
  /** Time limits in seconds for the change and for the recovery. */
  longest: { change: number; recovery: number };
}

export interface MetFault {
  row: Omit<ChaosRow, 'layout' | 'left'>;
  ended: CliResult | undefined;
}

export async function meetFault(scenario: Scenario, chaos: ChaosChange): Promise<MetFault> {
  const { seed, product, change, fault } = scenario;
  const { words, execute, stateFolder, clockFile, longest, byHand = [], step = scenario.step } = chaos;
  await writeFile(clockFile, '+0\n');
  const going = watchedChange(words(stateFolder, ...execute), withClockFile(clockFile), { byHand });
  const isInside = await going.at(step, scenario.delay);
  const { heal, note } = await inflict(fault, {
    ...chaos.cluster,
    plimsoll: going.child,
    stateFolder,
    clockFile,
    secondOperator: () => secondOf(words(`${stateFolder}-2`, ...execute), going, longest.change),
  });
  const healing = delay(1000 * scenario.duration).then(heal);
  const ended = await within(going, longest.change);
  await healing;
  await chaos.settled();
  const violations: string[] = [];
  if (ended === undefined) violations.push(`the change did not end within ${longest.change} s`);
  const error = /^error: (.*)/m.exec(ended?.stderr ?? '')?.[1];
  if (!isInside && ended?.exitCode !== 0) violations.push(`the change did not begin: ${lastLine(ended)}`);
  if (note !== undefined && bothAtOnce.test(note)) violations.push(note);
  const isLeft = ended?.exitCode !== 0 && (await hasJournal(stateFolder));
  // A process that is killed before its first step may also hold the lease.
  if (ended?.exitCode === undefined) await forgetLease(chaos.config);
  const { violation, ...recovered } = isLeft ? await recover(scenario, chaos) : { recovery: 'none' as const };
  if (violation !== undefined) violations.push(violation);
  return {
    ended,
    row: {
      kind: 'run',
      at: new Date().toISOString(),
      commit: await readCommit(),
      seed,
      product,
      change,
      fault,
      step: step.sign,
      delay: scenario.delay,
      isInside,
      ...((note ?? error) !== undefined && { note: note ?? error }),
      ...(ended?.exitCode !== undefined && { exitCode: ended.exitCode }),
      ...recovered,
      violations,
    },
  };
}

async function recover(scenario: Scenario, chaos: ChaosChange) {
  const { words, execute, stateFolder, confirm = [], isRepeated = false, byHand = [], attempts = 1, longest } = chaos;
  const begun = performance.now();
  const recovery = isRepeated ? ('repeat' as const) : scenario.recovery;
  const more = { abort: ['--abort', ...confirm], resume: ['--resume'], repeat: execute }[recovery];
  for (let attempt = 1; ; attempt++) {
    const again = await within(watchedChange(words(stateFolder, ...more), process.env, { byHand }), longest.recovery);
    const isWell = again?.exitCode === 0;
    if (!isWell) process.stdout.write(`${scenario.seed}: ${again?.stderr}\n`);
    if (!isWell && attempt < attempts) {
      await chaos.settled();
      continue;
    }
    return {
      recovery,
      ...(again?.exitCode !== undefined && { recoveryExitCode: again.exitCode }),
      recoverySeconds: Math.round((performance.now() - begun) / 1000),
      ...(attempt > 1 && { recoveryAttempts: attempt }),
      ...(!isWell && { violation: `${recovery} ended with ${again?.exitCode}: ${lastLine(again)}` }),
    };
  }
}

const lastLine = (result: CliResult | undefined) => (result?.stderr ?? '').trim().split('\n').at(-1);

/** Returns whether the journal of an unfinished change exists; its file is renamed at the end. */
async function hasJournal(stateFolder: string): Promise<boolean> {
  const names = await readdir(stateFolder, { recursive: true });
  return names.some((name) => /changes\/[^/]+\.json$/.test(name));
}
