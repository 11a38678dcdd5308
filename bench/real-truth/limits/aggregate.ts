// Compares all recorded set-ups with the goals.

import { median } from '../../bench.ts';
import { grade, gradeLossOf, measure, type Grade } from './grade.ts';
import type { LimitRecord } from './limit-record.ts';
import { limitSetUps } from './limit-set-ups.ts';

export interface Goal {
  what: string;
  value: string;
  goal: string;
  /** Absent without records to judge it. */
  met?: boolean;
}

interface GradedAnswer extends Grade {
  isLink: boolean;
}

/** @param last latest record of each set-up */
export function aggregate(last: readonly LimitRecord[]): Goal[] {
  const graded = last.flatMap((record) => gradesOf(record));
  const links = graded.filter(({ isLink, named }) => isLink && named === 'right');
  const errors = links.flatMap(({ error }) => (error === undefined ? [] : [Math.abs(error)]));
  const covers = graded.flatMap(({ covers: holds }) => (holds === undefined ? [] : [holds]));
  const widths = graded.flatMap(({ halfWidth }) => (halfWidth === undefined ? [] : [halfWidth]));
  const useful = graded.flatMap(({ useful: share }) => (share === undefined ? [] : [share]));
  const losses = last.flatMap((record) => lossErrorsOf(record));
  return [
    middle('saturation of link-bound set-ups, median error', errors, 0.05),
    most('saturation of link-bound set-ups, worst error', errors, 0.08),
    share(
      'right limit named',
      graded.map(({ named }) => named === 'right'),
      0.8,
    ),
    share('interval holds the measured saturation', covers, 0.9),
    middle('half-width of the interval, median', widths, 0.1),
    share(
      'safe maximum at least 75% of the highest rate within SLO and policy',
      useful.map((each) => each >= 0.75),
      1,
    ),
    {
      what: 'no safe maximum, since no step counted or was within the policy',
      value: `${graded.length - useful.length} of ${graded.length}`,
      goal: 'none',
    },
    share(
      'safe maximum sustained within the SLO',
      graded.map(({ isUnsafe }) => !isUnsafe),
      1,
    ),
    most('safe maximum after losing one broker, worst error', losses, 0.1),
  ];
}

export const aggregateLines = (last: readonly LimitRecord[]): string[] =>
  aggregate(last).map(
    ({ what, value, goal, met }) =>
      `- ${what}: ${value} (goal: ${goal}${met === undefined ? '' : met ? ', met' : ', **not met**'})`,
  );

function gradesOf(record: LimitRecord): GradedAnswer[] {
  const setUp = limitSetUps[record.name];
  if (record.kind !== 'limit' || setUp === undefined) return [];
  const { truth } = setUp;
  const measured = measure(record.steps, setUp);
  return [record.lower, record.past].map((reported) => ({
    ...grade(reported, measured, truth),
    isLink: truth.isLink === true,
  }));
}

/** A loss without a prediction counts as an error of 100%. */
const lossErrorsOf = (record: LimitRecord) =>
  record.kind === 'loss' ? [Math.abs(gradeLossOf(record).error ?? 1)] : [];

function middle(what: string, values: readonly number[], limit: number): Goal {
  const goal = `at most ${percent(limit)}`;
  if (values.length === 0) return { what, value: 'none', goal };
  return { what, value: `${percent(median(values))} of ${values.length}`, goal, met: median(values) <= limit };
}

function most(what: string, values: readonly number[], limit: number): Goal {
  const goal = `at most ${percent(limit)}`;
  if (values.length === 0) return { what, value: 'none', goal };
  const worst = Math.max(...values);
  return { what, value: `${percent(worst)} of ${values.length}`, goal, met: worst <= limit };
}

function share(what: string, holds: readonly boolean[], least: number): Goal {
  const goal = least === 1 ? 'all' : `at least ${percent(least)}`;
  if (holds.length === 0) return { what, value: 'none', goal };
  const count = holds.filter(Boolean).length;
  return { what, value: `${count} of ${holds.length}`, goal, met: count >= least * holds.length };
}

const percent = (value: number) => `${(100 * value).toFixed(1)}%`;
