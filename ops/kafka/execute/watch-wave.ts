// Watches a wave until it completes: reports progress, adapts the throttle, detects lost brokers.

import type { MovingPartition } from '../../../brokers/kafka/changes/kafka-changes.ts';
import { defined } from '../../../core/defined.ts';
import { AppError } from '../../../core/errors.ts';
import { seconds } from '../../../core/clock.ts';
import type { InLanguages } from '../../../core/documents/findings/finding-entry.ts';
import { byteRateText } from '../../../core/text/quantity-text.ts';
import { loadBetween, partitionKey, type BrokerLoad, type SizeReading, byPartition } from '../live/broker-load.ts';
import { namesOf } from '../live/live-findings.ts';
import { leadersIn } from '../live/read-cluster.ts';
import { cancel, isForeignTo } from './cancel-moves.ts';
import type { LatencyGuard } from './latency-guard.ts';
import { look, progressOf, type Sizes } from './look.ts';
import { note } from '../../change/carry-out.ts';
import type { Run, View } from './run.ts';
import { changeRate, throttleFor, worthwhile } from './throttle.ts';

const tick = seconds(1);
/**
 * Time between two readings of sizes, for which a broker scans all its logs. Autothrottle of topicmappr reads traffic
 * every 180 s; a small wave would already be over.
 */
const measured = seconds(5);
/** Restarts for an upgrade usually take less time. */
export const goneFor = seconds(20);
/**
 * Time without copied data in a wave: leaders may be missing, or a disk full. Reported after the first time, cancelled
 * after the second.
 */
const stuckFor = { reported: seconds(300), cancelled: seconds(900) };

/** Throttle in bytes per second; absent if not set. */
export interface Rate {
  now?: number;
}

/**
 * @param sizes bytes of each partition. @returns once nothing moves, or an operator requests a rollback: why no other
 *   wave may begin; absent if all is well
 */
export async function watchWave(
  run: Run,
  sizes: Sizes,
  { rate, guard: writes }: { rate: Rate; guard: LatencyGuard },
): Promise<string | undefined> {
  const { clock, signal, journal } = run;
  let reason: string | undefined;
  let reading: SizeReading | undefined;
  let requestedAt = -Infinity;
  let missingSince: number | undefined;
  let copied = { best: new Map() as Copies, at: clock.monotonic(), isReported: false };
  for (;;) {
    const view = await look(run);
    if (view.moving.length === 0) return reason;
    refuseForeign(run, view.moving);
    if ((await run.request()) === 'abort' && journal.direction === 'forward') return undefined;
    const now = clock.monotonic();
    const [toGone, gone] = movesTo(view, (id) => !view.alive.has(id));
    missingSince = gone.length === 0 ? undefined : (missingSince ?? now);
    if (missingSince !== undefined && now - missingSince >= goneFor && reason === undefined) {
      reason = await giveUp(run, view, toGone, {
        en: `broker ${gone.join(', ')} was gone from the cluster for ${goneFor} s`,
        zh: `Broker ${gone.join('、')} 离开集群已满 ${goneFor} 秒`,
      });
      continue;
    }
    const fresh = now - requestedAt < measured ? undefined : await readSizes(run, view);
    if (fresh !== undefined) {
      requestedAt = now;
      // Kafka puts no replica into a directory that was offline before.
      const before = new Map(reading?.brokers.map(({ disk, offline }) => [disk.broker, offline.length]));
      const lost = fresh.brokers.filter(({ disk, offline }) => offline.length > (before.get(disk.broker) ?? Infinity));
      const [toLost, owners] = movesTo(view, (id) => lost.some(({ disk }) => disk.broker === id));
      if (toLost.length > 0 && journal.direction === 'forward' && reason === undefined) {
        reason = await giveUp(run, view, toLost, {
          en: `a log directory went offline: broker ${owners.join(', ')}`,
          zh: `Broker ${owners.join('、')} 有日志目录离线`,
        });
        continue;
      }
      const progress = progressOf(run, view, fresh, sizes);
      const { isAdvancing, best } = advance(copied.best, copiesIn(view, fresh));
      copied = isAdvancing ? { best, at: now, isReported: false } : { ...copied, best };
      const still = now - copied.at;
      const held = heldBy(gone, missingSince, still);
      run.progress({ ...progress, ...defined({ throttleBytesPerSecond: rate.now, held }) });
      if (still >= stuckFor.reported && !copied.isReported) {
        copied.isReported = true;
        await note(run, stuckText(view));
      }
      if (still >= stuckFor.cancelled) {
        reason = await giveUp(run, view, view.moving, {
          en: `nothing was copied for ${stuckFor.cancelled} s`,
          zh: `${stuckFor.cancelled} 秒内没有复制任何数据`,
        });
      }
      if (reading === undefined) reading = fresh;
      else {
        await follow(run, brokerLoadBetween(reading, fresh, view), view, { rate, share: await writes.throttleShare() });
        reading = fresh;
      }
    }
    await clock.sleep(tick, { signal });
  }
}

