// Runs a planned rehearsal as a load test, stops a broker of the lab at the peak, and judges what failed first.

import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { importRun } from '../../analyzer/evidence/importers/bundle.ts';
import { totalOf } from '../../analyzer/planning/rehearsal/course.ts';
import { agreement, judgeRehearsal } from '../../analyzer/planning/rehearsal/seen.ts';
import { proofOf } from '../../analyzer/review/capacity-report/proofs.ts';
import { analyzeRun } from '../../analyzer/verdict/analyze-run.ts';
import type { LoadTestRun } from '../../analyzer/evidence/load-test-run.ts';
import type { RehearsalDocument, RehearsalStamp, SeenFailure } from '../../core/documents/rehearsal.ts';
import { AppError, awaitedElsewhere, endOfWait, ignoreFault } from '../../core/errors.ts';
import { durationText } from '../../core/text/duration-text.ts';
import { quotedWord } from '../../core/text/quoted-word.ts';
import { seconds } from '../../core/clock.ts';
import { killLabBroker, type KilledProcess } from '../../lab/lab-broker.ts';
import { faultOf, type RunOutcome } from '../../loadgen/execute/run.ts';
import type { RunProgress } from '../../loadgen/record/progress.ts';
import type { Config } from '../config/config-file.ts';
import { carryOut } from '../load-test/carry-out.ts';
import type { RunCaller } from '../load-test/run-request.ts';
import type { PlannedRehearsal } from './plan-rehearsal.ts';
import type { RehearsalRequest } from './rehearsal-request.ts';
import { JournalLine } from '../../core/documents/run-bundle.ts';
import { parseJson } from '../../core/text/parse-json.ts';

type Result = NonNullable<RehearsalDocument['result']>;

/** @throws AppError load-test-refused and other errors of a load test, before anything is sent; aborted; lab-failed */
export async function runRehearsal(
  planned: PlannedRehearsal,
  config: Config,
  request: RehearsalRequest,
  io: RunCaller,
): Promise<RehearsalDocument> {
  const { document, plan, course, policy } = planned;
  await using outage = outageOf(planned, request, io);
  const outcome = await carryOut(
    {
      plan,
      config,
      request: {
        cluster: request.cluster,
        configFile: request.configFile,
        acceptBlind: request.acceptBlind,
        calibrate: request.calibrate,
        rehearsal: stampOf(planned),
      },
    },
    { ...io, onProgress: outage.onProgress },
  );
  await outage.end();
  const fault = faultOf(outcome);
  if (outcome.status === 'aborted' && fault !== undefined) throw interruptionOf(fault, outcome);
  const imported = await importRun(plan.directory, { settleSeconds: policy.step.settleSeconds.value });
  if (imported.origin !== 'load-test') throw new AppError('unexpected', `${plan.directory} is not a load test`);
  const { run } = imported;
  const names = new Map(plan.groups.map(({ name }, index) => [name, document.groups[index]?.name ?? name]));
  const judged = judgeRehearsal(run, policy, {
    course,
    stop: document.stop,
    groupName: (group) => names.get(group) ?? group,
  });
  const seen = seenWith(judged.seen, fault);
  const agrees = agreement(document.predicted, seen);
  const result: Result = {
    bundle: outcome.directory,
    ...judged,
    seen,
    ...(agrees && { agrees }),
    ...(outage.stoppedAt() !== undefined && { stoppedAtSeconds: outage.stoppedAt() }),
    topics: await topicsOf(planned, outcome),
    proof: proofIn(planned, run, request),
  };
  return { ...document, status: 'done', result };
}

/** The rest of the load, sent later and without the outage, is no rehearsal, so `run --resume` is not recommended. */
export const interruptionOf = (fault: AppError, { directory }: Pick<RunOutcome, 'directory'>): AppError =>
  new AppError('aborted', fault.message, {
    cause: fault,
    hint: `\`plimsoll analyze ${directory}\`; a rehearsal cannot be resumed: run the command again`,
  });

/** A run ended by the guard or a failure did not rehearse the rest. */
function seenWith(seen: SeenFailure, fault: AppError | undefined): SeenFailure {
  return fault === undefined || seen.kind === 'failure' ? seen : { kind: 'unknown', reason: fault.message };
}

function stampOf({ document, plan }: PlannedRehearsal): RehearsalStamp {
  const { promotion, history, scale, compress, stepSeconds, topics, stop, predicted } = document;
  const { from, to, source, promotion: last } = history;
  return {
    promotion,
    history: { promotion: last, from, to, source },
    scale: scale.factor,
    compress,
    stepSeconds,
    topics: topics.map(({ name }, index) => ({ name, shadow: plan.topic.names[index] ?? '' })),
    ...(stop && { stop }),
    predicted,
  };
}

