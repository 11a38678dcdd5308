// Renders the plan or the result of a rehearsal as text.

import type { PredictedFailure, RehearsalDocument, SeenFailure } from '../../core/documents/rehearsal.ts';
import { durationText } from '../../core/text/duration-text.ts';
import { limitText } from '../../core/text/limit-text.ts';
import {
  bytesText,
  countText,
  estimateText,
  percentText,
  pluralText,
  rateText,
} from '../../core/text/quantity-text.ts';
import { columnsOf, renderTable } from '../../core/text/table.ts';

export function rehearsalText(document: RehearsalDocument): string {
  const { promotion, cluster, result } = document;
  const head = `Rehearsal of ${promotion} on cluster ${cluster}${result === undefined ? ': plan, nothing is sent' : ''}`;
  const lines = result === undefined ? planLines(document) : resultLines(document, result);
  return `${[head, ...lines].join('\n')}\n`;
}

const bases = { forecast: 'the forecast', peak: '--peak', given: '--scale', 'as-it-was': 'as it was' } as const;

function planLines(document: RehearsalDocument): string[] {
  const { history, scale, compress, durationSeconds, stepSeconds, peak, topics, groups, stop, predicted } = document;
  const steps = Math.round(durationSeconds / stepSeconds);
  return [
    `Replays: ${history.promotion}, ${history.from} to ${history.to}, from ${history.source}`,
    `Scale: ${estimateText(scale.factor)} (${bases[scale.basis]}), peak ${rateText(history.peakTps)} then, ${rateText(peak.tps)} now`,
    `Time: ${durationText(durationSeconds)} in ${pluralText(steps, 'step')} of ${durationText(stepSeconds)}, ${estimateText(compress)} times as fast; peak at ${momentText(peak)}`,
    renderTable(
      columnsOf(['TOPIC', 'SHADOW', '>PEAK', '>MESSAGE', 'GROUPS']),
      topics.map(({ name, shadow, peakTps, messageBytes, groups: readers }) => [
        name,
        topics.length === 1 ? 'plimsoll-<run>' : `plimsoll-<run>-${shadow}`,
        rateText(peakTps),
        bytesText(messageBytes),
        readers.join(', ') || '-',
      ]),
    ).trimEnd(),
    ...groups.flatMap(({ name, processingSeconds }) =>
      processingSeconds === undefined ? [] : [`Group ${name}: ${durationText(processingSeconds)} for a message`],
    ),
    stop === undefined
      ? 'Broker stopped at the peak: none'
      : `Broker ${stop.broker} is stopped at the peak, ${momentText(stop)}, for ${durationText(stop.lastsSeconds)}`,
    `Predicted: ${predictedText(predicted)}`,
    ...evidenceLines(predicted),
    ...notesOf(document),
    ...(document.problems ?? []).map((problem) => `Refused by --execute: ${problem}`),
  ];
}

const notesOf = ({ approximations, notShown, history }: RehearsalDocument) => [
  ...approximations.map((each) => `Approximation: ${each}`),
  ...history.notes.map((note) => `Note: ${note}`),
  ...notShown.map((each) => `Not shown: ${each}`),
];

type Moment = Pick<RehearsalDocument['peak'], 'rehearsalSeconds' | 'promotionMinutes'>;

const momentText = ({ rehearsalSeconds, promotionMinutes }: Moment) =>
  `minute ${minuteText(promotionMinutes)} of the promotion (${durationText(rehearsalSeconds)} into the rehearsal)`;

const minuteText = (minutes: number) => String(Math.round(minutes * 10) / 10);

function predictedText(predicted: PredictedFailure): string {
  switch (predicted.kind) {
    case 'none':
      return 'nothing fails';
    case 'unknown':
      return `unknown; missing: ${predicted.missing.join(', ')}`;
    case 'failure': {
      const own = whatText(predicted);
      const others = predicted.alike.map((limit) => limitText(limit)).filter((each) => each !== own);
      const also = others.length === 0 ? '' : ` (at the same time as ${others.join(', ')})`;
      return `${own}${also} fails first, at ${momentText(predicted)}, at ${rateText(predicted.targetTps)}; ${minuteText(predicted.minutesOutside)} min fail in all`;
    }
  }
}

function whatText({ cause, limit }: Pick<Extract<SeenFailure, { kind: 'failure' }>, 'cause' | 'limit'>): string {
  if (limit !== undefined) return limitText(limit);
  return cause === 'broker-stopped' ? 'the stopped broker' : 'an unexplained limit';
}

function evidenceLines(failure: PredictedFailure | SeenFailure): string[] {
  if (failure.kind !== 'failure') return [];
  return failure.evidence.map(({ name, value, unit, source }) => `  ${name}: ${valueText(value, unit)} (${source})`);
}

function valueText(value: number, unit: string): string {
  if (unit === 'ratio') return percentText(value);
  if (unit === 'msg/s') return rateText(value);
  return unit === 'B/s'
    ? `${bytesText(value)}/s`
    : unit === 's'
      ? durationText(value)
      : `${estimateText(value)} ${unit}`.trimEnd();
}

function resultLines(document: RehearsalDocument, result: NonNullable<RehearsalDocument['result']>): string[] {
  const { predicted, stop } = document;
  const { seen, agrees, minutesOutside, topics, proof, bundle, stoppedAtSeconds } = result;
  return [
    `Failed first: ${seenText(seen)}`,
    ...evidenceLines(seen),
    `Predicted: ${predictedText(predicted)}`,
    ...(agrees === undefined ? [] : [`Agreement: ${agreesText(agrees)}`]),
    `Outside: ${minuteText(minutesOutside)} min of the promotion`,
    ...(stop && stoppedAtSeconds !== undefined
      ? [`Broker ${stop.broker} was stopped ${durationText(stoppedAtSeconds)} into the rehearsal`]
      : []),
    renderTable(
      columnsOf(['TOPIC', '>TARGET', '>ACKNOWLEDGED', '>SHARE']),
      topics.map(({ name, targetMessages, acknowledgedMessages }) => [
        name,
        countText(targetMessages),
        countText(acknowledgedMessages),
        targetMessages > 0 ? percentText(acknowledgedMessages / targetMessages) : undefined,
      ]),
    ).trimEnd(),
    proof.kind === 'proof'
      ? `Proof for GO: ${rateText(proof.tps)} held for ${durationText(proof.seconds)}`
      : `No proof for GO: ${proof.reason}`,
    ...notesOf(document),
    `Run bundle: ${bundle} (\`plimsoll analyze ${bundle}\`)`,
  ];
}

function seenText(seen: SeenFailure): string {
  if (seen.kind === 'none') return 'nothing';
  if (seen.kind === 'unknown') return `unknown: ${seen.reason}`;
  return `${whatText(seen)}, at ${momentText(seen)}, at ${rateText(seen.targetTps)} (achieved ${rateText(seen.achievedTps)})`;
}

function agreesText({ limit, stepsApart }: NonNullable<NonNullable<RehearsalDocument['result']>['agrees']>): string {
  const what = limit ? 'the predicted failure is the one seen' : 'NOT what was predicted';
  return stepsApart === undefined ? what : `${what}, ${pluralText(stepsApart, 'step')} apart`;
}
