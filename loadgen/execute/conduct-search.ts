// Runs a rate search: loads, drains and judges each trial; the search then selects the next rate.

import type { SearchCertificate } from '../../core/documents/search-certificate.ts';
import type { Conductor, DrivenLoad } from './conductor.ts';
import { judge, shouldReject } from '../search/criteria/judge.ts';
import type { Criteria } from '../search/criteria/criteria-options.ts';
import type { RateSegment } from '../plan/profiles/profile.ts';
import type { RunClock } from './run-clock.ts';
import type { RateSearch } from '../search/search.ts';
import { toSearchTrial, type Trial, type TrialOutcome, type TrialRecord } from '../search/trial.ts';
import type { TrialWatch } from '../search/trial-watch.ts';
import { seconds, type Seconds } from '../../core/clock.ts';
import { endOfWait } from '../../core/errors.ts';

interface SearchStage extends DrivenLoad {
  search: RateSearch;
  criteria: Criteria;
  settle: Seconds;
  watch: TrialWatch;
  /** Trials judged by an earlier attempt. */
  history: readonly TrialRecord[];
  /** Makes the guard judge the last second of a trial. */
  completeSecond(): void;
}

type Drained = Awaited<ReturnType<Conductor['drain']>>;

/** Maximum wait; a larger backlog or missing messages remain, and the next trial does not count them. */
const longestDrainSeconds = 600;

/** @returns the certificate, also if the search found no rate @throws the signal's reason */
export async function conductSearch(stage: SearchStage, io: { signal: AbortSignal }): Promise<SearchCertificate> {
  const { search, history, record, clock, onProgress } = stage;
  const records = [...history];
  let step = stage.firstStep;
  for (;;) {
    const next = search.next(records);
    if (next.kind !== 'drive') return next.certificate;
    const isFirst = records.length === history.length;
    const { outcome, hasBegun, drained } = await driveTrial(stage, next.trial, step, isFirst, io);
    const judged: TrialRecord = { trial: next.trial, outcome };
    records.push(judged);
    record({ kind: 'trial', elapsedSeconds: clock.elapsed(), step, ...toSearchTrial(judged) });
    onProgress({ kind: 'trial-judged', record: judged });
    if (hasBegun) step += 1;
    await settleBetweenTrials(stage, drained, io);
  }
}

async function driveTrial(
  { conductor, clock, watch, criteria, warmUpSeconds, completeSecond, record, onProgress }: SearchStage,
  trial: Trial,
  index: number,
  isFirst: boolean,
  io: { signal: AbortSignal },
): Promise<{ outcome: TrialOutcome; hasBegun: boolean; drained: Drained }> {
  const { rate, duration } = trial;
  const segment = (length: number): RateSegment => ({ kind: 'rate', from: rate, to: rate, duration: seconds(length) });
  const warmUp = isFirst && warmUpSeconds > 0 ? [segment(warmUpSeconds)] : [];
  const begun = conductor.extend([...warmUp, segment(duration)]);
  if (warmUp.length > 0) record({ kind: 'warm-up-started', elapsedSeconds: begun, targetTps: rate });
  const start = begun + (warmUp.length > 0 ? warmUpSeconds : 0);
  watch.begin(trial, start);

  let rejected: TrialOutcome | undefined;
  const over = new AbortController();
  const watching = everySecondOf(clock, start, AbortSignal.any([io.signal, over.signal]), (elapsed) => {
    watch.tick(elapsed);
    if (rejected !== undefined || conductor.isCut) return;
    rejected = shouldReject(watch.figures(elapsed), criteria);
    if (rejected !== undefined) conductor.cut();
  });
  const step = { index, targetTps: rate, durationSeconds: duration };
  const summary = await conductor.announce(step, start, io).finally(() => over.abort());
  await watching;
  if (summary !== undefined) onProgress({ kind: 'step-ended', step: index + 1, summary });
  await conductor.finished(io);
  // Otherwise the guard judges that second with the first report of the next one, after the trial's outcome is known.
  completeSecond();
  const drained = await conductor.drain(criteria.drain + 1, io);
  const outcome = rejected ?? judge(watch.figures(clock.elapsed(), drained), criteria);
  return { outcome, hasBegun: summary !== undefined, drained };
}

/** Waits until consumers have worked off their backlog, and then until queues, write-back and credits recover. */
async function settleBetweenTrials(
  { conductor, clock, settle, record }: SearchStage,
  drained: Drained,
  io: { signal: AbortSignal },
): Promise<void> {
  const rest =
    drained.lagMessages === 0 ? { tookSeconds: 0, lagMessages: 0 } : await conductor.drain(longestDrainSeconds, io);
  await clock.sleepUntil(clock.elapsed() + settle, io);
  record({
    kind: 'settled',
    elapsedSeconds: clock.elapsed(),
    waitedSeconds: drained.tookSeconds + rest.tookSeconds + settle,
    drainedMessages: Math.max(0, drained.lagMessages - rest.lagMessages),
    lagMessages: rest.lagMessages,
  });
}

/** Calls `work` shortly after each full second from `start`, when reports have arrived; resolves when aborted. */
async function everySecondOf(
  clock: RunClock,
  start: number,
  signal: AbortSignal,
  work: (elapsed: number) => void,
): Promise<void> {
  const phase = 0.08;
  for (let second = 1; !signal.aborted; second++) {
    await clock.sleepUntil(start + second + phase, { signal }).catch(endOfWait);
    if (!signal.aborted) work(clock.elapsed());
  }
}