/** Cancels these moves of a wave. @returns why no other wave may begin */
async function giveUp(
  run: Run,
  { moving }: View,
  moves: readonly MovingPartition[],
  why: InLanguages<string>,
): Promise<string> {
  const others = moving.length - moves.length;
  await note(run, {
    en: `${why.en}; moves cancelled: ${moves.length}${others === 0 ? '' : `; moves that continue: ${others}`}`,
    zh: `${why.zh}；已自动取消 ${moves.length} 个分区的迁移${others === 0 ? '' : `，其余 ${others} 个继续`}`,
  });
  await cancel(run.changes, moves, run.signal);
  return why.en;
}

function heldBy(gone: readonly number[], missingSince: number | undefined, still: number): string | undefined {
  if (missingSince !== undefined) return `no answer from broker ${gone.join(', ')}`;
  return still >= stuckFor.reported ? `nothing was copied for ${Math.round(still)} s` : undefined;
}

function stuckText({ moving, alive }: View): InLanguages<string> {
  // Kafka does not wait for replicas to remove.
  const awaited = moving.flatMap(({ replicas, removing }) => replicas.filter((id) => !removing.includes(id)));
  const away = [...new Set(awaited.filter((id) => !alive.has(id)))];
  const cause =
    away.length > 0
      ? {
          en: `start broker ${away.join(', ')}, since Kafka ends a move only once each replica that stays or comes is in sync`,
          zh: `请启动 Broker ${away.join('、')}：只有保留和新增的副本全部同步后，Kafka 才会结束迁移`,
        }
      : {
          en: 'check leaders, disks and throttles of their brokers',
          zh: '请检查相关 Broker 的 Leader、磁盘和限流',
        };
  const left = stuckFor.cancelled - stuckFor.reported;
  return {
    en: `no data of ${namesOf(moving)} was copied in the last ${stuckFor.reported} s: ${cause.en}. ${left} s later the moves are cancelled; --abort cancels them now`,
    zh: `最近 ${stuckFor.reported} 秒内 ${namesOf(moving, 'zh')} 没有复制任何数据：${cause.zh}。${left} 秒后取消迁移；--abort 可立即取消`,
  };
}

function brokerLoadBetween(before: SizeReading, after: SizeReading, { metadata, moving }: View): BrokerLoad {
  const adding = new Set(moving.flatMap((each) => each.adding.map((broker) => `${broker} ${partitionKey(each)}`)));
  return loadBetween(before, after, leadersIn(metadata), (replica) =>
    adding.has(`${replica.broker} ${partitionKey(replica)}`),
  );
}

