// Renders the blast radius of failures as text: a map of failures and hours, and the worst hour of each in words.

import {
  effectMarks,
  isFelt,
  worstCell,
  type BlastRadius,
  type BlastRadiusDocument,
  type FailureCell,
} from '../../core/documents/blast-radius.ts';
import { roundedDurationText } from '../../core/text/duration-text.ts';
import { countText, estimateText, lossName, shortRateText } from '../../core/text/quantity-text.ts';
import { columnsOf, renderTable } from '../../core/text/table.ts';

const plainMarks = { ...effectMarks, none: '.' };

interface Look {
  isPlain: boolean;
  /** Also failures that affect no domain and no broker. */
  isVerbose: boolean;
}

export function blastRadiusText({ clusters, lastsSeconds }: BlastRadiusDocument, { isPlain, isVerbose }: Look): string {
  const mark = isPlain ? plainMarks : effectMarks;
  const all = clusters.flatMap(({ failures }) => failures);
  const others = all.filter((failure) => !isVerbose && !isFelt(failure));
  const longest = Math.max(0, ...others.flatMap(({ hours }) => hours.map(({ electionSeconds }) => electionSeconds)));
  const rows = clusters.flatMap(({ cluster, failures }) =>
    failures
      .filter((failure) => !others.includes(failure))
      .map((failure) => [
        cluster,
        nameOf(failure),
        failure.isBroken ? 'NO' : failure.isPromised ? 'yes' : 'not planned',
        failure.hours.map(({ effect }) => mark[effect]).join(''),
        worstText(worstCell(failure.hours)),
      ]),
  );
  return [
    `Each failure lasts ${roundedDurationText(lastsSeconds)} and begins in the busiest minute of the hour.\n\n`,
    rows.length === 0
      ? ''
      : renderTable(columnsOf(['CLUSTER', 'FAILURE', 'SURVIVES', 'HOURS 00 TO 23', 'WORST HOUR']), rows),
    others.length === 0
      ? ''
      : `${rows.length === 0 ? '' : '\n'}${others.length} of ${all.length} failures have no effect in any hour${longest > 0 ? ` but for sends that wait up to ${roundedDurationText(longest)} for a new leader` : ''}; --verbose prints them\n`,
    `\n${mark.none} no effect   d sends wait until a leader is elected   l a group lags   O above the policy   X messages refused or lost\n`,
    ...clusters.flatMap(({ cluster, notSimulated }) => notSimulated.map((each) => `- ${cluster}: ${textOf(each)}\n`)),
  ].join('');
}

type Failure = BlastRadius['failures'][number];

const nameOf = ({ kind, name, alike }: Failure): string =>
  kind === 'zone' ? lossName({ lost: 'zone', id: name }) : alike.length > 1 ? `${name} (any of ${alike.length})` : name;

function worstText(cell: FailureCell | undefined): string {
  if (cell === undefined || cell.effect === 'none') return 'no effect in any hour';
  const {
    at,
    offeredTps,
    outsideSafeSeconds,
    failedMessages,
    lostMessages,
    mostLagSeconds,
    mostHeldMessages,
    electionSeconds,
  } = cell;
  const normal = cell.normalAfterSeconds;
  return [
    `${at} at ${shortRateText(offeredTps)}`,
    ...(failedMessages >= 1 ? [`${estimateText(failedMessages)} messages refused`] : []),
    ...(lostMessages >= 1 ? [`${estimateText(lostMessages)} messages lost`] : []),
    ...(outsideSafeSeconds > 0 ? [`${roundedDurationText(Math.ceil(outsideSafeSeconds))} above the policy`] : []),
    ...(cell.mostLagMessages >= 1 ? [`lag up to ${roundedDurationText(Math.ceil(mostLagSeconds))}`] : []),
    ...(mostHeldMessages >= 1 ? [`${countText(Math.round(mostHeldMessages))} sends wait`] : []),
    ...(electionSeconds > 0 ? [`no leader for ${roundedDurationText(electionSeconds)}`] : []),
    normal === undefined ? 'not normal again within 23 h' : `normal after ${roundedDurationText(normal)}`,
  ].join(', ');
}

function textOf({ kind, hosts, left, effect }: BlastRadius['notSimulated'][number]): string {
  const lost = `${kind === 'controller' ? 'a controller' : 'a name server'} lost (of ${hosts.length})`;
  if (effect === 'no-new-routes') return `${lost}: messages flow, but clients do not find new or moved topics`;
  if (effect === 'no-elections') return `${lost}: messages flow, but no leader is elected until it is back`;
  return `${lost}: no effect, ${left} ${left === 1 ? 'serves' : 'serve'}`;
}
