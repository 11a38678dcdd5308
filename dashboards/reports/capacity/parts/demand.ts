// Writes the expected demand of each domain and its source.

import { ifKnown } from '../../../../core/text/quantity-text.ts';
import { punctuation } from '../../../../core/text/punctuation.ts';
import { fromSource, none, tableOf, numeric, type WritePart } from '../part.ts';

export const writeDemand: WritePart = (report, language) => {
  const { texts, numbers } = language;
  const range = (low: number, mid: number, high: number) =>
    texts.range(numbers.rate(mid), numbers.rate(low), numbers.rate(high));
  const forecastPeak = ({ low, value, high }: NonNullable<(typeof report.forecasts)[number]['peak']>) =>
    low === undefined || high === undefined ? texts.withoutInterval(numbers.rate(value)) : range(low, value, high);
  const ofPlan = fromSource('plan');
  const planned = tableOf(
    report.clusters,
    [
      [texts.cluster, ({ name }) => name],
      [texts.domain, ({ domains }) => domains.join(punctuation[language.name].list)],
      [numeric(texts.peak), ({ peakTps: { low, mid, high } }) => ofPlan(range(low, mid, high))],
    ],
    { title: texts.demandOfPlan },
  );
  const forecast = tableOf(
    report.forecasts,
    [
      [texts.domain, ({ domain }) => domain],
      [
        numeric(texts.peak),
        ({ peak, source }) => (peak === undefined ? texts.unknown : fromSource(source)(forecastPeak(peak))),
      ],
      [texts.date, ({ peak }) => ifKnown(peak?.highestPointAt, numbers.moment) ?? texts.unknown],
      [
        numeric(texts.coverage),
        ({ backtest: { coverage } = {}, source }) =>
          coverage === undefined ? texts.unknown : fromSource(source)(numbers.percent(coverage)),
      ],
      [texts.source, ({ source }) => source],
    ],
    { title: texts.demandOfForecast },
  );
  const mix = tableOf(
    report.clusters.flatMap(({ name, demand = [] }) => demand.map((each) => ({ name, ...each }))),
    [
      [texts.cluster, ({ name }) => name],
      [texts.domain, ({ domain }) => domain],
      [numeric(texts.average), ({ averageTps }) => ofPlan(numbers.rate(averageTps))],
      [numeric(texts.messageSize), ({ messageBytes }) => ofPlan(numbers.bytes(messageBytes))],
      [numeric(texts.groups), ({ consumerGroups }) => ofPlan(numbers.plain(consumerGroups))],
      [numeric(texts.retention), ({ retentionSeconds }) => ofPlan(numbers.until(retentionSeconds))],
    ],
    { title: texts.demandMix },
  );
  const blocks = [...planned, ...forecast, ...mix];
  return blocks.length === 0 ? none(language) : blocks;
};
