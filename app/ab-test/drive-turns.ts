// Runs the load tests of an A/B test in turns as a change of the cluster: the setting is borrowed for the turns, and restored on every exit.

import { z } from 'zod';
import type { Side } from '../../analyzer/review/ab-test/effect.ts';
import type { Io } from '../../brokers/driver.ts';
import { driverOf } from '../../brokers/registry.ts';
import { AppError } from '../../core/errors.ts';
import { seconds } from '../../core/clock.ts';
import { faultOf } from '../../loadgen/execute/run.ts';
import { borrow, giveBackAll, type Borrower } from '../../ops/change/borrowed-settings.ts';
import { carryOut as carryOutChange, type Arrival } from '../../ops/change/carry-out.ts';
import type { HeldChange, HeldJournal } from '../../ops/change/held-journal.ts';
import type { Step } from '../../ops/change/step.ts';
import { undoLine } from '../change/planned-steps.ts';
import { beginChange, claimsOf, continueBegun } from '../change/journaled-change.ts';
import { offerForApproval } from '../change/require-approval.ts';
import { type NamedCluster, verifyCluster } from '../observe/named-cluster.ts';
import type { Caller } from '../caller.ts';
import type { RunCaller, RunRequest } from '../load-test/run-request.ts';
import type { Config } from '../config/config-file.ts';
import { planOrResume } from '../load-test/plan-run.ts';
import { readWorkload } from '../load-test/read-workload.ts';
import { carryOut } from '../load-test/carry-out.ts';
import { checkPlan } from '../load-test/prepare-load.ts';
import type { Question } from './question.ts';
import { openRunningSetting, refuseUnknownParameter, type RunningSetting } from './running-setting.ts';
import { bundleOf } from './steps.ts';

export interface RequestedTurns {
  question: Question;
  cluster: NamedCluster;
  workload: string;
  turns: readonly Side[];
  out: string;
  acceptBlind: boolean;
}

const TrialFacts = z.strictObject({ parameter: z.string(), a: z.string(), b: z.string(), out: z.string() });
type TrialFacts = z.infer<typeof TrialFacts>;

interface Trial {
  facts: TrialFacts;
  setting: RunningSetting;
  turns: readonly Side[];
  drive(directory: string, signal: AbortSignal): Promise<void>;
}

const changeName = 'ab-test';
const undoOf = (parameter: string) => ({
  description: `restore ${parameter} on each broker`,
  zh: `在各 Broker 上恢复 ${parameter}`,
});

/** @throws AppError usage, wrong-cluster, workload-invalid, config-unreadable; file-exists, no-permission, no-space */
export async function offerTurns(io: Caller, { question, cluster, workload, turns }: RequestedTurns): Promise<void> {
  const { parameter } = question;
  await readWorkload({ workload }, io);
  const steps = turns.map((side) => ({
    en: `set ${parameter}=${question[side]} on each broker, and run ${workload}`,
    zh: `在各 Broker 上设置 ${parameter}=${question[side]}，并运行 ${workload}`,
  }));
  await offerForApproval(
    io,
    cluster,
    { change: changeName, subject: parameter },
    { steps: [...steps, undoLine(undoOf(parameter))], exact: { ...question, turns, workload } },
    () => verifyWithParameter(io, cluster, parameter, { isRequired: false }),
  );
}

/** @returns the text to type to confirm the change */
async function verifyWithParameter(
  io: Caller,
  cluster: NamedCluster,
  parameter: string,
  how: { isRequired?: boolean } = {},
): Promise<string> {
  const typed = await verifyCluster(cluster, io, how);
  await using lookup = await driverOf(cluster.config).lookUp(cluster.name, cluster.config, io);
  refuseUnknownParameter(parameter, await lookup.settings(io));
  return typed;
}

/**
 * @returns the bundles, in order of creation
 * @throws AppError load-test-refused, and usage for a parameter that no broker has; errors of brokers or runs, after the brokers have their previous values again;
 *   broker-refused, naming brokers that do not
 */
export async function driveTurns(
  io: Caller,
  { question, cluster, workload, turns, out, acceptBlind }: RequestedTurns,
  { config, caller }: { config: Config; caller: RunCaller },
): Promise<{ side: Side; directory: string }[]> {
  const { parameter } = question;
  const request = { cluster: cluster.name, configFile: io.options.config, workload, acceptBlind };
  // Refused before a broker is changed.
  checkPlan((await planOrResume(config, request, caller)).plan, cluster.config, io.clock);
  const typed = await verifyWithParameter(io, cluster, parameter);
  await using setting = openRunningSetting(cluster.name, cluster.config, parameter);
  const facts = { ...question, out };
  const drive = (directory: string, signal: AbortSignal) =>
    driveOne({ ...caller, signal }, config, { ...request, out: directory });
  const summary = `${parameter} is changed on the running brokers, and load is generated.`;
  const start = { ...namesOf(io, cluster, parameter), summary, facts, isOnce: true };
  await beginChange(io, { ...cluster, typed }, start, carryTrial({ setting, turns, drive }));
  return turns.map((side, index) => ({ side, directory: bundleOf(out, index + 1, side) }));
}