async function follow(
  run: Run,
  load: BrokerLoad,
  { metadata, moving, alive }: View,
  { rate, share }: { rate: Rate; share: number },
): Promise<void> {
  if (!run.journal.borrowed.some(({ why }) => why === 'throttle')) return;
  const leaders = leadersIn(metadata);
  const copied = moving.map((each) => ({ ...each, leader: leaders.get(partitionKey(each)) }));
  const throttle = throttleFor(run.journal.facts, load, copied, share);
  if (throttle === undefined) return;
  // Unknown if a former process began the wave.
  if (rate.now !== undefined && Math.abs(throttle.bytesPerSecond - rate.now) < worthwhile * rate.now) return;
  await changeRate(run, throttle.bytesPerSecond, alive);
  rate.now = throttle.bytesPerSecond;
  const why = throttle.isTight ? ', the lowest rate that catches up with incoming data' : '';
  run.tell(`the throttle is ${byteRateText(throttle.bytesPerSecond)} now${why}`);
}

/** A broker without a response may be the absent one, which other checks detect. */
async function readSizes({ changes, clock, signal }: Run, { alive }: View): Promise<SizeReading | undefined> {
  try {
    const brokers = await changes.sizes({ signal });
    return alive.size === 0 ? undefined : { atSeconds: clock.monotonic(), brokers };
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof AppError && cause.code === 'broker-unreachable') return undefined;
    throw cause;
  }
}

/** @returns moves to such brokers, and the brokers */
function movesTo({ moving }: View, isSuch: (broker: number) => boolean): [MovingPartition[], number[]] {
  const moves = moving.filter(({ adding }) => adding.some(isSuch));
  return [moves, [...new Set(moves.flatMap(({ adding }) => adding.filter(isSuch)))]];
}

/** @throws AppError change-stopped if another tool's move is in progress */
export function refuseForeign({ journal }: Run, moving: readonly MovingPartition[]): void {
  const foreign = moving.find(isForeignTo(journal));
  if (foreign === undefined) return;
  throw new AppError(
    'change-stopped',
    `${partitionKey(foreign)} moves, which this change did not start: another tool moves partitions now`,
  );
}

/** Best progress of a replica so far. */
interface Copied {
  bytes: number;
  /** Bytes that the leader has and the replica lacks; absent if the leader was not read. */
  behind?: number;
}

/** By `broker topic-partition`, for each replica that is being added. */
type Copies = ReadonlyMap<string, Copied>;

function copiesIn({ moving, metadata }: Pick<View, 'moving' | 'metadata'>, { brokers }: SizeReading): Copies {
  const partitions = byPartition(metadata);
  const held = brokers.flatMap(({ replicas }) => replicas);
  const bytes = new Map(held.map((each) => [keyOf(each.broker, each), each.bytes]));
  return new Map(
    moving.flatMap((each) =>
      each.adding.map((broker): [string, Copied] => {
        const own = bytes.get(keyOf(broker, each)) ?? 0;
        const leader = partitions.get(partitionKey(each))?.leader;
        const whole = leader === undefined ? undefined : bytes.get(keyOf(Number(leader), each));
        return [keyOf(broker, each), { bytes: own, ...(whole !== undefined && { behind: whole - own }) }];
      }),
    ),
  );
}

/**
 * @param best progress of each replica so far
 * @returns whether a replica progressed or completed, and the new best progress of each
 */
function advance(best: Copies, now: Copies): { isAdvancing: boolean; best: Copies } {
  let isAdvancing = now.size === 0 || [...best.keys()].some((key) => !now.has(key));
  const merged = new Map<string, Copied>();
  for (const [key, { bytes, behind }] of now) {
    const was = best.get(key);
    const isNearer = behind !== undefined && was?.behind !== undefined && behind < was.behind;
    if (was === undefined || bytes > was.bytes || isNearer) isAdvancing = true;
    const least = leastOf(behind, was?.behind);
    merged.set(key, { bytes: Math.max(bytes, was?.bytes ?? 0), ...(least !== undefined && { behind: least }) });
  }
  return { isAdvancing, best: merged };
}

const keyOf = (broker: number, place: { topic: string; partition: number }) => `${broker} ${partitionKey(place)}`;

function leastOf(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}
