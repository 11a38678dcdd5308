// Slows down or pauses a reassignment while write latency is much higher than before it.

import { baselineOf, p99Of } from '../../../brokers/canary/latency-window.ts';
import { AppError } from '../../../core/errors.ts';
import { writeLatencyPolicy } from '../../../core/policy/write-latency.ts';
import { seconds } from '../../../core/clock.ts';
import { note } from '../../change/carry-out.ts';
import type { Run } from './run.ts';

export type Advice = 'continue' | 'slow-down' | 'pause';

/** @param before p99 without the change, @param now p99 of the latest writes; in seconds, absent if unknown */
export function adviceOf(before: number | undefined, now: number | undefined): Advice {
  const { slowDownRatio, pauseRatio, unnoticedSeconds } = writeLatencyPolicy;
  if (before === undefined || now === undefined || now <= unnoticedSeconds.value) return 'continue';
  if (now > pauseRatio.value * before) return 'pause';
  return now > slowDownRatio.value * before ? 'slow-down' : 'continue';
}

const tick = seconds(1);
/** Same timeout as for a copy without progress. */
const patience = seconds(900);
const leastShare = 1 / 8;

/** Measures the p99 before the change, unless a stopped process already measured it. */
export async function latencyGuard(run: Run) {
  const { journal, clock, signal } = run;
  if (run.latencies !== undefined && journal.facts.p99BeforeSeconds === undefined) await measureBefore(run);
  const now = () => p99Of(run.latencies?.(writeLatencyPolicy.samplesSeconds.value) ?? []);
  const advice = () => adviceOf(journal.facts.p99BeforeSeconds, now());
  let share = 1;
  const text = (en: string, zh = '') => {
    const [is, was] = [milliseconds(now()), milliseconds(journal.facts.p99BeforeSeconds)];
    return {
      en: `${en}: the p99 of writes is ${is} ms, ${was} ms before the change`,
      zh: `${zh}：写入 p99 为 ${is} ms，变更前为 ${was} ms`,
    };
  };
  return {
    advice,
    /** Share of the throttle for copies: halved while writes are slow, then doubled again. */
    async throttleShare(): Promise<number> {
      const wanted = advice() === 'continue' ? Math.min(1, 2 * share) : Math.max(leastShare, share / 2);
      const percent = `${Math.round(100 * wanted)}%`;
      if (wanted < share) {
        await note(run, text(`the replication throttle is lowered to ${percent}`, `复制限流降至 ${percent}`));
      }
      share = wanted;
      return share;
    },
    /**
     * Returns once another move may begin, or an operator requests something.
     *
     * @returns whether it waited. @throws AppError broker-busy after a quarter of an hour
     */
    async untilWritesAreFast(): Promise<boolean> {
      if (advice() !== 'pause') return false;
      await note(run, text('no other move starts for now', '暂不开始其他迁移'));
      const deadline = clock.monotonic() + patience;
      while (advice() === 'pause' && (await run.request()) === undefined) {
        if (clock.monotonic() > deadline)
          throw new AppError('broker-busy', text(`writes were slow for ${patience} s while nothing moved`).en);
        run.progress({ held: 'writes are slow' });
        await clock.sleep(tick, { signal });
      }
      return true;
    },
  };
}

export type LatencyGuard = Awaited<ReturnType<typeof latencyGuard>>;

async function measureBefore(run: Run): Promise<void> {
  const { baselineSeconds, samplesSeconds } = writeLatencyPolicy;
  const measure = async (more: number, window: number) => {
    await run.clock.sleep(seconds(more), { signal: run.signal });
    return baselineOf(p99Of(run.latencies?.(window) ?? []));
  };
  const before =
    (await measure(baselineSeconds.value, baselineSeconds.value)) ??
    // With so few samples, one failed write is the p99.
    (await measure(samplesSeconds.value - baselineSeconds.value, samplesSeconds.value));
  if (before === undefined) {
    const why = run.latencyTrouble?.() ?? 'the canary got too few answers, or its writes failed';
    // A resumed change continues, because throttles and moves of the former process are already active.
    if (run.isNew !== true) return run.tell(`write latency is not monitored during this change: ${why}`);
    throw new AppError('change-refused', `the change was not started: write latency cannot be measured: ${why}`, {
      hint: 'the topic of --canary needs a partition on each broker and permission to write and read it; without --canary, write latency is not monitored',
    });
  }
  run.journal.facts.p99BeforeSeconds = before;
  await note(run, {
    en: `the p99 of writes is ${milliseconds(before)} ms before the change`,
    zh: `变更前写入 p99 为 ${milliseconds(before)} ms`,
  });
}

const milliseconds = (value: number | undefined) => (value === undefined ? 'unknown' : Math.round(1000 * value));
