// Writes the expected demand of each domain and its source.

import { punctuation } from '../../../../core/text/punctuation.ts';
import { fromSource, none, tableOf, numeric, type WritePart } from '../part.ts';

export const writeDemand: WritePart = (report, language) => {
  const { texts, numbers } = language;
  const range = (low: number, mid: number, high: number) =>
    texts.range(numbers.rate(mid), numbers.rate(low), numbers.rate(high));
  const forecastPeak = ({ low, value, high }: NonNullable<(typeof report.forecasts)[number]['peak']>) =>
    low === undefined || high === undefined ? texts.withoutInterval(numbers.rate(value)) : range(low, value, high);
  const planned = tableOf({
    title: texts.demandOfPlan,
    columns: [texts.cluster, texts.domain, numeric(texts.peak)],
    rows: report.clusters.map(({ name, domains, peakTps: { low, mid, high } }) => [
      name,
      domains.join(punctuation[language.name].list),
      fromSource('plan')(range(low, mid, high)),
    ]),
  });
  const forecast = tableOf({
    title: texts.demandOfForecast,
    columns: [texts.domain, numeric(texts.peak), texts.date, numeric(texts.coverage), texts.source],
    rows: report.forecasts.map(({ domain, peak, backtest, source }) => [
      domain,
      peak === undefined ? texts.unknown : fromSource(source)(forecastPeak(peak)),
      peak === undefined ? texts.unknown : numbers.moment(peak.highestPointAt),
      backtest?.coverage === undefined ? texts.unknown : fromSource(source)(numbers.percent(backtest.coverage)),
      source,
    ]),
  });
  const mix = tableOf({
    title: texts.demandMix,
    columns: [
      texts.cluster,
      texts.domain,
      numeric(texts.average),
      numeric(texts.messageSize),
      numeric(texts.groups),
      numeric(texts.retention),
    ],
    rows: report.clusters.flatMap(({ name, demand = [] }) =>
      demand.map(({ domain, averageTps, messageBytes, consumerGroups, retentionSeconds }) => [
        name,
        domain,
        fromSource('plan')(numbers.rate(averageTps)),
        fromSource('plan')(numbers.bytes(messageBytes)),
        fromSource('plan')(numbers.plain(consumerGroups)),
        fromSource('plan')(numbers.until(retentionSeconds)),
      ]),
    ),
  });
  const blocks = [...planned, ...forecast, ...mix];
  return blocks.length === 0 ? none(language) : blocks;
};
