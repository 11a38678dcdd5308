// Stores the coarse level of recorded readings in a file, so that charts survive a restart.

import { createHash } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import type { Logger } from '../../core/log.ts';
import { readingsLevels } from '../../core/readings-range.ts';
import { inTransaction, onlyValue } from '../history/open-database.ts';
import type { ClusterReadings, KeptSeries } from './cluster-readings.ts';
import { figures, parts, type Figure, type Part } from './figures.ts';
import { pack, unpack } from './packed-value.ts';
import type { Ring } from './ring.ts';
import { makeFolder } from '../../core/files.ts';

/*
 *   series   id of each cluster, part, name and figure
 *   points   a row for each slot of 5 minutes and cluster; body := (id u32 · mean u16 · max u16)*   little endian, packed
 *            saved_ms is the time of writing: an incomplete slot covers the time until then
 *   claim    digest of the config of each cluster when it was saved
 */
const version = 1;
const schema = `
  CREATE TABLE series (
    id INTEGER PRIMARY KEY, cluster TEXT NOT NULL, part TEXT NOT NULL, name TEXT NOT NULL, figure TEXT NOT NULL,
    UNIQUE (cluster, part, name, figure)
  ) STRICT;
  CREATE TABLE points (
    slot INTEGER NOT NULL, cluster TEXT NOT NULL, saved_ms INTEGER NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (slot, cluster)
  ) STRICT, WITHOUT ROWID;
  PRAGMA user_version = ${version}`;

const { slotMs, slots } = readingsLevels['24h'];
const bytesPerPoint = 8;
const slotsPerHour = 3_600_000 / slotMs;

/** Limit per turn of the event loop, so that scrapes and pages are served between turns. */
const longestTurnMs = 5;

/** Also needed after the end of a slot, because a rate read shortly afterwards covers the last seconds of the slot. */
const settleMs = 60_000;

/** The previous process of this service may still write. */
const lockWaitMs = 200;

interface Series {
  cluster: string;
  of: Part;
  name: string;
  figure: Figure;
}

export type ReadingsFile = ReturnType<typeof readingsIn>;

/**
 * Opens the file, and replaces a damaged one or one of another version by an empty file: it only holds a day of data.
 *
 * @returns undefined if it cannot be opened now, for example because another process has locked it or the disk is full
 */
export function openReadingsFile(file: string, log: Pick<Logger, 'warn'>): ReadingsFile | undefined {
  try {
    const database = opened(file) ?? replaced(file, log);
    return database && readingsIn(database, file, log);
  } catch (cause) {
    const reason = (cause as Error).message;
    log.warn({ file, reason }, 'cannot open the file of recorded readings; charts will not survive a restart');
    return undefined;
  }
}

function replaced(file: string, log: Pick<Logger, 'warn'>): DatabaseSync | undefined {
  log.warn({ file }, 'file of recorded readings unusable; charts start again');
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
  return opened(file);
}

