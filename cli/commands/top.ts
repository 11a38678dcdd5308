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
import {
  groupsToAsk,
  orders,
  rank,
  scopeOf,
  type View,
  type Order,
  type Ranked,
  type Ranking,
} from '../../app/observe/rank.ts';
import { ratesBetween, type Reading, type BrokerFlow, type Flow } from '../../app/observe/rates.ts';
import { takeReading, type ReadingSource } from '../../app/observe/readings.ts';
import { whileRead } from '../while-read.ts';
import { byteRateText, ifKnown, percentText, shortRateText } from '../../core/text/quantity-text.ts';
import { columnsOf, paintWith, plain, renderTable } from '../../core/text/table.ts';
import type { BytesMethod } from '../../app/observe/mean-sizes.ts';
import { durationText } from '../../core/text/duration-text.ts';
import type { Output } from '../../app/caller.ts';

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

interface Frame {
  cluster: string;
  by: Order;
  seconds: number;
  ranking: Ranking;
  notices: readonly string[];
}

const methodTexts: Readonly<Record<BytesMethod, string>> = {
  counter: 'counted by the broker',
  'log-growth': 'growth of the log, one copy',
  'minute-mean': 'messages × mean size of the last minute',
  'mean-size': 'messages × mean stored size',
};

/** Headings, blank lines and headers of the four tables. */
const frameLines = 15;

/** Renders a ranking: brokers, then topics, groups and clients of the selected broker, as many as fit. */
function renderFrame({ cluster, by, seconds, ranking, notices }: Frame, rows: number, colours: boolean): string {
  const { brokers, busiest, broker, topics, groups, clients } = ranking;
  const most = Math.max(3, Math.floor((rows - frameLines - notices.length) / 4));
  const where = broker === undefined ? 'all brokers' : `broker ${broker}`;
  const state =
    busiest === undefined
      ? stillState(brokers)
      : `broker ${busiest.broker} is the busiest, most by ${busiest.resource}`;
  const paint = paintWith(colours);
  const heading = (text: string) => `\n${paint('bold', text)}\n`;
  const table = (what: string, ranked: readonly Ranked[], nothing: string) =>
    ranked.length === 0
      ? `${nothing}\n`
      : renderTable([{ heading: what }, ...flowColumns], ranked.slice(0, most).map(rankedCells), { colours });
  return [
    `${paint('bold', cluster)}: ${state}; over ${durationText(seconds)}, by ${by}\n`,
    heading('brokers'),
    renderTable(brokerColumns, brokers.slice(0, most).map(brokerCells), { colours }),
    heading(`topics written on ${where}`),
    table('TOPIC', topics, 'none'),
    heading(`groups reading from ${where}, by their commits`),
    table('GROUP', groups, 'no group committed'),
    heading(`clients reading from ${where}`),
    table('CLIENT', clients, 'none known: no group moved, or its members do not report their subscriptions'),
    ...notices.map((notice) => `note: ${plain(notice)}\n`),
  ].join('');
}

const stillState = (brokers: readonly BrokerFlow[]) =>
  brokers.every(({ written }) => written.messagesPerSecond !== undefined) ? 'nothing moved' : 'rates unknown';

const flowColumns = columnsOf(['>SHARE', '>BYTES', '>MESSAGES', 'BYTES BY']);
const brokerColumns = columnsOf([
  'BROKER',
  '>WRITES',
  '>MESSAGES',
  '>READS',
  '>MESSAGES',
  'BYTES BY',
  'BUSIEST OF ITS MACHINE',
]);

const flowCells = ({ bytesPerSecond, messagesPerSecond }: Partial<Flow>) => [
  ifKnown(bytesPerSecond, byteRateText),
  ifKnown(messagesPerSecond, shortRateText),
];

function rankedCells({ name, share, ...flow }: Ranked) {
  return [name, ifKnown(share, percentText), ...flowCells(flow), flow.method && methodTexts[flow.method]];
}

function brokerCells({ broker, written, read, machine }: BrokerFlow) {
  const method = written.method ?? read.method;
  const busiest =
    machine && [machine.resource, machine.device, percentText(machine.busyRatio)].filter(Boolean).join(' ');
  return [broker, ...flowCells(written), ...flowCells(read), method && methodTexts[method], busiest];
}

const enter = '\u001b[?1049h\u001b[?25l';
const leave = '\u001b[?25h\u001b[?1049l';
const home = '\u001b[H';
const eraseLine = '\u001b[K';
const eraseBelow = '\u001b[J';
/** For a terminal that reports no size, or 0. */
const [usualColumns, usualRows] = [80, 24];

interface Screen extends Disposable {
  /** @param frame returns the lines for a terminal of this size; called again when the size changes */
  show(frame: (size: { columns: number; rows: number }) => string): void;
}

/** Without a terminal, frames follow one another. Close it with `using`. */
export function openScreen(output: Output): Screen {
  if (!output.isTerminal) {
    return {
      show: (frame) => output.write(`${frame({ columns: output.columns, rows: Infinity })}\n`),
      [Symbol.dispose]: () => undefined,
    };
  }
  let last: Parameters<Screen['show']>[0] | undefined;
  function draw(): void {
    if (last === undefined) return;
    const [columns, rows] = [output.columns || usualColumns, output.rows || usualRows];
    const lines = last({ columns, rows }).split('\n').slice(0, rows);
    // The last line has no line end, which would scroll the first line out.
    output.write(home + lines.map((line) => cut(line, columns) + eraseLine).join('\r\n') + eraseBelow);
  }
  output.write(enter);
  const resizing = output.onResize?.(draw);
  return {
    show(frame) {
      last = frame;
      draw();
    },
    [Symbol.dispose]() {
      resizing?.[Symbol.dispose]();
      output.write(leave);
    },
  };
}

/** Truncates a line that would wrap and shift the lines below; colour codes have no width. */
function cut(line: string, columns: number): string {
  let room = columns;
  // A colour code, text, or a control character to be removed.
  return line.replace(/\p{Cc}\[\d+m|\P{Cc}+|\p{Cc}/gu, (part) => {
    if (part.startsWith('\u001b[')) return part;
    const shown = plain(part).slice(0, room);
    room -= shown.length;
    return shown;
  });
}
