// Shows live which topics, groups and clients have the highest rates on the busiest broker.

import type { GroupMember } from '../../brokers/lookup.ts';
import { pipelined } from '../../brokers/pipelined.ts';
import { driverOf } from '../../brokers/registry.ts';
import { AppError } from '../../core/errors.ts';
import { seconds, type Seconds } from '../../core/clock.ts';
import { clusterOf } from '../../app/observe/named-cluster.ts';
import { clusterOptions } from '../options.ts';
import { readable } from '../cluster-report.ts';
import { choice, type CommandIo, defineCommand, flag, Interval, option, printReport, text } from '../command.ts';
import { hasColours } from '../command-line.ts';
import { gapsIn } from '../report.ts';
import { hostsOfBrokers } from '../../app/observe/host-names.ts';
import { openMachines } from '../../app/observe/machines.ts';
import { groupsToAsk, orders, rank, scopeOf, type View } from '../../app/observe/rank.ts';
import { ratesBetween, type Reading } from '../../app/observe/rates.ts';
import { takeReading, type ReadingSource } from '../../app/observe/readings.ts';
import { renderFrame, type Frame } from '../top/render.ts';
import { openScreen } from '../top/screen.ts';
import { whileRead } from '../while-read.ts';

/** Each request for group members occupies a broker thread until its clients respond. */
const mostGroups = 10;
const atOnce = 4;
const membersSeconds = 60;
const defaultInterval = seconds(5);

export const topCommand = defineCommand({
  options: {
    ...clusterOptions,
    by: option('WHAT', `rank by ${orders.join(' or ')} per second (default bytes)`, choice(orders).default('bytes')),
    broker: text('ID', 'rank on this broker, or on all of them with `all` (default: the busiest)'),
    interval: option(
      'SECONDS',
      `time between two readings (default ${defaultInterval})`,
      Interval.default(defaultInterval),
    ),
    once: flag('measure one interval, print it and end'),
    json: flag(
      'measure one interval and print one JSON document: { schemaVersion, cluster, seconds, by, brokers, busiest?, broker?, topics, groups, clients, notices }',
    ),
  },
  examples: ['plimsoll top', 'plimsoll top --by messages --broker all', 'plimsoll top --once --interval 10 --json'],

  async run(io) {
    const { by, interval } = io.options;
    const { name, config, hosts } = await clusterOf(io);
    const driver = driverOf(config);
    await using inspector = readable(await driver.inspect(name, config, io));
    await using lookup = await driver.lookUp(name, config, io);
    const { brokers } = await inspector.describe(io);
    await using machines = openMachines(hostsOfBrokers(brokers, config.brokers, hosts), hosts, io.clock);
    const source = { inspector, lookup, machines, clock: io.clock };
    const measuring = { cluster: name, by, interval, scope: scopeOf(io.options.broker, name, brokers) };
    const colours = hasColours(io.stdout, io.environment);

    if (io.options.once || io.options.json) {
      const { value } = (await framesOf(source, measuring, io).next()) as { value: Frame };
      const { ranking, notices, seconds: measured } = value;
      printReport(io, {
        json: { cluster: name, seconds: measured, by, ...ranking },
        text: renderFrame({ ...value, notices: [] }, Infinity, colours),
        notices,
      });
      return;
    }
    using screen = openScreen(io.stdout);
    screen.show(() => `${name}: measuring for ${interval} s; Ctrl-C ends`);
    await whileRead(io, async ({ signal }) => {
      for await (const frame of framesOf(source, measuring, { ...io, signal })) {
        screen.show(({ rows }) => renderFrame(frame, rows, colours));
      }
    });
  },
});

async function* framesOf(
  source: ReadingSource,
  { cluster, by, interval, scope }: Pick<View, 'by' | 'scope'> & { cluster: string; interval: Seconds },
  io: Pick<CommandIo, 'signal' | 'clock'>,
): AsyncGenerator<Frame> {
  const members = new Map<string, { of: readonly GroupMember[]; at: number }>();
  let before: Reading | undefined;
  for (;;) {
    const { reading, notices } = await takeReading(source, io, before);
    if (before !== undefined) {
      const rates = ratesBetween(before, reading);
      await pipelined(groupsToAsk(rates, mostGroups), atOnce, ask);
      const known = new Map(Array.from(members, ([group, { of }]) => [group, of]));
      const ranking = rank(rates, { by, scope, members: known });
      yield { cluster, by, seconds: rates.seconds, ranking, notices: [...notices, ...gapsIn(reading.snapshot)] };
    }
    before = reading;
    await io.clock.sleep(interval, io);
  }

  async function ask(group: string): Promise<void> {
    const now = io.clock.monotonic();
    if (now - (members.get(group)?.at ?? -Infinity) < membersSeconds) return;
    try {
      const { members: of } = await source.lookup.members(group, io);
      members.set(group, { of, at: now });
    } catch (cause) {
      io.signal.throwIfAborted();
      // Rates matter more than consumer names, which the next refresh requests again.
      if (!(cause instanceof AppError)) throw cause;
    }
  }
}
