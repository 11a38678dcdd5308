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

/** Refusal of a forecast above the forecasts' share of the quota; other entries are still recorded. */
export class ForecastRefused extends AppError {}

export interface HistoryQuery {
  cluster?: string;
  /** Only entries of these clusters, which excludes entries without a cluster. */
  clusters?: readonly string[];
  domain?: string;
  kinds?: readonly HistoryEntryKind[];
  /** Only changes of this kind. */
  change?: ChangeKind;
  /** Only changes about one of these entries. */
  about?: readonly number[];
  /** Only verdicts and load tests with a safe maximum of these kinds. */
  safeMaxKinds?: readonly LimitKind[];
  /** Excludes `loginChanges`. */
  hidesLogins?: boolean;
  /** Milliseconds since the epoch, inclusive. */
  sinceMs?: number;
  /** Milliseconds since the epoch, exclusive. */
  untilMs?: number;
  /** Only entries older than this id, for paging back in time. */
  beforeId?: number;
  /** Only entries newer than this id. */
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
  /** Increases with every entry: the version of the data of a page. */
  revision(): number;
}

export interface HistoryUsage {
  /** Size of entries and indexes; the file may be larger, and its free space is reused. */
  usedBytes: number;
  /** Entries by kind; a kind without entries is absent. */
  entries: ReadonlyMap<string, number>;
  /** Limit for the size of the file; absent without a quota. */
  quotaBytes?: number;
}

export interface History extends HistoryReader, Disposable {
  usage(): HistoryUsage;
  /** Refuses entries above the quota as if the disk were full, and forecasts earlier than other entries. */
  limitBytes(quota: number): void;
  /** @returns ids of forecasts that `kept` excludes, oldest first */
  thinnable(kept: KeptForecasts): readonly number[];
  /** @returns the number of deleted forecasts */
  deleteForecasts(ids: readonly number[]): number;
  /** Deletes alerts recorded before this time. @returns the number of deleted alerts */
  deleteAlerts(beforeMs: number): number;
  /**
   * Appends an entry, which is on disk when this returns.
   * @throws AppError ledger-full if the disk or quota is full, ledger-damaged
   */
  append(entry: NewHistoryEntry, by: Author): HistoryEntry;
  /**
   * Commits a write that changes no entry, if disk and quota have room for an entry of this size.
   * @throws AppError as `append` does
   */
  testWrite(bytes: number): void;
}

const pageSize = 500;

export function* everyEntry(
  history: Pick<HistoryReader, 'entries'>,
  query: Omit<HistoryQuery, 'limit' | 'beforeId'>,
): Iterable<HistoryEntry> {
  for (let beforeId: number | undefined; ;) {
    const page = history.entries({ ...query, ...(beforeId !== undefined && { beforeId }), limit: pageSize });
    yield* page;
    if (page.length < pageSize) return;
    beforeId = page.at(-1)?.id;
  }
}
