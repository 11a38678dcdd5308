// Keeps the coarse level of recorded readings in a file, so that charts survive a restart.

import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import type { Logger } from '../../core/log.ts';
import { readingsLevels } from '../../core/readings-range.ts';
import type { ClusterReadings, KeptSeries } from './cluster-readings.ts';
import { figures, parts, type Figure, type Part } from './figures.ts';
import { pack, unpack } from './packed-value.ts';
import type { Point, Ring } from './ring.ts';

/*
 *   series   id of each cluster, part, name and figure
 *   points   a row for each slot of 5 minutes and cluster; body := (id u32 · mean u16 · max u16)*   little endian, packed
 *            saved_ms is when it was written: a slot that was not over is known until then
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

/** Of the event loop at once: scrapes and pages are answered in between. */
const longestTurnMs = 5;

/** A rate that is read shortly after the end of a slot is that of its last seconds, too. */
const settleMs = 60_000;

interface RestoredPoint extends Point {
  /** When it was written, at most the end of its slot. */
  untilMs: number;
}

export interface ReadingsFile extends Disposable {
  /**
   * Writes the slot of now, and the one before until it is whole, and deletes those older than a day. Each cluster is written in
   * one transaction; a crash in between leaves the others as they were saved the last time. Not to be called twice at once.
   */
  save(
    clusters: Iterable<readonly [cluster: string, readings: Pick<ClusterReadings, 'series'>]>,
    nowMs: number,
  ): Promise<void>;
  /** Points of the last 24 hours, oldest first, of the series that `ringOf` takes. */
  restore(
    nowMs: number,
    add: (series: { cluster: string; of: Part; name: string; figure: Figure }, point: RestoredPoint) => void,
  ): void;
}

/** A file that is damaged or of another version is replaced by an empty one: it holds a day, not a history. */
export function openReadingsFile(file: string, log: Pick<Logger, 'warn'>): ReadingsFile {
  let database = opened(file);
  if (database === undefined) {
    log.warn({ file }, 'file of recorded readings unusable; charts start again');
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
    database = opened(file);
  }
  if (database === undefined) throw new Error(`cannot open ${file}`);
  /** A ring belongs to one series for as long as it is there. */
  let ids = new WeakMap<Ring, number>();
  /** When the last slot of each cluster was saved. */
  const savedAt = new Map<string, number>();
  const known = database.prepare('SELECT id FROM series WHERE cluster = ? AND part = ? AND name = ? AND figure = ?');
  const add = database.prepare('INSERT INTO series (cluster, part, name, figure) VALUES (?, ?, ?, ?)');
  const put = database.prepare('INSERT OR REPLACE INTO points (slot, cluster, saved_ms, body) VALUES (?, ?, ?, ?)');
  const forget = database.prepare('DELETE FROM points WHERE slot <= ?');

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

  function inTransaction(write: () => void): void {
    database?.exec('BEGIN IMMEDIATE');
    try {
      write();
      database?.exec('COMMIT');
    } catch (cause) {
      // Ids that were given in it are not there any more.
      ids = new WeakMap();
      if (database?.isTransaction === true) database.exec('ROLLBACK');
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

  return {
    async save(clusters, nowMs) {
      const waiting = [...clusters];
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const end = performance.now() + longestTurnMs;
        const saved: string[] = [];
        inTransaction(() => {
          for (; next !== undefined; next = performance.now() < end ? waiting.shift() : undefined) {
            saveCluster(...next, nowMs);
            saved.push(next[0]);
          }
        });
        for (const cluster of saved) savedAt.set(cluster, nowMs);
        await setImmediate();
      }
      inTransaction(() => forget.run(Math.floor(nowMs / slotMs) - slots));
    },

    restore(nowMs, give) {
      const names = new Map<number, { cluster: string; of: Part; name: string; figure: Figure }>();
      for (const { id, cluster, part, name, figure } of database.prepare('SELECT * FROM series').all()) {
        const of = parts.find((each) => each === part);
        const is = of && figures[of].find((each) => each === figure);
        if (of === undefined || is === undefined) continue;
        names.set(Number(id), { cluster: String(cluster), of, name: String(name), figure: is });
      }
      const oldest = Math.floor(nowMs / slotMs) - slots;
      const rows = database
        .prepare('SELECT slot, saved_ms, body FROM points WHERE slot > ? ORDER BY slot')
        .iterate(oldest);
      for (const { slot, saved_ms: savedMs, body } of rows) {
        const atMs = Number(slot) * slotMs;
        const untilMs = Math.min(atMs + slotMs, Number(savedMs), nowMs);
        if (!(body instanceof Uint8Array) || untilMs <= atMs) continue;
        const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
        for (let at = 0; at + bytesPerPoint <= bytes.length; at += bytesPerPoint) {
          const series = names.get(bytes.readUInt32LE(at));
          const [mean, max] = [unpack(bytes.readUInt16LE(at + 4)), unpack(bytes.readUInt16LE(at + 6))];
          if (series !== undefined && mean !== undefined && max !== undefined)
            give(series, { atMs, mean, max, untilMs });
        }
      }
    },

    [Symbol.dispose]: () => database.close(),
  };
}

/** @returns undefined for a file that is no database of this version */
function opened(file: string): DatabaseSync | undefined {
  mkdirSync(dirname(file), { recursive: true });
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file);
    // Loads and clients of clusters that a role may hide; files of a write-ahead log get the mode of the database.
    chmodSync(file, 0o600);
    const found = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
    // What a power cut takes is a minute of charts.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA trusted_schema = OFF');
    if (found === 0) database.exec(schema);
    else if (found !== version) throw new Error(`version ${found}`);
    database.prepare('SELECT count(*) FROM points').get();
    return database;
  } catch {
    database?.close();
    return undefined;
  }
}
