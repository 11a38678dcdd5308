// Defines the `sources` section of plimsoll.yaml: the monitoring systems that already monitor the cluster.

import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { HttpAuthorization, HttpUrl } from '../../../core/http/http-config.ts';
import { BitRate, Duration, Size } from '../../../core/text/quantity.ts';
import { Secret } from '../../../core/secret.ts';

const HostFacts = z.strictObject({
  devices: z.array(z.string().min(1)).min(1).optional().describe('network cards with the traffic of the cluster'),
  speed: BitRate.optional().describe('capacity of each of these cards and direction'),
  speedSource: z.string().min(1).optional().describe('source of that figure'),
  dirtyThreshold: Size.optional().describe(
    'dirty pages at which writers start to wait for the disk: vm.dirty_bytes, or vm.dirty_ratio of the memory; without it, no disk limit is reported',
  ),
  dirtyExpire: Duration.prefault('30s').describe('vm.dirty_expire_centisecs; 30s is the default of Linux'),
});

export type StatedHost = Partial<z.output<typeof HostFacts>>;

/** Facts without a metric: the card with the traffic, its speed, and the host of a broker. */
const joined = {
  hosts: z.record(z.string(), HostFacts).default({}).describe('by the host name in the source; overrides the metrics'),
  brokers: z
    .record(z.string(), z.strictObject({ host: z.string().min(1) }))
    .default({})
    .describe('by the broker name in the source; overrides the metrics'),
};

