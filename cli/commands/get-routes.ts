// Implements `plimsoll get routes`: routes of a topic by name server, with differences.

import type { ServerRoutes } from '../../brokers/lookup.ts';
import { AppError } from '../../core/errors.ts';
import { reportOn, reportOptions } from '../cluster-report.ts';
import { defineCommand, oneWord } from '../command.ts';
import { columnsOf, renderTable } from '../../core/text/table.ts';

export const getRoutesCommand = defineCommand({
  positionals: 'TOPIC',
  options: reportOptions('topic, agree, servers'),
  examples: ['plimsoll get routes orders', 'plimsoll get routes orders --namesrv 10.0.0.5:9876,10.0.0.6:9876 --json'],

  async run(io) {
    const topic = oneWord(io, 'get routes', 'the name of a topic');
    return reportOn(io, async ({ name, lookUp, colours }) => {
      const lookup = await lookUp();
      const answer = await lookup.routes(topic, io);
      if (answer.kind === 'unanswered') {
        throw new AppError('unsupported-broker', `cannot show the route of ${topic}: ${answer.reason}`, {
          hint: `\`plimsoll get topic ${topic}\` shows the leaders`,
        });
      }
      const servers = answer.value;
      const answered = servers.filter(({ queues }) => queues !== undefined);
      if (answered.length > 0 && answered.every(({ queues }) => queues?.length === 0)) {
        throw new AppError('not-found', `no name server of ${name} knows a topic ${topic}`, {
          hint: '`plimsoll get topics` lists the topics of the brokers',
        });
      }
      const agree = new Set(answered.map(routeText)).size <= 1;
      return {
        json: { topic, agree, servers },
        text: [
          renderTable(columns, servers.flatMap(rowsOf), { colours }),
          answered.length < 2 ? '' : agree ? 'the name servers agree\n' : 'the name servers do NOT agree\n',
        ].join(''),
        notices: servers.flatMap(({ reason }) => reason ?? []),
      };
    });
  },
});

const routeText = ({ queues = [], brokers = [] }: ServerRoutes) =>
  JSON.stringify([
    queues.map((each) => JSON.stringify(each)).sort(),
    brokers.map((each) => JSON.stringify(each)).sort(),
  ]);

function rowsOf({ server, queues, brokers = [] }: ServerRoutes) {
  if (queues === undefined) return [[server, 'no answer']];
  if (queues.length === 0) return [[server, 'topic unknown']];
  return queues.map(({ brokerName, readQueues, writeQueues, permission }) => [
    server,
    brokerName,
    String(readQueues),
    String(writeQueues),
    permission,
    brokers.find((each) => each.brokerName === brokerName)?.addresses.join(', '),
  ]);
}

const columns = columnsOf(['NAME SERVER', 'BROKER', '>READ QUEUES', '>WRITE QUEUES', 'PERMISSION', 'ADDRESSES']);