function readingsIn(database: DatabaseSync, file: string, log: Pick<Logger, 'warn'>) {
  /** Series id of each ring; a ring never changes its series. */
  let ids = new WeakMap<Ring, number>();
  /** Time when the last slot of each cluster was saved. */
  const savedAt = new Map<string, number>();
  let prunedAt = -Infinity;
  /** Clusters whose points belong to other brokers but could not be deleted. */
  const hidden = new Set<string>();
  const known = database.prepare('SELECT id FROM series WHERE cluster = ? AND part = ? AND name = ? AND figure = ?');
  const add = database.prepare('INSERT INTO series (cluster, part, name, figure) VALUES (?, ?, ?, ?)');
  const put = database.prepare('INSERT OR REPLACE INTO points (slot, cluster, saved_ms, body) VALUES (?, ?, ?, ?)');
  const hasSlots = database.prepare('SELECT 1 FROM points WHERE slot BETWEEN ? AND ? LIMIT 1');
  const forget = database.prepare('DELETE FROM points WHERE slot <= ? OR slot > ?');
  const allSeries = database.prepare('SELECT * FROM series');
  const seriesOf = database.prepare('SELECT id FROM series WHERE cluster = ?');
  const clustersWithSeries = database.prepare('SELECT DISTINCT cluster FROM series');
  const points = database.prepare('SELECT body FROM points WHERE slot = ? AND cluster = ?');
  const forgetOne = database.prepare('DELETE FROM series WHERE id = ?');
  const forgetPoints = database.prepare('DELETE FROM points WHERE cluster = ?');
  const forgetSeries = database.prepare('DELETE FROM series WHERE cluster = ?');
  const claimed = database.prepare('SELECT digest FROM claim WHERE cluster = ?');
  const claim = database.prepare('INSERT OR REPLACE INTO claim (cluster, digest) VALUES (?, ?)');

  function idOf(cluster: string, { of, name, figure, ring }: KeptSeries): number {
    const id =
      ids.get(ring) ??
      Number(known.get(cluster, of, name, figure)?.['id'] ?? add.run(cluster, of, name, figure).lastInsertRowid);
    ids.set(ring, id);
    return id;
  }

  function bodyOf(cluster: string, series: readonly KeptSeries[], slot: number): Buffer {
    const bytes = Buffer.alloc(series.length * bytesPerPoint);
    let at = 0;
    for (const each of series) {
      const point = each.ring.at('24h', slot);
      if (point === undefined) continue;
      bytes.writeUInt32LE(idOf(cluster, each), at);
      bytes.writeUInt16LE(pack(point.mean), at + 4);
      bytes.writeUInt16LE(pack(point.max), at + 6);
      at += bytesPerPoint;
    }
    return bytes.subarray(0, at);
  }

  function commit(write: () => void): void {
    try {
      inTransaction(database, write);
    } catch (cause) {
      // Ids assigned in the rolled-back transaction are invalid.
      ids = new WeakMap();
      throw cause;
    }
  }

  function saveCluster(cluster: string, readings: Pick<ClusterReadings, 'series'>, nowMs: number): void {
    const now = Math.floor(nowMs / slotMs);
    const series = [...readings.series()];
    const isWhole = (savedAt.get(cluster) ?? 0) >= now * slotMs + settleMs;
    for (const slot of isWhole ? [now] : [now - 1, now]) {
      const body = bodyOf(cluster, series, slot);
      if (body.length > 0) put.run(slot, cluster, nowMs, body);
    }
  }

  /** Deletes the names of topics and groups that no longer have points. */
  function prune(cluster: string, slot: number): void {
    const used = new Set<number>();
    for (let each = slot - slots; each <= slot; each++) {
      for (const { id } of pointsIn(points.get(each, cluster)?.['body'])) used.add(id);
    }
    for (const { id } of seriesOf.all(cluster)) {
      if (used.has(Number(id))) continue;
      forgetOne.run(id ?? null);
      // Cleared, because SQLite reuses ids.
      ids = new WeakMap();
    }
  }

  function seriesById(): Map<number, Series> {
    const names = new Map<number, Series>();
    for (const { id, cluster, part, name, figure } of allSeries.all()) {
      const of = parts.find((each) => each === part);
      const is = of && figures[of].find((each) => each === figure);
      if (of === undefined || is === undefined) continue;
      names.set(Number(id), { cluster: String(cluster), of, name: String(name), figure: is });
    }
    return names;
  }

  return {
    /**
     * Writes the current slot, and the previous one until it is complete, and deletes slots more than a day away. Each
     * cluster is written in one transaction; after a crash, clusters not yet written keep their last saved state. Calls
     * must not overlap.
     */
    async save(
      clusters: Iterable<readonly [cluster: string, readings: Pick<ClusterReadings, 'series'>]>,
      nowMs: number,
    ): Promise<void> {
      const waiting = [...clusters];
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const end = performance.now() + longestTurnMs;
        const saved: string[] = [];
        commit(() => {
          for (; next !== undefined; next = performance.now() < end ? waiting.shift() : undefined) {
            saveCluster(...next, nowMs);
            saved.push(next[0]);
          }
        });
        for (const cluster of saved) savedAt.set(cluster, nowMs);
        await setImmediate();
      }
      const slot = Math.floor(nowMs / slotMs);
      // With a clock that is far ahead for a moment all slots look old, and none was saved an hour before.
      if (hasSlots.get(slot - 2 * slotsPerHour, slot - slotsPerHour) === undefined) return;
      commit(() => forget.run(slot - slots, slot + slots));
      if (Math.abs(slot - prunedAt) < slotsPerHour) return;
      prunedAt = slot;
      for (const { cluster } of clustersWithSeries.all()) {
        commit(() => prune(String(cluster), slot));
        await setImmediate();
      }
    },

    /** Deletes saved data of clusters whose config has changed since it was saved. @param written config of each cluster */
    claim(written: Iterable<readonly [cluster: string, config: string]>): void {
      const claims = [...written].map(([cluster, config]) => {
        const digest = createHash('sha256').update(config).digest('hex');
        return { cluster, digest, before: claimed.get(cluster)?.['digest'] };
      });
      const changed = claims.filter(({ digest, before }) => digest !== before);
      if (changed.length === 0) return;
      const foreign = changed.filter(({ before }) => before !== undefined).map(({ cluster }) => cluster);
      try {
        commit(() => {
          for (const each of [forgetPoints, forgetSeries]) for (const cluster of foreign) each.run(cluster);
          for (const { cluster, digest } of changed) claim.run(cluster, digest);
        });
        ids = new WeakMap();
      } catch (cause) {
        // A full disk must not prevent the start of the service.
        for (const cluster of foreign) hidden.add(cluster);
        log.warn(
          { file, reason: (cause as Error).message },
          'cannot delete recorded readings of reconfigured clusters',
        );
      }
    },

    /** Restores the last 24 hours, oldest first. @param ringOf called for each series, those of the newest slots first */
    restore(nowMs: number, ringOf: (series: Series) => Pick<Ring, 'restore'> | undefined): void {
      const oldest = Math.floor(nowMs / slotMs) - slots;
      const rows = (order: 'ASC' | 'DESC') =>
        database
          .prepare(`SELECT slot, saved_ms, body FROM points WHERE slot > ? ORDER BY slot ${order}`)
          .iterate(oldest);
      const known = seriesById();
      const rings = new Map<number, Pick<Ring, 'restore'> | undefined>();
      // The budget may not fit all series, so those of the newest slots, which are active, come first.
      for (const { body } of rows('DESC')) {
        for (const { id } of pointsIn(body)) {
          const series = known.get(id);
          if (!rings.has(id)) rings.set(id, series && !hidden.has(series.cluster) ? ringOf(series) : undefined);
        }
      }
      for (const { slot, saved_ms: savedMs, body } of rows('ASC')) {
        const atMs = Number(slot) * slotMs;
        const untilMs = Math.min(atMs + slotMs, Number(savedMs), nowMs);
        if (untilMs <= atMs) continue;
        for (const { id, mean, max } of pointsIn(body)) {
          if (mean !== undefined && max !== undefined) rings.get(id)?.restore({ atMs, mean, max }, untilMs);
        }
      }
    },

    [Symbol.dispose]: () => database.close(),
  };
}

