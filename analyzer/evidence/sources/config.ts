// Defines the `sources` section of plimsoll.yaml: the monitoring systems that already watch the cluster.

import { z } from 'zod';
import { HttpUrl } from '../../../core/http/http-url.ts';
import { BitRate, Duration } from '../../../core/text/quantity.ts';
import { Secret } from '../../../core/secret.ts';
import { PrometheusSource } from './prometheus-query.ts';

const Tls = z.strictObject({
  ca: z
    .string()
    .min(1)
    .optional()
    .describe('PEM file of the authority that signed the certificate; default: the public ones'),
});

/** Facts without a metric: which card has the traffic, its speed, and the host of a broker. */
const joined = {
  hosts: z
    .record(
      z.string(),
      z.strictObject({
        devices: z.array(z.string().min(1)).min(1).optional().describe('cards that carry the traffic of the cluster'),
        speed: BitRate.optional().describe('capacity of each of these cards and direction'),
        speedSource: z.string().min(1).optional().describe('where that figure comes from'),
      }),
    )
    .default({})
    .describe('by the name the source has for a host; goes before what metrics say'),
  brokers: z
    .record(z.string(), z.strictObject({ host: z.string().min(1) }))
    .default({})
    .describe('by the name the source has for a broker; goes before what metrics say'),
};

const Matchers = z
  .string()
  .regex(/^\s*[A-Za-z_]\w*\s*(?:=~|!~|!=|=)\s*"/, 'matchers are written like in PromQL: job="kafka", env="prod"')
  .describe('label matchers as in PromQL, without braces');

export const PrometheusTelemetry = PrometheusSource.extend({
  kind: z.literal('prometheus').describe('Prometheus, Thanos, Mimir, VictoriaMetrics: whatever speaks its HTTP API'),
  tls: Tls.optional(),
  select: z
    .strictObject({
      brokers: Matchers.optional(),
      hosts: Matchers.optional(),
    })
    .default({})
    .describe(
      'which series are of this cluster and of its hosts, where the server keeps those of others, too; $cluster stands for its name',
    ),
  timeout: Duration.prefault('60s').describe('timeout of one request before it is retried'),
  publicUrl: HttpUrl.optional().describe('where people reach its graph page; pages link there'),
  ...joined,
});
export type PrometheusTelemetry = z.output<typeof PrometheusTelemetry>;

const ZabbixItems = z
  .record(z.string(), z.string().min(1))
  .default({})
  .describe('item key by figure, where your templates name it otherwise; docs/telemetry-sources.md lists the figures');

export const ZabbixApi = z.strictObject({
  kind: z.literal('zabbix').describe('the JSON-RPC API of a Zabbix server'),
  url: HttpUrl.meta({ examples: ['https://zabbix.example/api_jsonrpc.php'] }).describe('its api_jsonrpc.php'),
  token: Secret.describe('API token of a user who may read the hosts'),
  tls: Tls.optional(),
  group: z.string().min(1).optional().describe('host group to read; default: every host the token may read'),
  items: ZabbixItems,
  timeout: Duration.prefault('60s').describe('timeout of one request before it is retried'),
  ...joined,
});
export type ZabbixApi = z.output<typeof ZabbixApi>;

export const ZabbixExport = z.strictObject({
  kind: z.literal('zabbix-export').describe('history that a Zabbix frontend or API gave as files'),
  files: z
    .array(z.string().min(1))
    .min(1)
    .describe('JSON as item.get, history.get and trend.get answer, or CSV with columns host,key,clock,value'),
  items: ZabbixItems,
  ...joined,
});
export type ZabbixExport = z.output<typeof ZabbixExport>;

export const SourceConfig = z.discriminatedUnion('kind', [PrometheusTelemetry, ZabbixApi, ZabbixExport]);
export type SourceConfig = z.output<typeof SourceConfig>;

export const SourcesConfig = z.record(z.string(), SourceConfig).describe('monitoring systems by a name of your choice');
export type SourcesConfig = z.output<typeof SourcesConfig>;
