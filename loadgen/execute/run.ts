// Runs a load test: prepares and conducts it, and writes its result.

import { join } from 'node:path';
import type { Io } from '../../brokers/driver.ts';
import { preparedFile, type RunDocument } from '../../core/documents/run-bundle.ts';
import { defined } from '../../core/defined.ts';
import { AppError, faults, ignoreFault } from '../../core/errors.ts';
import { quotedWord } from '../../core/text/quoted-word.ts';
import { removeStopFile } from '../guard/stop-file-input.ts';
import type { RunPlan } from '../plan/plan.ts';
import { storedSearch } from '../plan/stored-workload.ts';
import { hasShareLists } from '../plan/workload/message-spec-of.ts';
import {
  checkBundlePlace,
  checkBundleSpace,
  createBundle,
  removeBundle,
  reopenBundle,
  writeRunDocument,
  type BundleWriter,
} from '../record/bundle/bundle-writer.ts';
import { writeResult } from '../record/bundle/result.ts';
import { readResumption, type Resumption } from '../record/bundle/resumption.ts';
import { storageFault } from '../record/bundle/storage-fault.ts';
import type { RunProgress } from '../record/progress.ts';
import { judgeRun, type ThresholdVerdict } from '../record/thresholds/judge-thresholds.ts';
import type { SearchOptions, Started } from '../search/search-options.ts';
import { createSearch } from '../search/search.ts';
import { conduct } from './conduct.ts';
import { claimBundle } from './control/bundle-claim.ts';
import { serveControl } from './control/control-server.ts';
import { createRunningTest } from './control/running-test.ts';
import { watchLogs } from './log-watch.ts';
import { chooseOrigin, type RunOrigin } from './run-clock.ts';
import { runDocument } from './run-document.ts';
import type { Ending } from './run-end.ts';
import type { Conducted, RunTools, Stage } from './stage.ts';
import { openThreads } from './threads.ts';
import { createTopics, planTopic } from './topic.ts';
import type { Breach, Guard } from '../guard/guard.ts';

export type RunOutcome = Ending &
  Omit<Conducted, 'ending' | 'passedStep'> & {
    id: string;
    directory: string;
    isResumable: boolean;
    /** Absent if the workload has no thresholds. */
    thresholds?: ThresholdVerdict;
    /** Why result.json is missing. */
    unwritten?: AppError;
  };

/** Time to write run.json and to send the time zero to every thread. */
const leadSeconds = 0.5;

/**
 * @param io.signal stops sending; unanswered messages are awaited, and the bundle records the status aborted
 * @param resumption present if the plan belongs to an interrupted run
 * @throws AppError before any load: run-exists, usage if another process runs it, no-space, no-permission,
 * topic-conflict, and broker errors. Once the bundle has begun, errors become outcomes.
 */
export async function runLoadTest(
  plan: RunPlan,
  tools: RunTools,
  io: Io,
  resumption?: Resumption,
): Promise<RunOutcome> {
  if (resumption === undefined) await checkBundlePlace(plan.directory, plan);
  else await checkBundleSpace(plan.directory, plan);
  await using resources = new AsyncDisposableStack();
  const stage = await prepare(plan, tools, io, resources, resumption);
  const { running, stop, control } = await openControl(plan, tools, resources);
  const onProgress = (progress: RunProgress) => {
    running.tell(progress);
    tools.onProgress(progress);
  };
  const { ending, passedStep, ...conducted } = await conduct(
    {
      ...stage,
      tools: { ...tools, guard: stop.guard, onProgress },
      observe: running.observe,
      ...(control && { url: control.url }),
    },
    io,
  );
  const { id, directory } = plan;
  const thresholds = judgeRun(plan.workload.thresholds, { ...conducted, passedStep });
  const reason = 'reason' in ending && { reason: ending.reason };
  const came = { ...conducted, ...(thresholds && { thresholds }) };
  const result = { id, status: ending.status, ...reason, ...came };
  const unwritten = await writeResult(directory, result).catch((cause: unknown) =>
    storageFault(cause, `cannot write ${join(directory, 'result.json')}`),
  );
  const isResumable = !hasShareLists(plan.workload);
  return { ...ending, id, directory, isResumable, ...came, ...(unwritten && { unwritten }) };
}