function* pointsIn(body: unknown): Iterable<{ id: number; mean: number | undefined; max: number | undefined }> {
  if (!(body instanceof Uint8Array)) return;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  for (let at = 0; at + bytesPerPoint <= bytes.length; at += bytesPerPoint) {
    const [mean, max] = [unpack(bytes.readUInt16LE(at + 4)), unpack(bytes.readUInt16LE(at + 6))];
    yield { id: bytes.readUInt32LE(at), mean, max };
  }
}

/** @returns undefined for a file that is damaged or of another version. @throws any other fault of the file */
function opened(file: string): DatabaseSync | undefined {
  makeFolder(dirname(file));
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: lockWaitMs });
    // The file shows clusters that a role may hide; SQLite gives the write-ahead log files the mode of the database.
    chmodSync(file, 0o600);
    const found = Number(onlyValue(database, 'PRAGMA user_version'));
    // A power failure loses only a minute of charts.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA trusted_schema = OFF');
    if (found === 0) database.exec(`BEGIN IMMEDIATE; ${schema}; COMMIT`);
    else if (found !== version) {
      database.close();
      return undefined;
    }
    // Created separately, because earlier releases with this version had no such table and ignore it.
    database.exec('CREATE TABLE IF NOT EXISTS claim (cluster TEXT PRIMARY KEY, digest TEXT NOT NULL) STRICT');
    database.prepare('SELECT count(*) FROM points').get();
    return database;
  } catch (cause) {
    database?.close();
    if (isDamage(cause)) return undefined;
    throw cause;
  }
}

/** SQLITE_CORRUPT and SQLITE_NOTADB: the low byte of an extended code. */
const damages: ReadonlySet<number> = new Set([11, 26]);

const isDamage = (cause: unknown) =>
  cause instanceof Error && 'errcode' in cause && damages.has(Number(cause.errcode) & 0xff);
