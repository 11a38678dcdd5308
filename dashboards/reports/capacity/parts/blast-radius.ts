// Writes the effects of each single failure of the planned clusters in its worst hour, with the accuracy of such predictions.

import { named } from '../../../../core/text/bilingual.ts';
import { punctuation } from '../../../../core/text/punctuation.ts';
import { compareFailures, gradedCells, type CellEffect } from '../../../../core/documents/blast-radius.ts';
import type { CapacityReport } from '../../../../core/documents/capacity-report.ts';
import { blastRadiusLanguages } from '../../../web/sizing/blast-radius-texts.ts';
import {
  fromSource,
  textBlock,
  tableBlock,
  numeric,
  type Block,
  type Language,
  type Tone,
  type WritePart,
} from '../part.ts';

/** Most rows shown; the file has all. */
const mostRows = 12;

type Radius = NonNullable<CapacityReport['blastRadius']>;
type Failure = Radius['clusters'][number]['failures'][number];

const isFelt = ({ worst: { effect } }: Failure): boolean => effect !== 'none' && effect !== 'delayed';

export const writeBlastRadius: WritePart = (report, language) => {
  const { blastRadius } = report;
  const { name, texts, numbers } = language;
  if (blastRadius === undefined) return [textBlock(texts.noBlastRadius)];
  const words = blastRadiusLanguages[name];
  const all = blastRadius.clusters
    .flatMap(({ cluster, failures }) => failures.map((failure) => ({ cluster, failure })))
    .toSorted(({ failure: one }, { failure: other }) => compareFailures(one, other));
  const felt = all.filter(({ failure }) => isFelt(failure));
  const [worst] = felt;
  const answer =
    worst === undefined
      ? words.noneFelt(numbers.plain(all.length))
      : [
          words.felt(numbers.plain(felt.length), numbers.plain(all.length)),
          all.some(({ failure }) => failure.isBroken) ? words.broken : '',
          texts.worstOf(
            worst.cluster,
            nameOf(worst.failure, language),
            worst.failure.worst.at,
            effectOf(worst.failure, language),
          ),
        ]
          .filter(Boolean)
          .join(name === 'zh' ? '' : ' ');
  const others = blastRadius.clusters.flatMap(({ cluster, notSimulated }) =>
    notSimulated.map(({ kind, hosts, effect }) => ({
      cluster,
      text: `${words.notSimulated(kind, numbers.plain(hosts.length))}${punctuation[name].colon}${words.missing[effect]}`,
    })),
  );
  const alike = [...Map.groupBy(others, ({ text }) => text)].map(
    ([text, of]) => `${of.map(({ cluster }) => cluster).join(punctuation[name].list)}${punctuation[name].colon}${text}`,
  );
  return [
    textBlock(answer),
    worstTable(all.slice(0, mostRows), { report, source: blastRadius.source }, language),
    ...(alike.length > 0 ? [{ kind: 'list' as const, items: alike }] : []),
    textBlock(texts.simulatedOn(numbers.until(blastRadius.lastsSeconds))),
    textBlock(texts.graded(gradedCells)),
  ];
};

function nameOf({ kind, name, alike }: Failure, { name: language }: Language): string {
  const words = blastRadiusLanguages[language];
  if (kind === 'zone') return words.zone(name);
  const { open, close } = punctuation[language];
  return alike.length > 1 ? `${name}${open}${words.alike(named(alike.slice(1), 3, language))}${close}` : name;
}

const effectOf = ({ worst }: Failure, { name }: Language): string => blastRadiusLanguages[name].effects[worst.effect];

const tones: Readonly<Record<CellEffect, Tone>> = {
  none: 'good',
  delayed: 'good',
  lag: 'warning',
  'outside-safe': 'warning',
  refused: 'bad',
};

function worstTable(
  rows: readonly { cluster: string; failure: Failure }[],
  { report, source }: { report: CapacityReport; source: string },
  language: Language,
): Block {
  const { name, texts, numbers } = language;
  const words = blastRadiusLanguages[name];
  const figure = fromSource(source);
  const lasting = (seconds: number) => (seconds > 0 ? figure(numbers.until(Math.ceil(seconds))) : '–');
  const promise = ({ isBroken, isPromised }: Failure) =>
    isBroken ? words.notKept : isPromised ? words.kept : words.notPromised;
  const refused = ({ failedMessages, lostMessages }: Failure['worst']) => {
    const gone = failedMessages + lostMessages;
    return gone >= 1 ? figure(numbers.plain(Math.round(gone))) : '–';
  };
  return tableBlock(
    rows,
    [
      [texts.cluster, ({ cluster }) => cluster],
      [words.failure, ({ failure }) => nameOf(failure, language)],
      [words.promise, ({ failure }) => promise(failure)],
      [words.at, ({ failure: { worst } }) => worst.at],
      [numeric(words.load), ({ failure: { worst } }) => figure(numbers.rate(worst.offeredTps))],
      [texts.effect, ({ failure }) => effectOf(failure, language)],
      [
        words.domains,
        ({ failure: { worst } }) => worst.domains.map(({ domain }) => domain).join(punctuation[name].list) || '–',
      ],
      [numeric(words.refused), ({ failure: { worst } }) => refused(worst)],
      [numeric(words.outside), ({ failure: { worst } }) => lasting(worst.outsideSafeSeconds)],
      [numeric(words.lag), ({ failure: { worst } }) => lasting(worst.mostLagSeconds)],
      [
        numeric(words.normal),
        ({ failure: { worst } }) =>
          worst.normalAfterSeconds === undefined ? figure(words.notNormal) : lasting(worst.normalAfterSeconds),
      ],
      [texts.evidence, ({ cluster }) => (isLossMeasured(report, cluster) ? texts.lossMeasured : texts.simulated)],
    ],
    {
      title: words.worst,
      toneOf: ({ failure }) => (failure.isBroken ? 'bad' : tones[failure.worst.effect]),
    },
  );
}

/** Whether load tests with a broker down sustained what the domains of the cluster need after a loss. */
function isLossMeasured({ clusters, verdicts }: CapacityReport, name: string): boolean {
  const domains = clusters.find((cluster) => cluster.name === name)?.domains ?? [];
  return (
    domains.length > 0 &&
    domains.every((domain) =>
      verdicts
        .find((verdict) => verdict.domain === domain)
        ?.conditions.some(({ condition, basis }) => condition === 'after-loss' && basis === 'measured'),
    )
  );
}