/** Begins the bundle, creates the topics and opens the threads. */
async function prepare(
  plan: RunPlan,
  tools: RunTools,
  io: Io,
  resources: AsyncDisposableStack,
  resumption: Resumption | undefined,
): Promise<Omit<Stage, 'tools'>> {
  await using opened = new AsyncDisposableStack();
  const planned = await planTopic(plan.topic, tools.inspector, io);
  const environment = await tools.telemetry.describe(io);
  const { version: brokerVersion, brokers } = await tools.inspector.describe(io);
  const search = searchOf(plan, tools, resumption);
  const originNow = () => chooseOrigin(leadSeconds, resumption?.fromSeconds);
  const documentAt = (origin: RunOrigin) =>
    runDocument(plan, { topic: planned, origin, search, environment, brokerVersion }, tools);
  io.signal.throwIfAborted();
  const { bundle, keep } = await openBundle(plan.directory, documentAt(originNow()), opened, io, resumption);
  const onProgress = (progress: RunProgress) => {
    if (progress.kind !== 'left-behind') return tools.onProgress(progress);
    keep();
    const reason = `${progress.reason}; \`plimsoll run --cleanup ${quotedWord(plan.directory)}${tools.configArgs ?? ''}\` tries again`;
    tools.onProgress({ ...progress, reason });
  };
  const topic = opened.use(await createTopics(planned, plan.topic, { ...tools, onProgress }, io));
  const recordedTo = topic.isNew === true ? undefined : resumption?.account.ledger?.recordedTo;
  const threads = opened.use(
    await openThreads(plan, topic, brokers.length, tools.startThread, io, tools.shares, recordedTo),
  );
  const read = watchLogs(tools.openInspector, topic.names, plan.workload.delay, (reason) =>
    tools.onProgress({ kind: 'unread', what: `the ends of the partitions of ${topic.names.join(', ')}`, reason }),
  );
  const logs = { before: plan.workload.ledger ? await read() : undefined, read, areNew: topic.isNew === true };
  io.signal.throwIfAborted();
  const origin = originNow();
  if (resumption === undefined) await writeRunDocument(plan.directory, documentAt(origin));
  keep();
  resources.use(opened.move());
  return {
    plan,
    origin,
    environment,
    brokers,
    replicationFactor: topic.replicationFactor,
    threads,
    bundle,
    logs,
    ...defined({ search: search && createSearch(search), resumption }),
  };
}

/**
 * Opens the bundle before the first topic is created, so that it lists the topics if the run is killed. A new bundle is
 * removed with the stack, after its topics, unless it was kept.
 */
async function openBundle(
  directory: string,
  document: RunDocument,
  opened: AsyncDisposableStack,
  io: Io,
  resumption: Resumption | undefined,
): Promise<{ bundle: BundleWriter; keep(): void }> {
  if (resumption !== undefined) {
    opened.use(await claimBundle(directory));
    await refuseContinued(directory, resumption, io);
    await removeStopFile(directory);
    return { bundle: opened.use(await reopenBundle(directory, resumption.kept)), keep: () => {} };
  }
  const bundle = await createBundle(directory, document, preparedFile);
  let isKept = false;
  opened.defer(async () => {
    if (!isKept) await removeBundle(directory);
  });
  // Released after the journal is closed.
  const claim = opened.use(new AsyncDisposableStack());
  opened.use(bundle);
  claim.use(await claimBundle(directory));
  return { bundle, keep: () => void (isKept = true) };
}

