// Copies replicas wave by wave, each planned from the current placement, so that a run can stop at any time.

import { AppError, ignoreFault } from '../../../core/errors.ts';
import { seconds } from '../../../core/clock.ts';
import { byteRateText } from '../../../core/text/quantity-text.ts';
import { byPartition, largestReplicas, loadBetween, partitionKey, type SizeReading } from '../live/broker-load.ts';
import { leadersIn } from '../live/read-cluster.ts';
import { giveBack, giveBackAll } from '../../change/borrowed-settings.ts';
import type { Request } from '../../change/held-journal.ts';
import { cancel } from './cancel-moves.ts';
import { cutRetention } from './cut-retention.ts';
import { waitForTurn, type HandOvers } from './hand-overs.ts';
import { latencyGuard } from './latency-guard.ts';
import { look, progressOf, type Sizes } from './look.ts';
import { nameLeft, placesLeft, placesOf, splitAim } from './moved-by-others.ts';
import { nextWave, type Move } from './next-wave.ts';
import { note } from '../../change/carry-out.ts';
import { aimOf, type Run, type View } from './run.ts';
import { electLeaders } from './settle-leaders.ts';
import { setThrottle, throttleFor } from './throttle.ts';
import { refuseForeign, watchWave, goneFor, type Rate } from './watch-wave.ts';
import { inSyncState } from '../live/in-sync-state.ts';
import { namesOf } from '../live/live-findings.ts';

/** Measuring time of the incoming rate before each wave. */
const sample = seconds(2);
const tightText =
  'replicas would not catch up at that rate, so the throttle is raised to the lowest rate at which they do';

/**
 * Brokers learn of the end of a move after the controller, within half a second (KIP-1166); until then they also report
 * the former replicas.
 */
const secondLook = seconds(2);

/** Timeout if no log directory has space for a wave: same as for a copy without progress. */
const patience = seconds(900);

/** @returns an operator's request; absent once the placement in the direction of the change is reached */
export async function throughWaves(run: Run, handOvers: HandOvers): Promise<Request | undefined> {
  const { journal, changes, clock, signal } = run;
  const rate: Rate = {};
  const held = (reason: string) => run.progress({ held: reason });
  const guard = await latencyGuard(run);
  let handedOver: readonly Move[] = [];
  const named = new Set<string>();
  let lastLook: ReadonlySet<string> = new Set();
  let fullSince: number | undefined;
  for (;;) {
    const requested = await run.request();
    if (requested === 'abort' && journal.direction === 'forward') return requested;
    const view = await look(run);
    refuseForeign(run, view.moving);
    if (await takeBackAstray(run, view)) continue;
    if (view.moving.length > 0) {
      const reason = await watchWave(run, await sizesNow(run), { rate, guard });
      if (reason !== undefined) throw new AppError('broker-unreachable', reason);
      continue;
    }
    await giveBackThrottles(run);
    delete rate.now;
    handOvers.ended(handedOver);
    handedOver = [];
    if (requested === 'pause') {
      await giveBackAll(run, held);
      await note(run, {
        en: 'paused between two waves: no partition is moving, no throttle is set',
        zh: '已在两批之间暂停：没有分区在迁移，也没有限流',
      });
      return requested;
    }
    if (journal.direction === 'forward') await cutRetention(run);
    const reading: SizeReading = { atSeconds: clock.monotonic(), brokers: await changes.sizes({ signal }) };
    const sizes = largestReplicas(reading.brokers);
    run.progress(progressOf(run, view, reading, sizes));
    const { own, left } = splitAim(journal, view.metadata);
    const isSeenFirst = !placesOf(left).isSubsetOf(lastLook);
    lastLook = placesOf(left);
    if (isSeenFirst) {
      await clock.sleep(secondLook, { signal });
      continue;
    }
    await nameLeft(run, left, named);
    const { wave, full } = nextWave(view.metadata, own, {
      leaving: journal.facts.leaving,
      most: journal.facts.movesPerBroker,
      bytes: sizes,
      brokers: reading.brokers,
    });
    if (wave.length === 0) {
      if (full.length === 0) break;
      fullSince = await waitForRoom(run, full, fullSince);
      continue;
    }
    fullSince = undefined;
    if (journal.direction === 'forward') refuseCordoned(wave, reading);
    if ((await waitForTurn(run, handOvers)) || (await guard.untilWritesAreFast())) continue;
    if (!(await mayBegin(run, wave))) continue;
    handedOver = await begin(run, wave, { view, reading, rate, handOvers });
  }
  await electLeaders(run, handOvers, named);
  await giveBackAll(run, held, (text) => note(run, text));
  return undefined;
}

