// Tests one cell in a running lab: kills, observes, restarts, and waits until the cluster is as before.

import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterPlan } from '../../core/documents/cluster-plan.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import { systemClock } from '../../core/clock.ts';
import { killLabProcess } from '../../lab/lab-broker.ts';
import { downSeconds, type Cell } from './cells.ts';
import type { CellFigures } from './cell-figures.ts';
import { fullestCards, heldIn, observedCell } from './observed-cell.ts';
import type { SteadyLoad } from './steady-load.ts';

/** Time at the rate of the cell before measuring. */
const settleSeconds: Record<BrokerKind, number> = { kafka: 2, rocketmq: 8 };
/** Time before the kill, at the rate of the cell. */
const calmSeconds = 8;
/**
 * The cluster counts as recovered after this time without change: RocketMQ clients request routes every 30 s and only
 * then use a returned master, and a slave connects to its master seconds after registration.
 */
const settledSeconds: Record<BrokerKind, number> = { kafka: 6, rocketmq: 25 };
/** Limit from the kill on; a cluster that takes longer counts as not recovered. */
const mostSeconds = 180;
const electionPauseMs = 2000;

export interface BrokenCell {
  killed: string[];
  measured: CellFigures;
  /** Time from the kill until every replica was back. */
  wholeAfterSeconds: number;
  /** Highest five-second mean, as a share of the saturated counter value of a network interface. */
  fullestCard: { before: number; after: number };
  /** Client errors, by the name of their exception. */
  failures: string[];
  course: { second: number; fullestCard: number; lag: number; held: number; failed: number }[];
}

interface CellSite {
  load: SteadyLoad;
  plan: ClusterPlan;
  directory: string;
  safeShare: number;
}

/** @throws AppError lab-failed, run-failed if the cluster is not complete before, or does not recover */
export async function breakCell(cell: Cell, { load, plan, directory, safeShare }: CellSite): Promise<BrokenCell> {
  load.setRate(cell.tps);
  await load.until(() => load.state().isWhole, 60, 'the cluster is not whole before the failure');
  await delay(1000 * settleSeconds[cell.lab]);
  const from = load.seconds.length;
  await delay(1000 * calmSeconds);
  const processes = processesOf(cell, plan, load.state().controller);
  const killedAtMs = Date.now();
  const killed = await Promise.all(processes.map((process) => killLabProcess(directory, process, systemClock)));
  await delay(Math.max(0, 1000 * downSeconds - (Date.now() - killedAtMs)));
  for (const each of killed) each.startAgain();
  const figures = () => observedCell(load.seconds.slice(from), { killedAtMs, safeShare });
  let asked = 0;
  let usualSince: number | undefined;
  let wholeAfterSeconds = Number.NaN;
  const isSettled = () => {
    const now = Date.now();
    // Same as in the simulation: a broker leads again when it has all messages.
    if (now - asked > electionPauseMs && load.state().isCopied) {
      asked = now;
      load.restoreLeaders();
    }
    const { isWhole } = load.state();
    if (!isWhole) wholeAfterSeconds = Number.NaN;
    else if (Number.isNaN(wholeAfterSeconds)) wholeAfterSeconds = (now - killedAtMs) / 1000;
    const isUsual = isWhole && figures().normalAfterSeconds !== undefined;
    usualSince = isUsual ? (usualSince ?? now) : undefined;
    return usualSince !== undefined && now - usualSince > 1000 * settledSeconds[cell.lab];
  };
  // Skip responses that the cluster sent before it noticed the failure.
  await delay(3000);
  await load.until(isSettled, mostSeconds - downSeconds, 'the cluster did not recover').catch((error: Error) => {
    if (Number.isNaN(wholeAfterSeconds)) throw error;
  });
  const seconds = load.seconds.slice(from);
  const uses = fullestCards(seconds);
  const courseFrom = seconds.findIndex(({ atMs }) => atMs > killedAtMs);
  return {
    killed: processes.map(({ name }) => name),
    measured: figures(),
    wholeAfterSeconds,
    // The first means cover fewer seconds, so they are skipped.
    fullestCard: { before: Math.max(...uses.slice(4, courseFrom)), after: Math.max(...uses.slice(courseFrom)) },
    failures: [
      ...new Set(
        seconds
          .slice(courseFrom)
          .flatMap(({ topics }, at) =>
            topics.flatMap(({ failed, failure }, topic) =>
              failed > (seconds[courseFrom + at - 1]?.topics[topic]?.failed ?? failed) ? [failure] : [],
            ),
          ),
      ),
    ],
    course: seconds.map((second, at) => ({
      second: Math.round((second.atMs - killedAtMs) / 100) / 10,
      fullestCard: Math.round(1000 * (uses[at] ?? 0)) / 1000,
      lag: Math.max(...second.topics.flatMap(({ groups }) => groups.map(({ lag }) => lag))),
      held: heldIn(second),
      failed: second.topics.reduce((sum, { failed }) => sum + failed, 0),
    })),
  };
}

/** Uses the order of the plan, which is that of the lab. */
function processesOf({ failure }: Cell, { brokers }: ClusterPlan, controller: string | undefined) {
  const broker = (place: number | string) => ({ role: 'broker' as const, name: `broker-${place}` });
  switch (failure.kind) {
    case 'broker':
      return failure.brokers.map((place) => broker(place + 1));
    case 'controller':
      return [broker(controller ?? 'unknown')];
    case 'name-server':
      return [{ role: 'name-server' as const, name: 'nameserver-1' }];
    case 'zone':
      return brokers.flatMap(({ zone }, place) => (zone === failure.zone ? [broker(place + 1)] : []));
  }
}
