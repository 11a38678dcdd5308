// Starts, stops and follows load tests requested by operators, and records their verdicts.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  errorIn,
  hasBundle,
  interruptRun,
  isRunning,
  outputFile,
  runOutput,
  runStatus,
  startRun,
} from '../../app/load-test/separate-run.ts';
import { type Clock, seconds } from '../../core/clock.ts';
import type { Author, HistoryEntry, NewHistoryEntry } from '../../core/documents/history-entry.ts';
import { defined } from '../../core/defined.ts';
import { AppError } from '../../core/errors.ts';
import type { Policy } from '../../core/policy/policy.ts';
import type { ChosenLoad, LoadTestNow, ShownLoadTest } from '../../dashboards/web/load-test/load-test-view.ts';
import type { Calculator } from '../calculation/calculator.ts';
import type { History } from '../history/history.ts';
import { isInUse, onceFree } from '../history/once-free.ts';
import { recordDone } from '../history/record-done.ts';
import type { Changes } from '../live/changes.ts';
import type { Job } from '../schedule/schedule.ts';
import { loadText, runArgs } from './requested-load.ts';
import { preparing, shownStatus, shownTest } from './shown-load-test.ts';
import type { KeptTest, TestStore } from './test-store.ts';
import { testOfOthers } from './tests-of-others.ts';
import type { LoadPlanner } from './load-planner.ts';

export interface LoadTests extends LoadPlanner {
  /** The running load test, or the last one; absent if there was none. */
  of(cluster: string): ShownLoadTest | undefined;
  /** Running load tests, including those of other services with the same history. */
  underWay(): readonly Pick<ShownLoadTest, 'cluster' | 'by' | 'startedAt'>[];
  /**
   * @returns the entry in the history.
   * @throws AppError load-test-refused, workload-invalid, state-unwritable; faults of history writes
   */
  start(cluster: string, load: ChosenLoad, by: Author): Promise<HistoryEntry>;
  /**
   * Interrupts a load test before it records that.
   * @throws AppError load-test-refused if none is running; state-unwritable; faults of history writes
   */
  stop(cluster: string, by: Author): HistoryEntry;
  /** Job that follows running load tests. */
  job: Job;
}

export interface LoadTestParts {
  store: TestStore;
  planner: LoadPlanner;
  /** Command line, such as `node cli/main.ts`. */
  program: readonly [string, ...string[]];
  /** Path of plimsoll.yaml. */
  configFile: string;
  environment: NodeJS.ProcessEnv;
  history: Pick<History, 'append' | 'entries' | 'entry'>;
  changes: Pick<Changes, 'note'>;
  calculator: Pick<Calculator, 'ask'>;
  policy: Policy;
  clock: Pick<Clock, 'now' | 'sleep'>;
}

type Io = { signal: AbortSignal };

/** Limit for reasons stored in the history. */
const longestReason = 2000;
const keptReason = (reason: string) => reason.slice(0, longestReason);

export function createLoadTests(parts: LoadTestParts): LoadTests {
  const { store, planner, history, changes } = parts;
  const nowOf = new Map<string, LoadTestNow>();
  const conclude = createConclusion(parts, (test) => follow(test, { phase: 'analyzing' }));
  const { underWay, start } = createStart(parts);

  function follow(test: KeptTest, now: LoadTestNow | undefined): void {
    if (JSON.stringify(nowOf.get(test.cluster)) === JSON.stringify(now)) return;
    if (now === undefined) nowOf.delete(test.cluster);
    else nowOf.set(test.cluster, now);
    changes.note(test.cluster);
  }

  async function look(test: KeptTest, io: Io): Promise<void> {
    if (isRunning(test)) {
      const status = await runStatus(test, io);
      return follow(test, status === undefined ? await preparing(test) : shownStatus(status));
    }
    await conclude(test, io);
    follow(test, undefined);
    changes.note(test.cluster);
  }

  return {
    ...planner,
    of(cluster) {
      const test = store.of(cluster);
      return test && shownTest(test, nowOf.get(cluster), history);
    },
    underWay,
    async start(cluster, load, by) {
      const entry = await start(cluster, load, by);
      nowOf.set(cluster, { phase: 'preparing' });
      changes.note(cluster);
      return entry;
    },
    stop: (cluster, by) => stopTest(runningTest(store, cluster), by, parts),
    job: {
      name: 'load-tests',
      every: seconds(1),
      isLight: true,
      // Each instance follows the processes that it has started.
      isOfEachInstance: true,
      async run(io) {
        for (const test of store.underWay()) await look(test, io);
        return undefined;
      },
    },
  };
}

