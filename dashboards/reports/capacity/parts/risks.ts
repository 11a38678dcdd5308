// Writes the risks: assumptions, dependencies and findings of the checks.

import { punctuation } from '../../../../core/text/punctuation.ts';
import { findingMessage } from '../../../../core/documents/findings/findings.ts';
import { assumptionText } from '../../../../core/documents/reasons/plan-assumptions.ts';
import type { CapacityReport } from '../../../../core/documents/capacity-report.ts';
import { none, tableOf, numeric, titledList, type Language, type WritePart } from '../part.ts';
import { brokersOfDomains } from './plan.ts';

export const writeRisks: WritePart = (report, language) => {
  const { texts } = language;
  const sensitivity = report.clusters.flatMap((cluster) =>
    tableOf(
      cluster.sensitivity,
      [
        [texts.input, ({ input }) => texts.inputOf(input)],
        [numeric(texts.brokersAt), (ends) => texts.span(String(ends.brokersAtLow), String(ends.brokersAtHigh))],
      ],
      { title: texts.sensitivityOf(cluster.name, String(brokersOfDomains(cluster, report.clusters))) },
    ),
  );
  const assumed = report.clusters.flatMap(({ name, assumptionCauses }) =>
    assumptionCauses.map((cause): Risk => ({
      // These texts begin with the domain.
      of: 'domain' in cause ? [] : [name],
      text: assumptionText(cause, language.name),
    })),
  );
  const findingText = (finding: CapacityReport['findings'][number]) =>
    `${texts.severity[finding.severity]}${punctuation[language.name].colon}${findingMessage(finding, language.name)}`;
  const found = [
    ...report.findings.map((finding): Risk => ({ of: [], text: findingText(finding) })),
    ...report.clusters.flatMap(({ name, findings }) =>
      findings.map((finding): Risk => ({ of: [name], text: findingText(finding) })),
    ),
  ];
  const longReadings = report.forecasts.flatMap((forecast) => longReadingText(forecast, language));
  const blocks = [
    ...sensitivity,
    ...titledList(texts.assumptions, [...longReadings, ...named(assumed, language)]),
    ...titledList(texts.findings, named(found, language)),
  ];
  return blocks.length === 0 ? none(language) : blocks;
};

interface Risk {
  /** Names of clusters that the text omits. */
  of: readonly string[];
  text: string;
}

/** @returns each text once, after its clusters */
function named(risks: readonly Risk[], { name }: Language): string[] {
  const { colon, list } = punctuation[name];
  return [...Map.groupBy(risks, ({ text }) => text)].map(([text, alike]) => {
    const clusters = [...new Set(alike.flatMap(({ of }) => of))];
    return clusters.length === 0 ? text : `${clusters.join(list)}${colon}${text}`;
  });
}

/** @returns undefined if the readings are as short as the holding time of a rate */
export const longReadingText = (
  { domain, longReadingSeconds: seconds }: CapacityReport['forecasts'][number],
  { texts, numbers }: Pick<Language, 'texts' | 'numbers'>,
): string[] => (seconds === undefined ? [] : [texts.longReadings(domain, numbers.until(seconds))]);
