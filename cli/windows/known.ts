// Reads the forecast and the safe maximum after a loss of a cluster, from files or from the history.

import { readEntries } from '../../app/history/read-documents.ts';
import {
  limitOfLosses,
  refuseUnknownLosses,
  type KnownForecast,
  type LossKind,
  type LossLimit,
} from '../../app/planning/windows.ts';
import { AppError } from '../../core/errors.ts';
import type { NewHistoryEntry } from '../../core/documents/history-entry.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { exactDurationText, spanText } from '../../core/text/duration-text.ts';
import { readVerdicts } from '../../service/status/read-verdicts.ts';
import { isValid, verdictInForce, type KnownVerdict, type ValidAt } from '../../service/status/verdict-in-force.ts';
import type { HistoryReader } from '../../service/history/history.ts';

export interface KnownLoad {
  /** Cluster of the run, if files are read. */
  cluster?: string;
  forecast: KnownForecast;
  limit: LossLimit;
}

interface Wanted {
  cluster: string;
  survives: LossKind;
  /** Messages per second; absent: the limit of the verdict. */
  limitTps: number | undefined;
}

const noForecast = (cluster: string) =>
  new AppError('not-found', `there is no forecast of cluster ${cluster}`, {
    hint: 'give the file of `plimsoll forecast --json`, or set service.clusters.NAME.load for the service to make forecasts',
  });

const noLimit = (of: string, kind: LossKind) =>
  new AppError('not-found', `${of} has no safe maximum after the loss of a ${kind}`, {
    hint: 'give a run of two or more brokers whose placement was recorded, or --limit RATE',
  });

function limitFor(analysis: Parameters<typeof limitOfLosses>[0], of: string, kind: LossKind): LossLimit {
  refuseUnknownLosses(analysis, kind, { of, otherwise: 'give a rate that holds for every loss with --limit RATE' });
  const limit = limitOfLosses(analysis, kind);
  if (limit === undefined) throw noLimit(of, kind);
  return limit;
}

interface ReadingIo {
  policy: Policy;
  signal: AbortSignal;
}

/** @throws AppError not-found without a forecast; ledger-damaged and similar */
export function inForce(history: HistoryReader, cluster: string, at: ValidAt) {
  const forecast = history.latest(cluster, ['forecast']);
  if (forecast === undefined) throw noForecast(cluster);
  const known: KnownForecast = { document: forecast.document, entry: forecast.id, madeAtMs: Date.parse(forecast.at) };
  return { forecast: known, verdict: verdictInForce(readVerdicts(history, { cluster }, at), at) };
}

/** @param hint what to do instead. @throws AppError not-found: the cluster may have changed since the measurement */
export function refuseExpired(verdict: KnownVerdict, cluster: string, at: ValidAt, hint: string): void {
  if (isValid(verdict, at)) return;
  const { entry, measuredAtMs } = verdict;
  const age = spanText((at.nowMs - measuredAtMs) / 1000);
  const lasts = exactDurationText(at.lastsSeconds);
  throw new AppError('not-found', `verdict ${entry} of ${cluster} has expired: ${age} old, verdicts last ${lasts}`, {
    hint,
  });
}

/** @throws AppError not-found if either is missing or the verdict has expired; ledger-damaged and similar */
export function knownFromHistory(
  history: HistoryReader,
  { cluster, survives, limitTps }: Wanted,
  at: ValidAt,
): KnownLoad {
  const { forecast, verdict } = inForce(history, cluster, at);
  if (limitTps !== undefined) return { forecast, limit: { stated: { tps: limitTps } } };
  if (verdict === undefined) throw noLimit(`cluster ${cluster}`, survives);
  refuseExpired(verdict, cluster, at, 'measure again, or give --limit RATE');
  const limit = limitFor(verdict, `verdict ${verdict.entry} of ${cluster}`, survives);
  const { entry, measuredAtMs } = verdict;
  const stated = { ...limit.stated, entry, measuredAt: new Date(measuredAtMs).toISOString() };
  return { forecast, limit: { ...limit, stated } };
}

/** @throws AppError usage, ledger-entry-unreadable, not-found */
export async function knownFromFiles(
  paths: readonly string[],
  { survives, limitTps }: Omit<Wanted, 'cluster'>,
  io: ReadingIo,
): Promise<KnownLoad> {
  const entries = await entriesOf(paths, io);
  const known = forecastAmong(entries);
  const [verdict, ...more] = entries.filter((entry) => entry.kind === 'verdict' || entry.kind === 'test');
  const cluster = verdict?.document.run.cluster;
  const named = { forecast: known, ...(cluster !== undefined && { cluster }) };
  if (limitTps !== undefined) return { ...named, limit: { stated: { tps: limitTps } } };
  if (verdict === undefined || more.length > 0) {
    throw new AppError('usage', 'give one run folder or analysis beside the forecast, or --limit RATE');
  }
  return { ...named, limit: limitFor(verdict.document, 'the analysis', survives) };
}

/** @throws AppError usage, ledger-entry-unreadable */
export async function forecastFromFile(path: string, io: ReadingIo): Promise<KnownForecast> {
  return forecastAmong(await entriesOf([path], io));
}

/** The name is ignored, since a forecast file has none. */
async function entriesOf(paths: readonly string[], io: ReadingIo): Promise<NewHistoryEntry[]> {
  const entries: NewHistoryEntry[] = [];
  for (const path of paths) entries.push(...(await readEntries(path, { cluster: 'given' }, io)));
  return entries;
}

function forecastAmong(entries: readonly NewHistoryEntry[]): KnownForecast {
  const [forecast, ...others] = entries.filter((entry) => entry.kind === 'forecast');
  if (forecast === undefined || others.length > 0)
    throw new AppError('usage', 'give one forecast, as `plimsoll forecast --json` writes it');
  return { document: forecast.document };
}
