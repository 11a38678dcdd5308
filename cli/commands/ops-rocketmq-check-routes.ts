// Implements `plimsoll ops rocketmq check-routes`.

import { openChangeDesk } from '../../brokers/rocketmq/changes/change-desk.ts';
import { exitCodes } from '../../core/errors.ts';
import { checkRoutes } from '../../ops/rocketmq/check-routes.ts';
import { clusterOfKind } from '../../app/observe/named-cluster.ts';
import { defineCommand, flag, printDocument } from '../command.ts';
import { rocketmqClusterOptions } from '../options.ts';
import { plain } from '../../core/text/table.ts';

export const opsRocketmqCheckRoutesCommand = defineCommand({
  options: {
    ...rocketmqClusterOptions,
    json: flag('print one JSON document: { schemaVersion, servers, brokers, topics, findings }'),
  },
  examples: [
    'plimsoll ops rocketmq check-routes --cluster orders',
    'plimsoll ops rocketmq check-routes --namesrv 10.0.0.5:9876,10.0.0.6:9876 --json',
  ],

  async run(io) {
    const { name, config } = await clusterOfKind(io, 'rocketmq');
    await using desk = openChangeDesk(name, config);
    const checked = await checkRoutes(desk, io);
    const { servers, brokers, topics, findings } = checked;
    const seen = `name servers: ${servers}, brokers: ${brokers}, topics: ${topics}`;
    const found = findings.map(({ severity, message }) => plain(`${severity}: ${message}`));
    const lines = found.length === 0 ? ['every route leads to a broker that has the topic'] : found;
    printDocument(io, { schemaVersion: 1, cluster: name, ...checked }, () => `${[seen, ...lines].join('\n')}\n`);
    return findings.length === 0 ? exitCodes.answered : exitCodes.threshold;
  },
});