/** Restores the settings from the journal of a killed process. @throws AppError as `continueBegun` */
export async function abortTurns(io: Caller, cluster: NamedCluster, parameter: string): Promise<void> {
  await using setting = openRunningSetting(cluster.name, cluster.config, parameter);
  const undoSummary = `${parameter} is restored on each broker.`;
  const begun = { ...namesOf(io, cluster, parameter), schema: TrialFacts, action: 'abort' as const, undoSummary };
  await continueBegun(io, cluster, begun, carryTrial({ setting, turns: [], drive: async () => {} }));
}

const namesOf = (io: Caller, { name }: NamedCluster, parameter: string) =>
  claimsOf(io, { cluster: name, change: changeName, subject: parameter });

export const carryTrial =
  (trial: Omit<Trial, 'facts'>) =>
  (held: HeldChange<TrialFacts>): Promise<Arrival> => {
    const { facts } = held.journal;
    const steps = [takeTurns({ ...trial, facts }, { ...held, changes: trial.setting.changes })];
    return carryOutChange({ ...held, steps, rollsBackWhenStopped: true });
  };

export function takeTurns(
  { facts, setting, turns, drive }: Trial,
  run: Borrower & Pick<HeldJournal, 'check'>,
): Step<TrialFacts> {
  const { parameter, out } = facts;
  async function restore({ signal }: Io): Promise<string[]> {
    const { journal, tell } = run;
    const names = journal.borrowed.map(({ name }) => name);
    const logged = journal.log.length;
    await giveBackAll({ ...run, signal }, tell);
    const kept = journal.log.slice(logged).map(({ says }) => says);
    return kept.length > 0 ? kept : names.map((name) => `${name}: ${parameter} restored`);
  }
  return {
    id: 'take-turns',
    description: `set ${parameter} on each broker and run a load test, ${turns.length} times; then restore it`,
    zh: `在各 Broker 上设置 ${parameter} 并压测，共 ${turns.length} 次；然后恢复`,
    undo: { ...undoOf(parameter), run: restore },
    async run(io) {
      const brokers = await setting.brokers(io);
      for (const [index, side] of turns.entries()) {
        await run.check();
        run.tell(`turn ${index + 1} of ${turns.length}: ${parameter}=${facts[side]}`);
        await setOnEach(run, brokers, { [parameter]: facts[side] });
        await whileLeased(run, (signal) => drive(bundleOf(out, index + 1, side), signal));
      }
      return { kind: 'done', evidence: await restore(io) };
    },
  };
}

/** Renewal interval of the lease. */
const leaseTick = seconds(3);

/** Ends the load with the lease, after which another process may change the cluster. @throws AppError lease-lost, change-under-way */
async function whileLeased(
  { clock, signal, check }: Pick<Borrower, 'clock' | 'signal'> & Pick<HeldJournal, 'check'>,
  drive: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const over = new AbortController();
  const lost = new AbortController();
  const watching = (async () => {
    for (;;) {
      await clock.sleep(leaseTick, { signal: over.signal });
      await check();
    }
  })().catch((cause: unknown) => {
    if (!over.signal.aborted) lost.abort(cause);
  });
  try {
    await drive(AbortSignal.any([signal, lost.signal]));
  } catch (cause) {
    lost.signal.throwIfAborted();
    throw cause;
  } finally {
    over.abort();
    await watching;
  }
  lost.signal.throwIfAborted();
}

/** @throws AppError not-found if a broker has no such setting; broker-refused if it does not have the value afterwards */
async function setOnEach(run: Borrower, brokers: readonly string[], settings: Record<string, string>): Promise<void> {
  const [parameter = ''] = Object.keys(settings);
  for (const name of brokers) {
    const of = { kind: 'broker', name } as const;
    if (!(await run.changes.settingsOf(of, [parameter], run)).has(parameter)) {
      throw new AppError('not-found', `broker ${name} has no setting ${parameter}`, {
        hint: '`plimsoll get config` lists them',
      });
    }
  }
  const values = brokers.map((name) => ({ kind: 'broker' as const, name, settings }));
  const unlike = await borrow(run, 'ab-test', values);
  if (unlike !== undefined) throw new AppError('broker-refused', `${unlike}, after it was set`);
}

async function driveOne(caller: RunCaller, config: Config, request: RunRequest): Promise<void> {
  const { plan } = await planOrResume(config, request, caller);
  const fault = faultOf(await carryOut({ plan, config, request }, caller));
  if (fault !== undefined) throw fault;
}
