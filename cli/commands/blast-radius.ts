// Simulates each single failure of planned clusters in each hour of the day.

import { blastRadiusOf } from '../../analyzer/planning/simulation/blast-radius.ts';
import {
  blastRadiusSchemaVersion,
  effectMarks,
  isFelt,
  worstCell,
  type BlastRadius,
  type BlastRadiusDocument,
  type FailureCell,
} from '../../core/documents/blast-radius.ts';
import { exitCodes } from '../../core/errors.ts';
import { defineCommand, flag, printDocument } from '../command.ts';
import { knowsUnicode } from '../dry-run/draw-curve.ts';
import { choicesOf, clustersOf, planOptions, usualSeconds } from '../simulate/simulation-options.ts';
import { roundedDurationText } from '../../core/text/duration-text.ts';
import { countText, estimateText, lossName, shortRateText } from '../../core/text/quantity-text.ts';
import { columnsOf, renderTable } from '../../core/text/table.ts';

export const blastRadiusCommand = defineCommand({
  positionals: 'PLAN.json',
  options: { ...planOptions, verbose: flag('also print failures that affect no domain and no broker') },
  examples: [
    'plimsoll size examples/domains.yaml --json > plan.json && plimsoll blast-radius plan.json',
    'plimsoll blast-radius plan.json --cluster orders --for 2h --demand high --json',
  ],

  async run(io) {
    const { options, signal, environment } = io;
    const { clusters, policy } = await clustersOf(io, 'blast-radius');
    const choices = await choicesOf(io);
    const { for: lasts = usualSeconds['broker-lost'] } = options;
    const document: BlastRadiusDocument = {
      schemaVersion: blastRadiusSchemaVersion,
      kind: 'blast-radius',
      world: choices.world,
      consumerSpeed: choices.consumerSpeed,
      lastsSeconds: lasts,
      clusters: clusters.map((plan) => {
        signal.throwIfAborted();
        return blastRadiusOf(plan, policy, { choices, lastsSeconds: lasts });
      }),
    };
    printDocument(io, document, () =>
      blastRadiusText(document, { isPlain: !knowsUnicode(environment), isVerbose: options.verbose }),
    );
    const isBroken = document.clusters.some(({ failures }) => failures.some((each) => each.isBroken));
    return isBroken ? exitCodes.threshold : exitCodes.answered;
  },
});

const plainMarks = { ...effectMarks, none: '.' };

/** @param look.isVerbose also shows failures that affect no domain and no broker */
function blastRadiusText(
  { clusters, lastsSeconds }: BlastRadiusDocument,
  { isPlain, isVerbose }: { isPlain: boolean; isVerbose: boolean },
): string {
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
      : `${rows.length === 0 ? '' : '\n'}${others.length} of ${all.length} failures have no effect in any hour${longest > 0 ? ` but up to ${roundedDurationText(longest)} without a leader, in which messages wait or go to other brokers` : ''}; --verbose prints them\n`,
    `\n${mark.none} no effect   d messages wait for a new leader, or go to other brokers   l a group lags   O above the policy   X messages refused or lost\n`,
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