/** A rollback returns replicas also to a broker that was cordoned to be removed. @throws AppError change-stopped */
function refuseCordoned(wave: readonly Move[], { brokers }: SizeReading): void {
  const cordoned = brokers.find(({ disk }) => disk.isCordoned && wave.some(({ to }) => to === disk.broker));
  if (cordoned === undefined) return;
  throw new AppError(
    'change-stopped',
    `broker ${cordoned.disk.broker} would get the next replicas, but all of its log directories are cordoned now (cordoned.log.dirs): remove that setting and use --resume, or roll back with --abort`,
  );
}

/** @returns when the wait began. @throws AppError broker-busy after a quarter of an hour */
async function waitForRoom(run: Run, full: readonly number[], since?: number): Promise<number> {
  const { clock, signal } = run;
  const reason = `no room for the next replicas in a log directory of broker ${full.join(', ')}`;
  if (since === undefined)
    await note(run, {
      en: `${reason}: waiting until Kafka has deleted those that left, ${patience} s at most`,
      zh: `Broker ${full.join('、')} 的日志目录空间不足，无法容纳下一批副本：等待 Kafka 删除已迁走的副本，最多 ${patience} 秒`,
    });
  const began = since ?? clock.monotonic();
  const waited = clock.monotonic() - began;
  if (waited > patience) throw new AppError('broker-busy', `${reason} (after ${Math.round(waited)} s of waiting)`);
  run.progress({ held: reason });
  await clock.sleep(seconds(5), { signal });
  return began;
}

/**
 * @returns the moves begun that raise the leader epoch: as many as may change at the same time. Changing only the order
 *   is not counted
 */
async function begin(
  run: Run,
  planned: readonly Move[],
  { view, reading, rate, handOvers }: { view: View; reading: SizeReading; rate: Rate; handOvers: HandOvers },
): Promise<readonly Move[]> {
  const { journal, changes, clock, signal } = run;
  const orders = planned.filter(({ isHandOver }) => !isHandOver);
  let handed: readonly Move[] = planned.filter(({ isHandOver }) => isHandOver);
  if (handed.length > 0) {
    await clock.sleep(sample, { signal });
    const later = { atSeconds: clock.monotonic(), brokers: await changes.sizes({ signal }) };
    const leaders = leadersIn(view.metadata);
    const load = loadBetween(reading, later, leaders);
    handOvers.learn(load.written);
    handed = handOvers.first(handed);
    const now = byPartition(view.metadata);
    const copied = copiesOf(handed).map((move) => ({
      ...move,
      replicas: (now.get(partitionKey(move))?.replicas ?? []).map(Number),
      adding: [move.to as number],
      leader: leaders.get(partitionKey(move)),
    }));
    const throttle = copied.length === 0 ? undefined : throttleFor(journal.facts, load, copied);
    if (throttle !== undefined) {
      if (throttle.isTight) run.tell(tightText);
      await setThrottle(run, throttle.bytesPerSecond, copied, view.alive);
      rate.now = throttle.bytesPerSecond;
    }
  }
  const wave = [...orders, ...handed];
  const copies = copiesOf(wave);
  const what =
    copies.length > 0
      ? { en: `replicas to copy: ${copies.length}`, zh: `待复制副本 ${copies.length} 个` }
      : {
          en: `partitions with fewer replicas or a new replica order: ${wave.length}`,
          zh: `减少副本或调整副本顺序的分区 ${wave.length} 个`,
        };
  const throttled = rate.now === undefined ? undefined : byteRateText(rate.now);
  journal.facts.left = placesLeft(journal, (await look(run)).metadata, wave);
  await note(run, {
    en: `next wave: ${what.en}${throttled === undefined ? '' : `, throttle ${throttled}`}`,
    zh: `下一批：${what.zh}${throttled === undefined ? '' : `，限流 ${throttled}`}`,
  });
  const refused = await changes.reassign(wave, { signal });
  const [first] = refused;
  if (first === undefined) return handed;
  throw new AppError(
    'broker-refused',
    `the controller refuses ${refused.length} of ${wave.length} moves, ${partitionKey(first)} with ${first.reason}${first.message === undefined ? '' : `: ${first.message}`}`,
  );
}

