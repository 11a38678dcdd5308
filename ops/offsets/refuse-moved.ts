// Compares an offset move that is about to start with the plan shown before.

import { AppError } from '../../core/errors.ts';
import { partitionText, type MovePlan, type PlannedPosition } from './plan-move.ts';

/**
 * A running group commits continuously: if it may be moved, it moves to the planned offsets.
 *
 * @param now a new plan for the same topics
 * @param isByMoment the targets are computed from a time, so the current ones apply
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
    new Map(positionsOf(plans).map((each) => [placeText(each), positionText(each, isByMoment)]));
  const [before, after] = [texts(shown), texts(now)];
  for (const place of new Set([...before.keys(), ...after.keys()])) {
    const [was = 'not there', is = 'not there'] = [before.get(place), after.get(place)];
    if (was !== is) throw refusal(`${place} was ${was} when the plan was shown, and is ${is} now`);
  }
}

function positionText({ position: { committed }, outcome }: PlannedPosition, isByMoment: boolean): string {
  const stands = committed === undefined ? 'without a commit' : `at ${committed}`;
  if (isByMoment || outcome.kind !== 'move') return stands;
  // Not compared: new messages move the end, and retention moves the start.
  return `${stands} with ${outcome.cutTo === undefined ? `target ${outcome.target}` : `the ${outcome.cutTo} as target`}`;
}

/**
 * @returns the shown plans, with the current start offset for positions whose target is the start: the shown start may
 *   be deleted
 */
export function withStartsOfNow(shown: readonly MovePlan[], now: readonly MovePlan[]): MovePlan[] {
  const isAtStart = ({ outcome }: PlannedPosition) => outcome.kind === 'move' && outcome.cutTo === 'start';
  const atStart = positionsOf(now).filter(isAtStart);
  const starts = new Map(atStart.map((each) => [placeText(each), each]));
  const ofNow = (each: PlannedPosition) => (isAtStart(each) ? starts.get(placeText(each)) : undefined) ?? each;
  return shown.map((plan) => ({ ...plan, positions: plan.positions.map(ofNow) }));
}

const positionsOf = (plans: readonly MovePlan[]) => plans.flatMap(({ positions }) => positions);
const placeText = ({ position }: PlannedPosition) => `${position.topic} ${partitionText(position)}`;

const refusal = (why: string) =>
  new AppError('change-refused', `nothing was moved: ${why}`, {
    hint: 'run the command again: it plans from where the group is then',
  });
