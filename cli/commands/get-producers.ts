// Implements `plimsoll get producers`: connected producers.

import { AppError } from '../../core/errors.ts';
import { reportOn, reportOptions } from '../cluster-report.ts';
import { defineCommand } from '../command.ts';
import { columnsOf, renderTable } from '../../core/text/table.ts';

export const getProducersCommand = defineCommand({
  options: reportOptions('producers'),
  examples: ['plimsoll get producers', 'plimsoll get producers --namesrv 10.0.0.5:9876 --json'],

  run: (io) =>
    reportOn(io, async ({ name, lookUp, colours }) => {
      const lookup = await lookUp();
      const answer = await lookup.producers(io);
      if (answer.kind === 'unanswered') {
        throw new AppError('unsupported-broker', `cannot list the producers of ${name}: ${answer.reason}`, {
          hint: '`plimsoll top` shows which topics are written most, and on which broker',
        });
      }
      // A client is connected to every broker it sends to, so they are joined to one row.
      const clients = Map.groupBy(answer.value.producers, ({ group, clientId }) => `${group}\u0000${clientId}`);
      const producers = [...clients.values()].flatMap(([first, ...others]) =>
        first === undefined
          ? []
          : [{ ...first, broker: undefined, brokers: [first, ...others].map(({ broker }) => broker).sort() }],
      );
      const rows = producers.map(({ group, clientId, address, language, version, brokers }) => [
        group,
        clientId,
        address,
        [language, version].filter(Boolean).join(' '),
        brokers.join(','),
      ]);
      return {
        json: { producers },
        text: rows.length === 0 ? 'no producer is connected\n' : renderTable(columns, rows, { colours }),
        notices: answer.value.notices,
      };
    }),
});

const columns = columnsOf(['GROUP', 'CLIENT', 'ADDRESS', 'VERSION', 'BROKERS']);