const copiesOf = (wave: readonly Move[]) => wave.filter(({ to }) => to !== undefined);

/** Cancels moves that no longer lead to the desired placement: after a change of direction, and after a crash during one. */
async function takeBackAstray(run: Run, { moving }: View): Promise<boolean> {
  const aim = new Map(aimOf(run.journal).map((each) => [partitionKey(each), each.replicas]));
  const astray = moving.filter((each) => each.adding.some((broker) => !aim.get(partitionKey(each))?.includes(broker)));
  if (astray.length === 0) return false;
  const refusal = await cancel(run.changes, astray, run.signal);
  if (refusal !== undefined) throw new AppError('broker-refused', refusal);
  return true;
}

async function giveBackThrottles(run: Run): Promise<void> {
  for (const reason of await giveBack(run, 'throttle', run.signal)) run.tell(`a throttle remains for now: ${reason}`);
}

async function sizesNow({ changes, signal }: Run): Promise<Sizes> {
  return largestReplicas(
    (await changes.sizes({ signal }).catch(ignoreFault('no progress is shown, since sizes are unknown'))) ?? [],
  );
}

const tick = seconds(1);
/** In-sync replicas may briefly be below the minimum when a follower restarts. */
const holdFor = seconds(60);

/**
 * Waits until the brokers of a wave are present and none of its partitions would keep too few replicas. @throws
 * AppError if they stay absent
 */
async function mayBegin(run: Run, wave: readonly Move[]): Promise<boolean> {
  const { clock, signal, journal } = run;
  const begun = clock.monotonic();
  for (;;) {
    const { metadata, alive } = await look(run);
    const needed = [...new Set(wave.flatMap(({ to }) => to ?? []))];
    const away = needed.filter((id) => !alive.has(id));
    const own = byPartition(metadata);
    const headless = wave.filter((move) => own.get(partitionKey(move))?.leader === undefined);
    // A rollback drops the replicas of the new brokers, which may have failed.
    const isGone = (broker: number) =>
      journal.direction === 'forward' ? journal.facts.leaving.includes(broker) : !alive.has(broker);
    const states = Map.groupBy(wave, (move) => {
      const { replicas = [], inSyncReplicas = [] } = own.get(partitionKey(move)) ?? {};
      const minimum = journal.facts.minInSync?.[move.topic] ?? 1;
      return inSyncState({ replicas, inSyncReplicas }, move.replicas, { minimum, isGone });
    });
    const narrow = [...(states.get('too-few') ?? []), ...(states.get('too-few-after') ?? [])];
    if (away.length === 0 && headless.length === 0 && narrow.length === 0) return true;
    const reason =
      away.length > 0
        ? `brokers not in the cluster: ${away.join(', ')}`
        : headless.length > 0
          ? `partitions without a leader: ${namesOf(headless)}`
          : `partitions with fewer in-sync replicas than min.insync.replicas now or after the move: ${namesOf(narrow)}`;
    const waited = clock.monotonic() - begun;
    if (waited > (away.length > 0 ? goneFor : holdFor))
      throw new AppError('broker-unreachable', `${reason} (after ${Math.round(waited)} s of waiting)`);
    if ((await run.request()) !== undefined) return false;
    run.progress({ held: reason });
    await clock.sleep(tick, { signal });
  }
}
