// Writes the journal and telemetry of a run, and passes each record to all observers and totals.

import { join } from 'node:path';
import type { TelemetryRecord } from '../../core/documents/evidence/telemetry.ts';
import type { JournalLine } from '../../core/documents/run-bundle.ts';
import { ignoreFault } from '../../core/errors.ts';
import { proxyAddressOf, signsRequests } from '../plan/workload/proxy-fit.ts';
import { readJournalLines } from '../record/bundle/journal-lines.ts';
import { watchBusiestResource } from '../record/busiest-resource.ts';
import type { RunProgress } from '../record/progress.ts';
import { createRunAccount } from '../record/run-account.ts';
import type { Utilisation } from '../record/utilisation.ts';
import { watchTrials } from '../search/trial-watch.ts';
import { readEnds, type LogsSeen } from './log-watch.ts';
import type { RunClock } from './run-clock.ts';
import type { Ending } from './run-end.ts';
import type { Conducted, Stage } from './stage.ts';

export type RunBook = ReturnType<typeof openBook>;

/** Timeout to read back the journal; a journal of one month takes several minutes. */
const readBackMilliseconds = 600_000;
/** A report belongs to the step at the middle of its second. */
const halfSecond = 0.5;

export function openBook(stage: Stage, clock: RunClock) {
  const { plan, origin, environment, threads, bundle, resumption, logs, tools } = stage;
  const { journal, telemetry } = bundle;
  const { calibration = resumption?.document.calibration } = tools;
  const degraded = tools.recorded?.degraded ?? resumption?.document.degraded;
  const account = createRunAccount(
    {
      broker: plan.cluster.broker,
      cluster: plan.cluster.name,
      environment,
      replicationFactor: degraded?.copies ?? stage.replicationFactor,
      workload: plan.workload,
      topics: plan.topic.names,
      groups: plan.groups.map(({ name }) => name),
      calibration,
      proxy: proxyAddressOf(plan.cluster.config),
      signed: signsRequests(plan.cluster.config),
    },
    resumption?.account,
  );
  const { sum, wire, ledger } = account;
  const producers = threads.producers.map(({ worker }) => worker);
  const trials = watchTrials(sum, environment, calibration, tools.judgeLimits);
  const busiestOf = watchBusiestResource(environment);
  let busiest: Utilisation | undefined;

  function record(line: JournalLine): void {
    journal.append(line);
    account.add(line);
    trials.add(line);
    stage.observe?.(line);
  }
  function note(seen: TelemetryRecord): void {
    telemetry.append(seen);
    wire.see(seen);
  }
  /** After the load, a failed reading does not fail the run: it is reported, and the result lacks it. */
  function unlessUnread<Read>(what: string, reading: Promise<Read>): Promise<Read | { reason: string }> {
    return reading.catch((fault: unknown) => {
      const { message: reason } = fault as Error;
      tools.onProgress({ kind: 'unread', what, reason });
      return { reason };
    });
  }
  /** Reads network counters after the last message was consumed; otherwise the byte account would lack a second. */
  async function readCardsOnceMore(): Promise<void> {
    const sampling = tools.telemetry.sample(() => clock.elapsed(), { signal: AbortSignal.timeout(1000) });
    const records = await unlessUnread('the last bytes of the network cards', sampling);
    for (const seen of 'reason' in records ? [] : records) if (seen.kind === 'host') note(seen);
  }
  /** Reads the journal lines again; if the disk is full, only the lines that were written. */
  const readBack = () =>
    readJournalLines(join(plan.directory, 'journal.ndjson'), { signal: AbortSignal.timeout(readBackMilliseconds) });
  const flush = async () => void (await Promise.all([journal.flush(), telemetry.flush()]));
  /** Records the log offsets of the partitions. */
  function recordLogs(at: 'start' | 'end', seen: LogsSeen | undefined): void {
    if (seen === undefined || seen.places.length === 0) return;
    record({ kind: 'log-offsets', elapsedSeconds: Math.max(origin.fromSeconds, clock.elapsed()), at, ...seen });
  }

  return {
    sum,
    trials,
    record,
    see(records: readonly TelemetryRecord[]): void {
      for (const seen of records) {
        note(seen);
        if (seen.kind !== 'background') continue;
        const { elapsedSeconds, intervalSeconds, messages } = seen;
        record({ kind: 'background', elapsedSeconds, intervalSeconds, messagesPerSecond: messages / intervalSeconds });
      }
      busiest = busiestOf(records) ?? busiest;
      trials.see(records);
      tools.guard?.see(records);
    },
    recordLogs,
    flush,
    /** @returns the report of the previous second */
    progress(): RunProgress {
      const elapsedSeconds = clock.elapsed();
      const step = sum.stepAt(Math.max(0, elapsedSeconds - halfSecond));
      const isSearch = plan.search !== undefined;
      const left = origin.fromSeconds + plan.durationSeconds - elapsedSeconds;
      return {
        kind: 'second',
        elapsedSeconds,
        ...(step !== undefined && { step: step.index + 1 }),
        ...(!isSearch && { steps: plan.steps.length }),
        ...(!isSearch && { leftSeconds: Math.max(0, left) }),
        // The warm-up has the target of the first step; after the last step nothing is sent.
        interval: sum.takeInterval(step?.target ?? (left > 0 ? plan.steps[0] : undefined) ?? {}, producers),
        ...(plan.groups.length > 0 && { lagMessages: sum.lagMessages() }),
        ...(busiest && { busiest }),
      };
    },
    /** Writes the last line. */
    async close(ending: Ending): Promise<void> {
      if (ending.status === 'completed') await readCardsOnceMore();
      if (ledger !== undefined) {
        const acknowledged = sum.acknowledgedMessages();
        recordLogs('end', await readEnds(logs, { ...plan.workload, acknowledged }, clock, tools.onProgress));
      }
      const { status } = ending;
      const reason = 'reason' in ending && { reason: ending.reason };
      record({ kind: 'run-ended', elapsedSeconds: Math.max(0, clock.elapsed()), status, ...reason });
      // A full disk was already reported, and the lines already written are intact.
      await flush().catch(ignoreFault('the first failed write has ended the run'));
    },
    /** @returns the results of all checks and sums */
    async results(): Promise<Omit<Conducted, 'ending' | 'certificate'>> {
      const checked = ledger && (await unlessUnread('the delivery check', ledger.account(readBack)));
      const failures = sum.failures();
      const passedStep = sum.passedStep();
      return {
        steps: sum.steps(),
        ...(passedStep !== undefined && { passedStep }),
        ...(failures.length > 0 && { failures }),
        wire: wire.check(),
        ...(checked && ('reason' in checked ? { deliveryUnread: checked } : { ledger: checked })),
      };
    },
  };
}
