// Lists topics with their content and, over an interval, their rates.

import type { GroupSnapshot } from '../../brokers/snapshot.ts';
import type { Seconds } from '../../core/clock.ts';
import { clusterOptions } from '../options.ts';
import { reportOn } from '../cluster-report.ts';
import { type CommandIo, defineCommand, flag, Interval, option } from '../command.ts';
import { byteRateText, bytesText, countText, ifKnown, shortRateText } from '../../core/text/quantity-text.ts';
import { boundText, gapsIn } from '../report.ts';
import { type CellsOf, tableOf } from '../../core/text/table.ts';
import { type Rates, ratesBetween, type Reading, sumOf } from '../../app/observe/rates.ts';
import { takeReading, type ReadingSource } from '../../app/observe/readings.ts';

export const getTopicsCommand = defineCommand({
  options: {
    ...clusterOptions,
    interval: option('SECONDS', 'measure rates over this time (default: no rates)', Interval.optional()),
    internal: flag("show the brokers' own topics, too"),
    json: flag('print one JSON document: { schemaVersion, seconds?, topics, notices }'),
  },
  examples: ['plimsoll get topics', 'plimsoll get topics --interval 10', 'plimsoll get topics --internal --json'],

  async run(io) {
    const { interval, internal: withInternal } = io.options;
    return reportOn(io, async ({ inspect, lookUp, colours }) => {
      const inspector = await inspect();
      const lookup = await lookUp();
      const { reading, rates, notices } = await read({ inspector, lookup, clock: io.clock }, interval, io);
      const topics = topicsIn(reading, rates).filter(({ internal }) => withInternal || !internal);
      return {
        json: { ...(rates !== undefined && { seconds: rates.seconds }), topics },
        text: tableOf(topics, cellsOf(rates !== undefined, boundText(reading.snapshot, ['topics', 'offsets'])), {
          colours,
        }),
        notices: [...notices, ...gapsIn(reading.snapshot)],
      };
    });
  },
});

type TopicRow = ReturnType<typeof topicsIn>[number];

const cellsOf = (hasRates: boolean, least: string): CellsOf<TopicRow> => ({
  TOPIC: ({ name }) => name,
  '>PARTITIONS': ({ partitions }) => `${least}${countText(partitions)}`,
  '>REPLICAS': ({ replicas }) => countText(replicas),
  '>NO LEADER': ({ withoutLeader }) => countText(withoutLeader),
  '>MESSAGES': ({ messages }) => ifKnown(messages, (known) => `${least}${countText(known)}`),
  '>BYTES': ({ bytes }) => ifKnown(bytes, bytesText),
  ...(hasRates && {
    '>MESSAGES/S': ({ messagesPerSecond }: TopicRow) =>
      ifKnown(messagesPerSecond, (rate) => `${least}${shortRateText(rate)}`),
    '>BYTES/S': ({ bytesPerSecond }: TopicRow) => ifKnown(bytesPerSecond, byteRateText),
  }),
  '>GROUPS': ({ groups }) => countText(groups),
});

async function read(
  source: ReadingSource,
  interval: Seconds | undefined,
  io: CommandIo,
): Promise<{ reading: Reading; rates?: Rates; notices: readonly string[] }> {
  const first = await takeReading(source, io);
  if (interval === undefined) return first;
  await io.clock.sleep(interval, io);
  const second = await takeReading(source, io, first.reading);
  const rates = ratesBetween(first.reading, second.reading);
  const topics = new Set(rates.unknown.map(({ topic }) => topic)).size;
  const notice = `${topics} ${topics === 1 ? 'topic has' : 'topics have'} no rate: not all their offsets were read at both ends of the interval`;
  return { ...second, rates, notices: [...second.notices, ...(topics === 0 ? [] : [notice])] };
}

function topicsIn({ snapshot, sizes }: Reading, rates: Rates | undefined) {
  const held = Map.groupBy(snapshot.offsets, ({ topic }) => topic);
  const bytes = Map.groupBy(sizes ?? [], ({ topic }) => topic);
  const flows = Map.groupBy(rates?.topics ?? [], ({ topic }) => topic);
  const unknown = new Set(rates?.unknown.map(({ topic }) => topic));
  const readers = Map.groupBy(
    snapshot.groups.flatMap((group) => [...topicsRead(group)]),
    (topic) => topic,
  );
  return snapshot.topics
    .map(({ name, internal, partitions }) => {
      const counts = held
        .get(name)
        ?.map(({ start, end }) => (start === undefined || end === undefined ? undefined : end - start));
      const own = bytes.get(name);
      const flow = flows.get(name);
      return {
        name,
        internal,
        partitions: partitions.length,
        replicas: Math.max(0, ...partitions.map(({ replicas }) => replicas.length)),
        withoutLeader: partitions.filter(({ leader }) => leader === undefined).length,
        // From first to next offset: compacted topics and topics with transactions hold fewer messages.
        ...(counts?.length === partitions.length &&
          counts.every((each) => each !== undefined) && { messages: counts.reduce((sum, each) => sum + each, 0n) }),
        // On all brokers, including copies; absent if a log holds many topics (RocketMQ).
        ...(own !== undefined && { bytes: own.reduce((sum, each) => sum + each.bytes, 0n) }),
        ...(flow !== undefined && !unknown.has(name) && sumOf(flow)),
        groups: readers.get(name)?.length ?? 0,
      };
    })
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Distinct topics of a group. */
const topicsRead = ({ partitions }: GroupSnapshot) => new Set(Array.from(partitions, ({ topic }) => topic));
