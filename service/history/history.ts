// Defines the interface of the history, which service/history/sqlite-history.ts implements.

import { AppError } from '../../core/errors.ts';
import type { KeptForecasts } from './forecast-thinning.ts';
import type {
  Author,
  ChangeKind,
  HistoryEntry,
  HistoryEntryKind,
  NewHistoryEntry,
} from '../../core/documents/history-entry.ts';
import type { LimitKind } from '../../core/documents/safe-tps.ts';

/** Of a forecast, above its share of the quota; everything else is still recorded. */
export class ForecastRefused extends AppError {}

export interface HistoryQuery {
  cluster?: string;
  /** Entries of these clusters only; none has no cluster. */
  clusters?: readonly string[];
  domain?: string;
  kinds?: readonly HistoryEntryKind[];
  /** Changes of this kind, and nothing else. */
  change?: ChangeKind;
  /** Changes about one of these entries, and nothing else. */
  about?: readonly number[];
  /** Verdicts and load tests with a safe maximum of these kinds, and nothing else. */
  safeMaxKinds?: readonly LimitKind[];
  /** Without `loginChanges`. */
  hidesLogins?: boolean;
  /** Milliseconds since the epoch, inclusive. */
  sinceMs?: number;
  /** Milliseconds since the epoch, exclusive. */
  untilMs?: number;
  /** Entries older than this id: pages go back in time. */
  beforeId?: number;
  /** Entries younger than this id: what came since. */
  afterId?: number;
  /** 1 to 500. */
  limit: number;
}

export interface HistoryReader {
  /** Newest first. */
  entries(query: HistoryQuery): readonly HistoryEntry[];
  entry(id: number): HistoryEntry | undefined;
  latest<Kind extends HistoryEntryKind>(
    cluster: string,
    kinds: readonly Kind[],
  ): Extract<HistoryEntry, { kind: Kind }> | undefined;
  /** Rises with every entry: the version of what a page is made from. */
  revision(): number;
}

export interface HistoryUsage {
  /** Of entries and indexes; the file may be larger, and the rest of it is used again. */
  usedBytes: number;
  /** By kind; a kind without entries is absent. */
  entries: ReadonlyMap<string, number>;
  /** What the file may have; absent while no quota is set. */
  quotaBytes?: number;
}

export interface History extends HistoryReader, Disposable {
  usage(): HistoryUsage;
  /** Entries that do not fit are refused as on a full disk, forecasts some time before all others. */
  limitBytes(quota: number): void;
  /** @returns ids of forecasts that are not kept, oldest first */
  thinnable(kept: KeptForecasts): readonly number[];
  /** @returns how many of them there were */
  deleteForecasts(ids: readonly number[]): number;
  /** Recorded before this time. @returns how many of them there were */
  deleteAlerts(beforeMs: number): number;
  /**
   * On disk when it returns.
   * @throws AppError ledger-full when disk or quota is, ledger-damaged
   */
  append(entry: NewHistoryEntry, by: Author): HistoryEntry;
  /**
   * Commits a write that changes no entry, if disk and quota have room for an entry of this size.
   * @throws AppError as `append` does
   */
  testWrite(bytes: number): void;
}
