// Implements `plimsoll get config`: settings of brokers and name servers, with configuration drift.

import type { ProcessSettings, Settings } from '../../brokers/lookup.ts';
import { unlistedBrokers } from '../../brokers/broker-answers.ts';
import { reportOn, reportOptions } from '../cluster-report.ts';
import { defineCommand, oneWord } from '../command.ts';
import { noSuch } from '../../app/observe/no-such.ts';
import { AppError } from '../../core/errors.ts';
import { columnsOf, renderTable } from '../../core/text/table.ts';

export const getConfigCommand = defineCommand({
  positionals: '[ID]',
  options: reportOptions('processes, differences'),
  examples: [
    'plimsoll get config',
    'plimsoll get config 1 --bootstrap broker-1:9092',
    'plimsoll get config broker-a:0 --json',
    'plimsoll get config 10.0.0.5:9876 --namesrv 10.0.0.5:9876',
  ],

  async run(io) {
    const wanted = io.positionals.length === 0 ? undefined : oneWord(io, 'get config', 'the id of a broker');
    return reportOn(io, async ({ name, inspect, lookUp, colours }) => {
      const lookup = await lookUp();
      const settings = await lookup.settings(io);
      const processes = wanted === undefined ? settings.processes : processesNamed(wanted, settings);
      const [one] = processes;
      const [fault] = settings.unread?.values() ?? [];
      // Name servers answer where every broker refused.
      const isOther = wanted === undefined || one?.id !== wanted;
      if (fault !== undefined && isOther && !settings.processes.some(({ of }) => of === 'broker')) throw fault;
      if (wanted !== undefined && one === undefined) {
        const isRead = settings.notices.length === 0;
        if (isRead && unlistedBrokers(await (await inspect()).snapshot(io)).includes(wanted)) {
          throw new AppError(
            'broker-unreachable',
            `cannot read the settings of broker ${wanted} of cluster ${name}: it holds replicas, but the cluster does not list it`,
            { hint: `start broker ${wanted}, if it is down` },
          );
        }
        const known = settings.processes.map(({ id }) => ({ name: id }));
        throw noSuch('broker', wanted, { name }, known, settings.notices);
      }
      return {
        json: {
          processes: processes.map(({ of, id, values }) => ({ of, id, values: Object.fromEntries(values) })),
          differences: settings.differences.filter(
            ({ sides }) => wanted === undefined || (one !== undefined && one.id in sides),
          ),
        },
        text:
          wanted === undefined || one === undefined ? renderAll(settings, colours) : renderOne(one, settings, colours),
        notices: settings.notices,
      };
    });
  },
});

/** A RocketMQ broker name selects the only broker with that name. @throws AppError usage if several have it */
function processesNamed(wanted: string, { processes, notices }: Settings): readonly ProcessSettings[] {
  const exact = processes.filter(({ id }) => id === wanted);
  if (exact.length > 0) return exact;
  const members = processes.filter(({ of, id }) => of === 'broker' && id.replace(/:\d+$/, '') === wanted);
  // A slave does not replace a master that could not be read.
  if (members.length < 2) return notices.length === 0 || members[0]?.id.endsWith(':0') === true ? members : [];
  throw new AppError('usage', `${wanted} has several brokers: ${members.map(({ id }) => id).join(', ')}`, {
    hint: 'name one of them',
  });
}

function renderAll({ processes, differences }: Settings, colours: boolean): string {
  const read = processes.map(
    ({ of, id, values }) => `${of === 'broker' ? 'broker' : 'name server'} ${id}: ${values.size} settings\n`,
  );
  const rows = differences.flatMap(({ setting, sides }) =>
    Object.entries(sides).map(([id, value], index) => [index === 0 ? setting : ' ', id, value]),
  );
  if (rows.length === 0) return [...read, processes.length < 2 ? '' : 'no setting differs\n'].join('');
  const columns = columnsOf(['DIFFERENT SETTING', 'OF', 'VALUE']);
  return [...read, '\n', renderTable(columns, rows, { colours })].join('');
}

function renderOne({ id, values }: ProcessSettings, { differences }: Settings, colours: boolean): string {
  const others = new Map(
    differences
      .filter(({ sides }) => id in sides)
      .map(({ setting, sides }) => [
        setting,
        Object.entries(sides)
          .filter(([other]) => other !== id)
          .map(([other, value]) => `${other} ${value}`)
          .join(', '),
      ]),
  );
  const rows = [...values].map(([setting, value]) => [setting, value, others.get(setting) ?? ' ']);
  return renderTable(columnsOf(['SETTING', 'VALUE', 'DIFFERS ON']), rows, { colours });
}