/** Stops the broker at the start of the peak step, and restarts it in time, at the latest at the end. */
function outageOf({ document: { stop }, plan }: PlannedRehearsal, { labDirectory }: RehearsalRequest, io: RunCaller) {
  let begun: Promise<void> | undefined;
  let killed: KilledProcess | undefined;
  let stoppedAt: number | undefined;
  const over = new AbortController();

  async function act(broker: string, lastsSeconds: number, directory: string): Promise<void> {
    killed = await killLabBroker(directory, broker, io.clock);
    io.tell(`broker ${broker} of the lab was stopped; it starts again in ${durationText(lastsSeconds)}`);
    await io.clock.sleep(seconds(lastsSeconds), { signal: over.signal }).catch(endOfWait);
    startAgain();
  }

  function startAgain(): void {
    killed?.startAgain();
    killed = undefined;
  }

  async function end(): Promise<void> {
    over.abort();
    await begun;
    startAgain();
  }

  return {
    onProgress(progress: RunProgress) {
      io.onProgress(progress);
      if (stop === undefined || labDirectory === undefined || begun !== undefined) return;
      if (progress.kind !== 'second' || (progress.step ?? 0) < stop.step + 1) return;
      stoppedAt = Math.max(0, progress.elapsedSeconds - plan.warmUpSeconds);
      begun = act(stop.broker, stop.lastsSeconds, labDirectory);
      begun.catch(awaitedElsewhere);
    },
    stoppedAt: () => stoppedAt,
    end,
    [Symbol.asyncDispose]: () => end().catch(ignoreFault('it was thrown where the run ended')),
  };
}

async function topicsOf({ document, plan, course }: PlannedRehearsal, outcome: RunOutcome): Promise<Result['topics']> {
  const acknowledged = await readTopicTotals(outcome.directory, plan.topic.names);
  return document.topics.map(({ name }, index) => ({
    name,
    targetMessages: Math.round(course.steps.reduce((sum, rates) => sum + (rates[index] ?? 0) * course.stepSeconds, 0)),
    acknowledgedMessages: acknowledged[index] ?? 0,
  }));
}

/** Uses the rules of the capacity report: a rate sustained for the confirmation time, within every limit. */
function proofIn(
  { policy, course, document: { stop } }: PlannedRehearsal,
  run: LoadTestRun,
  request: RehearsalRequest,
): Result['proof'] {
  const analysis = analyzeRun(run, policy);
  const confirmation = policy.confirmationSeconds.value;
  const proof = proofOf({ analysis, source: 'rehearsal' }, confirmation);
  if (proof !== undefined) return { kind: 'proof', tps: proof.tps, seconds: proof.seconds };
  const held = `each rate was held for ${durationText(course.stepSeconds)}`;
  const reason =
    course.stepSeconds < confirmation
      ? `${held}, and a proof needs ${durationText(confirmation)} (confirmation time)`
      : `no step was held within every policy limit${stop ? ', and a broker was stopped' : ''}`;
  const peak = Math.max(...course.steps.map(totalOf));
  const { groups = 1 } = run.document.workload;
  return { kind: 'none', reason: `${reason}; for a proof: ${proofCommand({ peak, confirmation, groups }, request)}` };
}

type ProofRequest = Pick<RehearsalRequest, 'configFile' | 'cluster' | 'captures' | 'messageSizes'>;

/** One rate for the confirmation time, in the cluster of the rehearsal; several or captured sizes are left to the user. */
export function proofCommand(
  { peak, confirmation, groups }: { peak: number; confirmation: number; groups: number },
  { configFile, cluster, captures, messageSizes }: ProofRequest,
): string {
  const [size, ...others] = new Set(messageSizes.map(({ value }) => value));
  const known = captures.length === 0 && others.length === 0 ? size : undefined;
  const command = [
    `plimsoll run --rate-steps ${Math.ceil(peak)} --step-duration ${confirmation}s --groups ${groups}`,
    ...(configFile === undefined ? [] : [`--config ${quotedWord(configFile)}`]),
    ...(cluster === undefined ? [] : [`--cluster ${quotedWord(cluster)}`]),
    ...(known === undefined ? [] : [`--message-size ${quotedWord(known)}`]),
  ].join(' ');
  return known === undefined ? `${command}, and --message-size with the mean size of the messages` : command;
}

/** @returns totals in the order of the topics */
async function readTopicTotals(directory: string, topics: readonly string[]): Promise<number[]> {
  const totals = topics.map(() => 0);
  let begins: number | undefined;
  const lines = createInterface({ input: createReadStream(join(directory, 'journal.ndjson')) });
  for await (const text of lines) {
    const { data: line } = JournalLine.safeParse(parseJson(text));
    if (line?.kind === 'step-started') begins ??= line.elapsedSeconds;
    if (line?.kind !== 'produced' || begins === undefined || line.elapsedSeconds - line.intervalSeconds / 2 < begins)
      continue;
    if (line.topics === undefined) totals[0] = (totals[0] ?? 0) + line.acknowledged;
    for (const { topic, acknowledged } of line.topics ?? []) {
      const index = topics.indexOf(topic);
      if (index >= 0) totals[index] = (totals[index] ?? 0) + acknowledged;
    }
  }
  return totals;
}