/** Starts one load test at a time, across all services with the same history and folder. */
function createStart(parts: LoadTestParts): Pick<LoadTests, 'underWay' | 'start'> {
  const { store, planner, history, clock } = parts;

  function underWay(): ReturnType<LoadTests['underWay']> {
    const own = store.underWay().map(({ cluster, by, startedAt }) => ({ cluster, by: by.name, startedAt }));
    const other = testOfOthers(history, store.has, clock.now().getTime());
    return other === undefined ? own : [...own, other];
  }

  /** Aborts the later of two starts written by two services at the same moment: the one with the lower history id continues. */
  function yieldToOthers({ id, evidence }: HistoryEntry, cluster: string, by: Author): void {
    const other = testOfOthers(history, (directory) => directory === evidence, clock.now().getTime());
    if (other === undefined || other.entry > id) return;
    recordFailed({ cluster, evidence }, 'another service started a load test at the same moment', by);
    refuseSecond(cluster, [other]);
  }

  /** Records that a test did not start, because its start entry would otherwise block others like a running test. */
  function recordFailed(test: { cluster: string; evidence?: string | undefined }, reason: string, by: Author): void {
    const document = { what: 'load-test-failed', after: keptReason(reason) } as const;
    history.append({ kind: 'change', ...defined(test), document }, by);
  }

  function startProcess(cluster: string, directory: string, load: ChosenLoad, by: Author) {
    const args = ['--config', parts.configFile, '--cluster', cluster, ...runArgs(load)];
    try {
      return startRun({ program: parts.program, args, directory, environment: parts.environment });
    } catch (cause) {
      recordFailed({ cluster, evidence: directory }, cause instanceof Error ? cause.message : String(cause), by);
      throw cause;
    }
  }

  return {
    underWay,
    async start(cluster, load, by) {
      refuseSecond(cluster, underWay());
      const planned = await planner.plan(cluster, load);
      if (planned.kind === 'refused') {
        throw new AppError('load-test-refused', planned.reason, { hint: planned.hint });
      }
      // Another load test may have begun during the planning.
      refuseSecond(cluster, underWay());
      const startedAt = clock.now().toISOString();
      const evidence = join(store.runs, folderName(startedAt));
      // Started only after it is on record.
      const document = { what: 'load-test-started', after: loadText(load) } as const;
      const entry = history.append({ kind: 'change', cluster, evidence, document }, by);
      yieldToOthers(entry, cluster, by);
      const run = startProcess(cluster, evidence, load, by);
      try {
        store.keep({ cluster, ...run, by, startedAt, load: { ...load, rates: [...load.rates] } });
      } catch (cause) {
        // Without the stored state, nothing could follow or stop the process after a restart.
        interruptRun(run);
        throw cause;
      }
      return entry;
    },
  };
}

function refuseSecond(cluster: string, [other]: ReturnType<LoadTests['underWay']>): void {
  if (other === undefined) return;
  const where = other.cluster === cluster ? '' : ` of cluster ${other.cluster}`;
  throw new AppError(
    'load-test-refused',
    `a load test${where} is running, started by ${other.by} at ${other.startedAt}`,
    { hint: 'only one at a time: two would distort each other; stop it or wait until it ends' },
  );
}