/**
 * Detects that another process continued the run between the read of its journal and the claim.
 * @throws AppError usage; run-complete
 */
async function refuseContinued(directory: string, { document, kept }: Resumption, io: Io): Promise<void> {
  const now = await readResumption(directory, document, io);
  if (now.kept.journal === kept.journal) return;
  throw new AppError('usage', `another process has continued the load test of ${directory} in the meantime`, {
    hint: 'run the command again',
  });
}

/** Opens the control server: status page and stop command of a running test. */
async function openControl(plan: RunPlan, tools: RunTools, resources: AsyncDisposableStack) {
  const { id: run, directory } = plan;
  const { configArgs } = tools;
  const { name: cluster, broker } = plan.cluster;
  const groups = plan.groups.map(({ name }) => name);
  const stop = createStop(tools.guard);
  const { limits } = stop.guard;
  const running = createRunningTest({ run, cluster, broker, workload: plan.profile.name, directory, groups, limits });
  const { status, metrics } = running;
  const control = resources.use(
    await serveControl({ directory, configArgs, status, metrics, onStop: stop.ask }).catch(
      ignoreFault('no loopback address, so the run has no control page'),
    ),
  );
  return { running, stop, control };
}

/** A resumed search keeps its original options; otherwise its trials would not be comparable. */
function searchOf(
  plan: RunPlan,
  { search, onProgress }: RunTools,
  resumption: Resumption | undefined,
): Started<SearchOptions> | undefined {
  if (plan.search === undefined || search === undefined) return undefined;
  const begun = resumption && storedSearch(resumption.document);
  if (begun !== undefined) return begun;
  const { options, explanation } = search;
  if (explanation.length > 0) onProgress({ kind: 'search-starts', explanation });
  return options;
}

/**
 * @returns the error a command throws for a run that did not complete
 * @param configArgs arguments of the commands in its hint; begins with a space
 */
export function faultOf(outcome: RunOutcome, configArgs = ''): AppError | undefined {
  const { unwritten } = outcome;
  const where = `the partial bundle is ${outcome.directory}${unwritten === undefined ? '' : `; ${unwritten.message}`}`;
  const run = `${quotedWord(outcome.directory)}${configArgs}`;
  const analyze = `\`plimsoll analyze ${run}\``;
  switch (outcome.status) {
    case 'completed':
      return unwritten;
    case 'aborted': {
      return new AppError('aborted', `the run was stopped; ${where}`, {
        hint: outcome.isResumable
          ? `${analyze}, or \`plimsoll run --resume ${run}\``
          : `${analyze}; its shares change from step to step, so it cannot be resumed: start a new run`,
      });
    }
    case 'stopped':
      return new AppError('load-stopped', `the guard stopped the run: ${outcome.reason}; ${where}`);
    case 'failed':
      return new AppError(outcome.code, `the run failed: ${outcome.reason}; ${where}`, {
        hint:
          outcome.hint === faults['run-failed'].hint
            ? outcome.hint
            : `${outcome.hint}; ${analyze} reads what was recorded until then`,
      });
  }
}

/** Stops a load at once on an external request and records the reason in the journal, like a breach of a limit. */
export function createStop(guard: Guard | undefined) {
  let tell: ((breach: Breach) => void) | undefined;
  let requested: Breach | undefined;
  return {
    /** Adds the stop request to what the given guard watches. */
    guard: {
      async watch(io) {
        tell = io.onBreach;
        if (requested !== undefined) tell(requested);
        await guard?.watch(io);
      },
      observe: (lines) => guard?.observe(lines),
      completeSecond: () => guard?.completeSecond(),
      see: (records) => guard?.see(records),
      limits: () => guard?.limits() ?? [],
    } satisfies Guard,
    /** May be called before the load begins; the load then ends immediately. */
    ask(reason: string): void {
      requested ??= { input: 'stop', reason, ends: 'run' };
      tell?.(requested);
    },
  };
}
