// Tries alternative readings of a text against its network figure, and computes the error of each.

import {
  type Amount,
  exactly,
  type Figures,
  scaled,
  sum,
  bodiesPerMessage,
  bytesPerSecond,
  leaderNoun,
  lineRate,
  statedTraffic,
  type Traffic,
} from './figures.ts';
import type { GivenUp, StatedTrial, TrialReading } from '../../../core/documents/findings/stated-trial.ts';

/** Possible meanings of the byte figure in the text. */
type Measured = 'out' | 'in' | 'in-and-out' | 'bodies';

interface Assumption {
  traffic: Traffic;
  measured: Measured;
  reading: TrialReading;
  /** Statements of the text that would then be untrue. */
  givesUp: readonly GivenUp[];
}

/** Returns an alternative reading of the stated figures; undefined if it does not apply. */
type Hypothesis = (stated: Traffic, figures: Figures) => Assumption | undefined;

const fewerCopies =
  (followersLess: number, groupsLess: number): Hypothesis =>
  (stated, { endToEnd }) => {
    const followers = stated.followers - followersLess;
    const groups = groupsLess === 0 ? stated.groups : 0;
    if (followers < 0 || (groupsLess > 0 && stated.groups === 0)) return undefined;
    const reading = { ...fedBy({ ...stated, followers, groups }), followersBehind: followersLess };
    return {
      traffic: { ...stated, followers, groups },
      measured: 'out',
      reading: { ...reading, consumersBehind: groupsLess > 0 },
      givesUp: [
        ...(followersLess === 0 ? [] : (['every-follower'] as const)),
        ...(groupsLess === 0 ? [] : (['every-consumer'] as const)),
        ...(groupsLess === 0 || endToEnd === undefined ? [] : (['end-to-end'] as const)),
      ],
    };
  };

type Fed = Extract<TrialReading, { kind: 'fed' }>;

const fedBy = ({ followers, groups }: Traffic): Fed => ({
  kind: 'fed',
  followers,
  groups,
  followersBehind: 0,
  consumersBehind: false,
  byHa: false,
});

/** HA copies the record as stored; DLedger sends it as base64 in JSON. */
const asHa =
  (fewer: Hypothesis): Hypothesis =>
  (stated, figures) => {
    const assumption = stated.replication === 'dledger' ? fewer({ ...stated, replication: 'ha' }, figures) : undefined;
    return (
      assumption && {
        ...assumption,
        reading: { ...(assumption.reading as Fed), byHa: true },
        givesUp: ['dledger', ...assumption.givesUp],
      }
    );
  };

const stated: Hypothesis = (traffic) => ({ traffic, measured: 'out', reading: fedBy(traffic), givesUp: [] });

/** Names are stable, because the evidence uses them. */
const hypotheses = {
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
          reading: { kind: 'rates-added-up' },
          givesUp: ['produced-rate'],
        },
  'in-only': (traffic) => ({ traffic, measured: 'in', reading: { kind: 'in-only' }, givesUp: [] }),
  'both-directions': (traffic) => ({
    traffic,
    measured: 'in-and-out',
    reading: { kind: 'both-directions' },
    givesUp: [],
  }),
  'bodies-only': (traffic) => ({
    traffic,
    measured: 'bodies',
    reading: { kind: 'bodies-only', followers: traffic.followers },
    givesUp: ['read-from-card'],
  }),
} as const satisfies Record<string, Hypothesis>;

interface Trial extends StatedTrial {
  matches: boolean;
  /** Whether it matches, fits and contradicts no statement. */
  reproduces: boolean;
}

/**
 * @param roundedShare relative error within which two rounded figures are equal
 * @returns all readings that apply, nearest first
 */
export function tryHypotheses(figures: Figures, reading: Amount, bitsPerSecond: number, roundedShare: number): Trial[] {
  const text = statedTraffic(figures);
  const endToEndSeconds = figures.endToEnd?.value;
  const line = lineRate(bitsPerSecond).high;
  const trials = Object.entries<Hypothesis>(hypotheses).flatMap(([name, hypothesis]) => {
    const assumption = hypothesis(text, figures);
    return assumption ? [{ ...tryOne(name, assumption, reading, line, roundedShare), endToEndSeconds }] : [];
  });
  return trials.toSorted((a, b) => Math.abs(a.residual) - Math.abs(b.residual));
}

function tryOne(
  name: string,
  { traffic, measured, ...described }: Assumption,
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
    leader: leaderNoun(traffic),
    ...described,
    predicted,
    residual,
    matches,
    fits,
    reproduces: matches && fits && described.givesUp.length === 0,
  };
}