function runningTest(store: TestStore, cluster: string): KeptTest {
  const test = store.of(cluster);
  if (test === undefined || test.end !== undefined) {
    throw new AppError('load-test-refused', `no load test of cluster ${cluster} is running`, {
      hint: 'nothing to stop: load the page again',
    });
  }
  // A second interrupt would kill the process before its bundle is complete.
  if (test.stop !== undefined) {
    throw new AppError('load-test-refused', `${test.stop.by} stopped it at ${test.stop.at}; it is ending`, {
      hint: 'wait until its bundle is complete',
    });
  }
  return test;
}

function stopTest(test: KeptTest, by: Author, { store, history, clock, changes }: LoadTestParts): HistoryEntry {
  const { cluster, directory } = test;
  // Interrupts first, so that the load on the cluster ends even if nothing can be written.
  interruptRun(test);
  changes.note(cluster);
  const done = `the load test of cluster ${cluster} is ending`;
  const keep = () => store.keep({ ...test, stop: { by: by.name, through: by.through, at: clock.now().toISOString() } });
  const stopped = { kind: 'change', cluster, evidence: directory, document: { what: 'load-test-stopped' } } as const;
  let entry: HistoryEntry;
  try {
    recordDone(done, keep, 'after a restart the service does not know who stopped it');
  } finally {
    entry = recordDone(done, () => history.append(stopped, by));
  }
  return entry;
}

/** @param onAnalyzing called before the analysis, which takes minutes */
function createConclusion(
  { store, history, calculator, policy, clock }: LoadTestParts,
  onAnalyzing: (test: KeptTest) => void,
): (test: KeptTest, io: Io) => Promise<void> {
  const end = (test: KeptTest, how: { entry?: number; reason?: string }) =>
    store.keep({ ...test, end: { at: clock.now().toISOString(), ...how } });
  const record = (entry: NewHistoryEntry, by: Author, { signal }: Io) =>
    onceFree(() => history.append(entry, by), { clock, signal });

  async function fail(
    test: KeptTest,
    reason: string,
    io: Io,
    what: 'load-test-failed' | 'load-test-stopped' = 'load-test-failed',
  ): Promise<void> {
    const document = { what, after: keptReason(reason) };
    const evidence = hasBundle(test) ? test.directory : outputFile(test);
    const by =
      what === 'load-test-stopped' && test.stop
        ? { name: test.stop.by, through: test.stop.through ?? test.by.through }
        : test.by;
    try {
      await record({ kind: 'change', cluster: test.cluster, evidence, document }, by, io);
    } catch (cause) {
      if (!staysUnderWay(cause, io)) end(test, { reason: document.after });
      throw cause;
    }
    end(test, { reason: document.after });
  }

  async function grade(test: KeptTest, why: string | undefined, io: Io): Promise<number> {
    const question = { kind: 'load-test', run: test.directory, policy } as const;
    const document = await calculator.ask(question, io);
    const about = { cluster: test.cluster, evidence: test.directory };
    const entry = { kind: 'test', ...about, ...(why !== undefined && { why: keptReason(why) }), document } as const;
    return (await record(entry, test.by, io)).id;
  }

  async function conclude(test: KeptTest, io: Io): Promise<void> {
    const error = errorIn(await runOutput(test));
    const stopped = test.stop && `stopped by ${test.stop.by}`;
    if (!hasBundle(test)) {
      return stopped === undefined
        ? fail(test, error ?? 'its process ended before it sent a message', io)
        : fail(test, stopped, io, 'load-test-stopped');
    }
    onAnalyzing(test);
    let entry: number;
    try {
      entry = await grade(test, stopped ?? error, io);
    } catch (cause) {
      if (staysUnderWay(cause, io)) throw cause;
      // No retry, because an analysis takes minutes; the bundle is kept.
      return fail(test, cause instanceof Error ? cause.message : String(cause), io);
    }
    end(test, { entry, ...(error !== undefined && { reason: error }) });
  }

  return conclude;
}

/** Whether the test stays open, so that the next turn records it. */
const staysUnderWay = (cause: unknown, { signal }: Io) => signal.aborted || isInUse(cause);

/** Same format as run ids, such as `20261110-120000-1f2e`. */
const folderName = (iso: string): string =>
  `${iso.slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}-${randomBytes(2).toString('hex')}`;
