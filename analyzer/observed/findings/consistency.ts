// Do the figures of a text agree with each other? What does not is said with numbers and never fitted away.

import type { Evidence, Finding } from '../../../core/analysis.ts';
import type { Policy } from '../../policy/policy.ts';
import { linkCeilings } from '../../wire/ethernet.ts';
import type { Amount, Figures } from '../figures.ts';
import type { Trial } from '../hypotheses.ts';
import { tryHypotheses } from '../hypotheses.ts';
import { networkUses } from '../network-limit.ts';
import type { Range } from '../range.ts';
import { scaled } from '../range.ts';
import {
  assumed,
  bodiesPerMessage,
  bytesPerMessage,
  bytesPerSecond,
  fullAt,
  largerDirection,
  statedTraffic,
} from '../traffic.ts';
import {
  bytesRange,
  evidenceOf,
  exact,
  percent,
  plural,
  rateRange,
  rateWords,
  signedPercent,
  speedWords,
  tpsRange,
  tpsWords,
} from '../wording.ts';

const arithmetic = 'byte arithmetic of the protocol';

/** Payload alone that passes what the card can carry: no setting and no compression of headers helps. */
export function physicallyInfeasible(figures: Figures): Finding | undefined {
  const { link, messageBytes, topology, tpsPerMaster, master } = figures;
  if (link === undefined) return undefined;
  // Consumers whose groups the text does not tell are left out: what is certain must do.
  const bodies = bodiesPerMessage({ ...statedTraffic(figures), groups: topology.consumerGroups ?? 0 });
  const direction = bodies.out > bodies.in ? 'out' : 'in';
  const needed = bodies[direction] * tpsPerMaster;
  const { payload } = linkCeilings(link.bitsPerSecond);
  if (needed <= payload) return undefined;
  const carried = payload / bodies[direction];
  return {
    severity: 'critical',
    code: 'physically-infeasible',
    message:
      `These figures cannot all be true in steady state. Bodies alone, ${exact(messageBytes)} bytes ${direction === 'out' ? `to ${plural(topology.followersPerMaster, 'follower')}` : 'received'} ` +
      `at ${tpsWords(tpsPerMaster)} messages/s, need ${rateWords(needed)} ${direction} of ${master}; a ${speedWords(link.bitsPerSecond)} card carries ${rateWords(payload)} of payload. ` +
      `Without any header it is full at ${tpsWords(carried)} messages/s. Either a figure is wrong, or copies fell behind and the rate was not sustained.`,
    evidence: [
      { name: 'bodies-bytes-per-second', value: needed, unit: 'bytes/s', source: 'rate × message size × copies' },
      {
        name: 'payload-ceiling-bytes-per-second',
        value: payload,
        unit: 'bytes/s',
        source: 'Ethernet framing, IEEE 802.3',
      },
      { name: 'bodies-only-tps', value: carried, unit: 'messages/s', source: 'payload ceiling over bodies' },
    ],
  };
}

/** `About` in one or two digits, and 1000 for 1024: a reading may pass a card by so much on paper. */
const readingSlack = 1.05;

/** A card shows more than it can carry. */
export function readingAboveCard(figures: Figures): Finding | undefined {
  const { link, master } = figures;
  const [above] = networkUses(figures).filter(
    ({ amount }) => link !== undefined && amount.low > (readingSlack * link.bitsPerSecond) / 8,
  );
  if (link === undefined || above === undefined) return undefined;
  return {
    severity: 'critical',
    code: 'physically-infeasible',
    message:
      `These figures cannot all be true: ${rateWords(above.amount.low)} ${above.direction} of ${master} is more than the ${rateWords(link.bitsPerSecond / 8)} ` +
      `that ${speedWords(link.bitsPerSecond)} carries in one direction. Either the reading adds up both directions or several cards, or the speed is another.`,
    evidence: [evidenceOf(above.amount.reading)],
  };
}

