// Refuses an offset move whose group has moved between the plan that was shown and the start.

import { AppError } from '../../core/errors.ts';
import { partitionText, type MovePlan, type PlannedPosition } from './plan-move.ts';

/**
 * A running group commits all the time: where one may be moved, it is moved to what was shown.
 *
 * @param now planned again, of the same topics
 * @param isByMoment the targets are of a moment: those of now hold
 * @throws AppError change-refused
 */
export function refuseMoved(
  shown: readonly MovePlan[],
  now: readonly MovePlan[],
  { isByMoment }: { isByMoment: boolean },
): void {
  const bad = now.flatMap(({ findings }) => findings).find(({ severity }) => severity === 'critical');
  if (bad !== undefined) throw refusal(bad.message);
  if (now.some(({ presence }) => presence.kind === 'running')) return;
  const texts = (plans: readonly MovePlan[]) =>
    new Map(
      plans.flatMap(({ topic, positions }) =>
        positions.map((each) => [`${topic} ${partitionText(each.position)}`, positionText(each, isByMoment)] as const),
      ),
    );
  const [before, after] = [texts(shown), texts(now)];
  for (const place of new Set([...before.keys(), ...after.keys()])) {
    const [was = 'not there', is = 'not there'] = [before.get(place), after.get(place)];
    if (was !== is) throw refusal(`${place} was ${was} when the plan was shown, and is ${is} now`);
  }
}

function positionText({ position: { committed }, outcome }: PlannedPosition, isByMoment: boolean): string {
  const stands = committed === undefined ? 'without a commit' : `at ${committed}`;
  return isByMoment || outcome.kind !== 'move' ? stands : `${stands} with target ${outcome.target}`;
}

const refusal = (why: string) =>
  new AppError('change-refused', `nothing was moved: ${why}`, {
    hint: 'run the command again: it plans from where the group is then',
  });
