// Tries alternative readings of a text against its network figure, and computes the error of each.

import type { Amount, Figures } from './figures.ts';
import type { Range } from './range.ts';
import { exactly, scaled, sum } from './range.ts';
import type { Traffic } from './traffic.ts';
import { bodiesPerMessage, bytesPerSecond, leaderNoun, lineRate, statedTraffic } from './traffic.ts';
import { exact } from './figure-text.ts';
import { pluralText } from '../../../core/text/quantity-text.ts';

/** Which bytes the figure in the text would be. */
type Measured = 'out' | 'in' | 'in-and-out' | 'bodies';

interface Assumption {
  traffic: Traffic;
  measured: Measured;
  words: string;
  /** Statements of the text that would then be untrue. */
  givesUp?: string;
}

/** Given the stated figures, an alternative reading; nothing where it does not apply. */
type Hypothesis = (stated: Traffic, figures: Figures) => Assumption | undefined;

const fewerCopies =
  (followersLess: number, groupsLess: number): Hypothesis =>
  (stated, { endToEnd }) => {
    const followers = stated.followers - followersLess;
    const groups = groupsLess === 0 ? stated.groups : 0;
    if (followers < 0 || (groupsLess > 0 && stated.groups === 0)) return undefined;
    const behind = [
      ...(followersLess === 0 ? [] : [`${pluralText(followersLess, 'follower')} fell behind during the test`]),
      ...(groupsLess === 0 ? [] : ['consumers fell behind or read elsewhere']),
    ];
    const givesUp = [
      ...(followersLess === 0 ? [] : ['every message copied to every follower']),
      ...(groupsLess === 0 ? [] : [`every message consumed from the ${leaderNoun(stated)}`]),
      ...(groupsLess === 0 || endToEnd === undefined ? [] : [`end to end within ${exact(endToEnd.value)} s`]),
    ];
    return {
      traffic: { ...stated, followers, groups },
      measured: 'out',
      words: `${behind.join(' and ')} (${copies(followers + groups, stated)})`,
      givesUp: givesUp.join(', '),
    };
  };

/** The copy of HA is the record as stored; DLedger sends it as base64 in JSON. */
const asHa =
  (fewer: Hypothesis): Hypothesis =>
  (stated, figures) => {
    const assumption = stated.replication === 'dledger' ? fewer({ ...stated, replication: 'ha' }, figures) : undefined;
    return (
      assumption && {
        ...assumption,
        words: `copies by HA instead of DLedger, ${assumption.words}`,
        givesUp: ['replication by DLedger', assumption.givesUp].filter((each) => each !== undefined).join(', '),
      }
    );
  };

const copies = (count: number, traffic: Traffic) =>
  `${pluralText(count, 'full copy', 'full copies')} ${count === 1 ? 'leaves' : 'leave'} the ${leaderNoun(traffic)}`;

const stated: Hypothesis = (traffic) => ({
  traffic,
  measured: 'out',
  words: `${pluralText(traffic.followers, 'follower')} and ${pluralText(traffic.groups, 'consumer group')} fed (${copies(traffic.followers + traffic.groups, traffic)})`,
});

/** Names are stable: they are the names of the evidence. */
export const hypotheses = {
  'as-stated': stated,
  'consumers-behind': fewerCopies(0, 1),
  'follower-behind': fewerCopies(1, 0),
  'follower-and-consumers-behind': fewerCopies(1, 1),
  'ha-copies': asHa(stated),
  'ha-copies-consumers-behind': asHa(fewerCopies(0, 1)),
  'ha-copies-follower-behind': asHa(fewerCopies(1, 0)),
  'rates-added-up': (traffic) =>
    traffic.groups === 0
      ? undefined
      : {
          traffic: { ...traffic, tps: traffic.tps / (1 + traffic.groups) },
          measured: 'out',
          words: 'the rate counts produced and consumed messages together',
          givesUp: 'the rate as messages produced',
        },
  'in-only': (traffic) => ({ traffic, measured: 'in', words: 'the figure is of the receiving direction' }),
  'both-directions': (traffic) => ({ traffic, measured: 'in-and-out', words: 'the figure adds both directions up' }),
  'bodies-only': (traffic) => ({
    traffic,
    measured: 'bodies',
    words: `the figure was computed: the body in and to ${pluralText(traffic.followers, 'follower')}, without headers and consumers`,
    givesUp: 'the figure as read from the card',
  }),
} as const satisfies Record<string, Hypothesis>;

export interface Trial {
  name: string;
  words: string;
  givesUp?: string;
  /** What the figure should have been, bytes per second. */
  predicted: Range;
  /** Nearest relative miss, 0 where the ranges overlap. */
  residual: number;
  matches: boolean;
  /** The card can move what this reading needs, in both directions. */
  fits: boolean;
  /** Matches, fits and gives nothing up. */
  reproduces: boolean;
}

/**
 * @param roundedShare relative miss within which two rounded figures are the same
 * @returns all readings that apply, nearest first
 */
export function tryHypotheses(figures: Figures, reading: Amount, bitsPerSecond: number, roundedShare: number): Trial[] {
  const text = statedTraffic(figures);
  const trials = Object.entries<Hypothesis>(hypotheses).flatMap(([name, hypothesis]) => {
    const assumption = hypothesis(text, figures);
    const trial = assumption && tryOne(name, assumption, reading, lineRate(bitsPerSecond).high, roundedShare);
    return trial === undefined ? [] : [trial];
  });
  return trials.toSorted((a, b) => Math.abs(a.residual) - Math.abs(b.residual));
}

function tryOne(
  name: string,
  { traffic, measured, ...said }: Assumption,
  reading: Amount,
  line: number,
  roundedShare: number,
): Trial {
  const moved = bytesPerSecond(traffic);
  const bodies = bodiesPerMessage({ ...traffic, groups: 0 });
  const predicted = {
    out: moved.out,
    in: moved.in,
    'in-and-out': sum(moved.in, moved.out),
    bodies: scaled(exactly(bodies.in + bodies.out), traffic.tps),
  }[measured];
  const residual =
    predicted.low > reading.high
      ? predicted.low / reading.high - 1
      : predicted.high < reading.low
        ? predicted.high / reading.low - 1
        : 0;
  const matches = Math.abs(residual) <= roundedShare;
  const fits = moved.out.low <= line && moved.in.low <= line;
  return {
    name,
    ...said,
    predicted,
    residual,
    matches,
    fits,
    reproduces: matches && fits && said.givesUp === undefined,
  };
}