const Matchers = z
  .string()
  .regex(/^\s*[A-Za-z_]\w*\s*(?:=~|!~|!=|=)\s*"/, 'matchers are written like in PromQL: job="kafka", env="prod"')
  .describe('label matchers as in PromQL, without braces');

const Tls = z.strictObject({
  ca: z.string().min(1).optional().describe('PEM file of the certificate authority; default: the public authorities'),
});

export const PrometheusSource = z.strictObject({
  url: HttpUrl.meta({ examples: ['http://127.0.0.1:9090'] }).describe('where /api/v1 lies below'),
  authorization: HttpAuthorization.optional(),
  tenant: z.string().min(1).optional().describe('X-Scope-OrgID of Mimir and Cortex, THANOS-TENANT of Thanos'),
  tls: Tls.optional(),
});
export type PrometheusSource = z.output<typeof PrometheusSource>;

export const PrometheusTelemetry = PrometheusSource.extend({
  kind: z.literal('prometheus').describe('Prometheus, Thanos, Mimir, VictoriaMetrics: whatever speaks its HTTP API'),
  select: z
    .strictObject({
      brokers: Matchers.optional(),
      hosts: Matchers.optional(),
    })
    .default({})
    .describe(
      'label matchers for the series of this cluster and its hosts, if the server also has others; $cluster is replaced by the cluster name',
    ),
  timeout: Duration.prefault('60s').describe('timeout of one request before it is retried'),
  publicUrl: HttpUrl.optional().describe('address of its graph page in a browser; pages link to it'),
  ...joined,
});
export type PrometheusTelemetry = z.output<typeof PrometheusTelemetry>;

/** @throws AppError usage */
export function prometheusAt(url: string | undefined): PrometheusTelemetry {
  const { data, error } = PrometheusTelemetry.safeParse({ kind: 'prometheus', url });
  if (data !== undefined) return data;
  throw new AppError('usage', `--prometheus: ${error.issues[0]?.message}`);
}

const ZabbixItems = z
  .record(z.string(), z.string().min(1))
  .default({})
  .describe(
    'item key by figure, where your templates name it otherwise; docs/reference/telemetry-sources.md lists the figures',
  );

export const ZabbixApi = z.strictObject({
  kind: z.literal('zabbix').describe('the JSON-RPC API of a Zabbix server'),
  url: HttpUrl.meta({ examples: ['https://zabbix.example/api_jsonrpc.php'] }).describe('its api_jsonrpc.php'),
  token: Secret.describe('API token of a user who may read the hosts'),
  tls: Tls.optional(),
  group: z
    .string()
    .min(1)
    .optional()
    .describe('host group to read; $cluster is replaced by the cluster name; default: every host the token may read'),
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
    .describe('JSON as item.get, history.get and trend.get answer, or CSV with columns host,key,clock,value,units'),
  items: ZabbixItems,
  ...joined,
});
export type ZabbixExport = z.output<typeof ZabbixExport>;

const Volume = z
  .strictObject({
    iops: z.number().positive().optional().describe('provisioned operations per second'),
    throughput: Size.optional().describe('provisioned bytes per second, such as 125MiB'),
  })
  .describe(
    'limits of an EBS volume; with them its use is a share of the limit, without them the share of time with operations',
  );
export type VolumeLimits = z.output<typeof Volume>;

const cores = z.number().int().positive().optional().describe('vCPUs of the instance type');

const cloudWatchTargets = {
  hosts: z
    .record(
      z.string(),
      HostFacts.extend({
        instance: z
          .string()
          .regex(/^i-[0-9a-f]+$/, 'an instance id is written like i-0123456789abcdef0')
          .optional()
          .describe('EC2 instance id'),
        cores,
        volumes: z
          .record(z.string().regex(/^vol-[0-9a-f]+$/, 'a volume id is written like vol-0123456789abcdef0'), Volume)
          .default({})
          .describe('EBS volumes with the logs of the broker, by volume id'),
      }),
    )
    .default({})
    .describe('EC2 instances by a name of your choice; MSK brokers by their id'),
  brokers: joined.brokers,
  msk: z
    .strictObject({
      cluster: z.string().min(1).describe('name of the MSK cluster'),
      brokers: z.array(z.number().int().positive()).min(1).describe('ids of its brokers'),
      cores,
      volume: Volume.optional(),
      groups: z
        .record(z.string(), z.array(z.string().min(1)).min(1))
        .default({})
        .describe('topics by consumer group, of which the lag is read'),
    })
    .optional()
    .describe('a cluster of Amazon MSK'),
};

/** Targets of `cloudwatch` and `cloudwatch-export`. */
export type CloudWatchTargets = z.output<z.ZodObject<typeof cloudWatchTargets>>;

export const CloudWatchApi = z.strictObject({
  kind: z
    .literal('cloudwatch')
    .describe('the API of Amazon CloudWatch, by the npm package @aws-sdk/client-cloudwatch and its credential chain'),
  region: z.string().min(1).describe('region of the metrics, such as eu-central-1'),
  profile: z.string().min(1).optional().describe('profile of the AWS config files; default: the chain of the SDK'),
  endpoint: HttpUrl.optional().describe('another address of the API, such as that of an interface endpoint'),
  period: Duration.prefault('60s')
    .refine((value) => value % 60 === 0, 'a period is a multiple of 60 s')
    .describe('requested period; metrics that are stored for longer periods are read as such'),
  ...cloudWatchTargets,
});
export type CloudWatchApi = z.output<typeof CloudWatchApi>;

export const CloudWatchExport = z.strictObject({
  kind: z.literal('cloudwatch-export').describe('files of `aws cloudwatch get-metric-data`'),
  files: z.array(z.string().min(1)).min(1).describe('its JSON output, and the file of --metric-data-queries'),
  ...cloudWatchTargets,
});
export type CloudWatchExport = z.output<typeof CloudWatchExport>;

export const SourceConfig = z.discriminatedUnion('kind', [
  PrometheusTelemetry,
  ZabbixApi,
  ZabbixExport,
  CloudWatchApi,
  CloudWatchExport,
]);
export type SourceConfig = z.output<typeof SourceConfig>;

export const SourcesConfig = z.record(z.string(), SourceConfig).describe('monitoring systems by a name of your choice');
export type SourcesConfig = z.output<typeof SourcesConfig>;
