// Implements `plimsoll get clients`: what each producer and consumer group uses of the bottleneck.

import { costOfClients } from '../../app/observe/client-cost.ts';
import { countedUse } from '../../app/observe/counted-clients.ts';
import { busiestTopics, loadByName } from '../../app/observe/measured-load.ts';
import { ratesBetween } from '../../app/observe/rates.ts';
import { takeReading } from '../../app/observe/readings.ts';
import { bindingLimit } from '../../core/documents/safe-tps.ts';
import { readDocument } from '../../app/report/read-inputs.ts';
import type { ClientCost, ClientCosts, CountedUse } from '../../core/client-cost.ts';
import { Analysis } from '../../core/documents/analysis.ts';
import { byteRateText, ifKnown, percentText, quantityText, rateNumberText } from '../../core/text/quantity-text.ts';
import { type CellsOf, tableOf } from '../../core/text/table.ts';
import { seconds } from '../../core/clock.ts';
import { safeRateOf } from '../../service/status/safe-rate.ts';
import { reportOn, reportOptions } from '../cluster-report.ts';
import { defineCommand, Interval, option, text } from '../command.ts';
import { gapsIn } from '../report.ts';

const defaultInterval = seconds(10);
/** Topics with the highest rates; as many as fit into a sample are read. */
const mostTopics = 20;

export const getClientsCommand = defineCommand({
  options: {
    ...reportOptions('by, clients, unattributedShare, loadOfSafeMax, counted'),
    analysis: text(
      'FILE',
      'verdict written by `plimsoll analyze --json`: adds the bottleneck and shares of the safe maximum',
    ),
    interval: option(
      'SECONDS',
      `time between the two readings that rates come from (default ${defaultInterval})`,
      Interval.default(defaultInterval),
    ),
  },
  examples: [
    'plimsoll get clients',
    'plimsoll get clients --cluster orders --analysis verdict.json',
    'plimsoll get clients --namesrv 10.0.0.5:9876 --json',
  ],

  async run(io) {
    const { analysis: path, interval } = io.options;
    const verdict = path === undefined ? undefined : (await readDocument(path, Analysis, io)).data;
    return reportOn(io, async ({ inspect, lookUp, colours }) => {
      const source = { inspector: await inspect(), lookup: await lookUp(), clock: io.clock };
      const before = await takeReading(source, io);
      await io.clock.sleep(interval, io);
      const after = await takeReading(source, io, before.reading);
      const load = loadByName(ratesBetween(before.reading, after.reading));
      const sample = await source.lookup.sampleProducers(busiestTopics(load, mostTopics), io);
      const counts = await source.lookup.clientCounts(io);
      const { snapshot } = after.reading;
      const safe = verdict && safeRateOf(verdict.safeMaxTps);
      const limit = verdict && bindingLimit({ binding: verdict.binding, safeMaxTps: verdict.safeMaxTps });
      const costs = costOfClients({
        limit,
        snapshot,
        load,
        sample,
        ...(safe && load.produceTps !== undefined && { loadOfSafeMax: load.produceTps / safe.low }),
      });
      const counted =
        counts.kind === 'answered'
          ? countedUse(counts.value.clients, { limit, loadOfSafeMax: costs.loadOfSafeMax })
          : undefined;
      return {
        json: { ...costs, ...(counted && { counted }) },
        text: textOf(costs, counted, { colours }),
        notices: [
          ...after.notices,
          ...gapsIn(snapshot),
          ...sample.notices,
          ...(counts.kind === 'answered' ? counts.value.notices : [counts.reason]),
          ...(counted?.length === 0 ? [notCounted] : []),
        ],
      };
    });
  },
});

const notCounted =
  'brokers count clients by client id only while a quota exists: set a default quota that no client reaches';

function textOf(costs: ClientCosts, counted: readonly CountedUse[] | undefined, how: { colours: boolean }): string {
  const { clients, unattributedShare } = costs;
  if (clients.length === 0) return 'no client produced or consumed in the interval\n';
  const rest = ifKnown(unattributedShare, percentText);
  return [
    tableOf(clients, cells, how),
    ...(rest === undefined ? [] : [`unattributed: ${rest} of the load\n`]),
    ...(counted === undefined || counted.length === 0
      ? []
      : ['\nas brokers count them:\n', tableOf(counted, countedCells, how)]),
  ].join('');
}

const cells: CellsOf<ClientCost> = {
  CLIENT: nameOf,
  ROLE: ({ role }) => role,
  '>OF SAFE MAX': ({ shareOfSafeMax }) => ifKnown(shareOfSafeMax, percentText),
  '>SHARE': ({ share }) => ifKnown(share, percentText),
  '>MSG/S': ({ messagesPerSecond }) => rateNumberText(messagesPerSecond),
  '>BYTES': ({ bytesPerSecond }) => ifKnown(bytesPerSecond, byteRateText),
  '>REQ/S': ({ requestsPerSecond }) => ifKnown(requestsPerSecond, rateNumberText),
  '>MSG/REQ': ({ messagesPerRequest }) => ifKnown(messagesPerRequest, quantityText),
  '>COMPRESSION': ({ compressionRatio }) => ifKnown(compressionRatio, (ratio) => `${quantityText(ratio)}x`),
  TOPICS: ({ topics }) => topics.join(','),
};

function nameOf({ by, name, groups }: ClientCost): string {
  if (by === 'producer-id') return `producer id ${name}`;
  if (by === 'without-id') return `producers of ${name} without id`;
  return groups === undefined ? name : `${name} (${groups.join(', ')})`;
}

const countedCells: CellsOf<CountedUse> = {
  'CLIENT ID': ({ clientId }) => clientId,
  USER: ({ user }) => user,
  '>THREADS': ({ threadSeconds }) => ifKnown(threadSeconds, percentText),
  '>PRODUCED': ({ producedBytesPerSecond }) => ifKnown(producedBytesPerSecond, byteRateText),
  '>FETCHED': ({ fetchedBytesPerSecond }) => ifKnown(fetchedBytesPerSecond, byteRateText),
};