/** The arithmetic of the stated topology against the card and against what was read of it. */
export function protocolArithmetic(figures: Figures, policy: Policy): Finding | undefined {
  const traffic = statedTraffic(figures);
  const perMessage = bytesPerMessage(traffic);
  const moved = bytesPerSecond(traffic);
  const full = figures.link && fullAt(traffic, figures.link.bitsPerSecond);
  if (perMessage === undefined || moved === undefined || figures.link === undefined || full === undefined)
    return undefined;
  const direction = largerDirection(traffic);
  const safe = scaled(full, policy.limits[`network-${direction}`].value);
  const reading = networkUses(figures)[0]?.amount;
  const trials = reading === undefined ? [] : tryHypotheses(figures, reading, figures.link.bitsPerSecond);
  const reproduced = trials.find(({ reproduces }) => reproduces);
  const agrees = full.high >= figures.tpsPerMaster && (reading === undefined || reproduced !== undefined);
  const fed = `${plural(traffic.followers, followerNoun(traffic.replication))} and ${plural(traffic.groups, 'consumer group')}`;
  return {
    severity: agrees ? 'info' : 'warning',
    code: agrees ? 'figures-agree' : 'figures-disagree',
    message: [
      agrees
        ? `The figures agree with the arithmetic of the protocol${reproduced === undefined ? '' : `: ${reproduced.words}`}.`
        : 'The figures do not agree with each other.',
      `A master that feeds ${fed} moves ${bytesRange(perMessage[direction])} bytes ${direction} per message of ${exact(traffic.messageBytes)} bytes,`,
      `so ${speedWords(figures.link.bitsPerSecond)} is full at ${tpsRange(full)} messages/s (${tpsRange(safe)} at ${percent(policy.limits[`network-${direction}`].value)});`,
      `at ${tpsWords(traffic.tps)} it would take ${rateRange(moved[direction])} ${direction} and ${rateRange(moved.in)} in${reading === undefined ? '.' : `, where the text reads ${rateRange(reading)}.`}`,
      ...(agrees || reading === undefined ? [] : [conclusion(trials)]),
    ].join(' '),
    evidence: [
      ends('full-card-tps', full, 'messages/s'),
      ends('policy-tps', safe, 'messages/s'),
      ends(`network-${direction}-bytes-per-message`, perMessage[direction], 'bytes'),
      ends(`network-${direction}-bytes-per-second`, moved[direction], 'bytes/s'),
      ...(reading === undefined ? [] : [evidenceOf(reading.reading)]),
      ...(reading === undefined || agrees ? [] : trials.map((trial) => trialEvidence(trial, reading))),
    ].flat(),
  };
}

const followerNoun = (replication: string) => (replication === 'dledger' ? 'DLedger follower' : 'follower');

function conclusion(trials: readonly Trial[]): string {
  const near = trials.filter(({ matches }) => matches).length;
  return (
    `Other readings were tried (evidence, nearest first): ${near === 0 ? 'none comes' : `${near} of ${trials.length} come`} within 5 % of the figure, ` +
    'and none of them reproduces all that is said: each misses it, needs more than the card carries, or gives up something the text states.'
  );
}

/** What was taken for the settings the text does not tell. */
const settings = [
  `topic of ${assumed.topicBytes} characters`,
  `${assumed.messagesPerPull} messages a pull`,
  `DLedger pushes of ${assumed.pushBatch.single} to ${assumed.pushBatch.batched} messages`,
].join(', ');

function ends(name: string, { low, high }: Range, unit: string): Evidence[] {
  return [
    { name: `${name}-low`, value: Math.round(low), unit, source: `${arithmetic}: ${settings}` },
    { name: `${name}-high`, value: Math.round(high), unit, source: `${arithmetic}: ${settings}` },
  ];
}

function trialEvidence({ name, words, predicted, residual, fits, givesUp }: Trial, reading: Amount): Evidence {
  return {
    name: `if-${name}`,
    value: Math.round(residual * 1000) / 1000,
    unit: 'ratio',
    source: [
      `${words}; ${rateRange(predicted)}, which is ${misses(predicted, reading)}`,
      fits ? undefined : 'the card cannot carry what this needs',
      givesUp && `gives up: ${givesUp}`,
    ]
      .filter((part) => part !== undefined)
      .join('; '),
  };
}

function misses(predicted: Range, { low, high }: Amount): string {
  const against = (figure: number) => {
    const [from, to] = [signedPercent(predicted.low / figure - 1), signedPercent(predicted.high / figure - 1)];
    return `${from === to ? from : `${from} to ${to}`} against ${rateWords(figure)}`;
  };
  return low === high ? against(low) : `${against(low)}, ${against(high)} if MiB`;
}
