// Implements `plimsoll get quotas`: quotas of Kafka users and clients.

import { openKafkaAdministration } from '../../brokers/kafka/changes/kafka-administration.ts';
import { quotaEntityText, quotaKeys } from '../../brokers/kafka/changes/quotas.ts';
import { clusterOfKind } from '../../app/observe/named-cluster.ts';
import { byteRateText } from '../../core/text/quantity-text.ts';
import { columnsOf, renderTable } from '../../core/text/table.ts';
import { defineCommand } from '../command.ts';
import { reportOn, reportOptions } from '../cluster-report.ts';

export const getQuotasCommand = defineCommand({
  options: reportOptions('quotas'),
  examples: ['plimsoll get quotas', 'plimsoll get quotas --bootstrap 10.0.0.1:9092 --json'],

  run: (io) =>
    reportOn(io, async ({ colours }) => {
      const { name, config } = await clusterOfKind(io, 'kafka');
      await using admin = openKafkaAdministration(name, config, io);
      const quotas = await admin.quotas(io);
      const rows = quotas.map(({ entity, values }) => [
        quotaEntityText(entity),
        ...quotaKeys.map((key) => valueText(key, values.get(key))),
      ]);
      return {
        json: { quotas: quotas.map(({ entity, values }) => ({ ...entity, values: Object.fromEntries(values) })) },
        text: rows.length === 0 ? 'no quotas are set\n' : renderTable(columns, rows, { colours }),
        notices: [],
      };
    }),
});

const columns = columnsOf(['QUOTA OF', '>PRODUCE', '>FETCH', '>REQUEST TIME', '>TOPIC CHANGES']);

function valueText(key: (typeof quotaKeys)[number], value: number | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (key === 'request_percentage') return `${value}%`;
  return key === 'controller_mutation_rate' ? `${value}/s` : byteRateText(value);
}
