// Defines the `service` section of the config.

import { isIP } from 'node:net';
import { z } from 'zod';
import { HttpUrl } from '../../core/http/http-config.ts';
import { roles } from '../../core/roles.ts';
import { Duration, Share, Size } from '../../core/text/quantity.ts';
import { ListenAddressText } from '../../exporter/config.ts';
import { LocalTime, Promotion, TimeZone } from './promotion.ts';
import { Hooks } from './service-hooks.ts';
import { Oidc } from './service-oidc.ts';
import { Roles } from './service-roles.ts';

/** Whether other services with the same clusters may run concurrently. */
const availabilities = ['single', 'pair', 'standby'] as const;

/** The exporter's port plus one, so that both run on one machine. */
const defaultListen = '127.0.0.1:18761';

/** For production analysis: an hour of traffic has too few levels, since each block is a quarter of an hour. */
export const leastWindowSeconds = 4 * 3600;

const Name = z.string().min(1).max(249);

/** @param least seconds */
const atLeast = (least: number, refusal: string) => Duration.refine((span) => span >= least, refusal);

const MaintenanceWindow = z
  .strictObject({
    clusters: z.array(Name).min(1),
    reason: z.string().min(1).max(200).describe('why alerts are not sent, for readers of this file'),
    from: LocalTime.describe('local time, such as 2026-11-25T02:00'),
    to: LocalTime.describe('local time, exclusive'),
    timezone: TimeZone,
  })
  .refine(({ from, to }) => from < to, { message: 'a maintenance window ends after it begins', path: ['to'] });
export type MaintenanceWindow = z.output<typeof MaintenanceWindow>;

/** An address, or a network as address/prefix length. */
const Network = z.string().refine((text) => {
  const [address = '', length, ...rest] = text.split('/');
  const bits = { 4: 32, 6: 128 }[isIP(address)];
  if (bits === undefined || rest.length > 0) return false;
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= bits);
}, 'write an address or a network, such as 10.0.0.0/8 or ::1');

const HeaderName = z.string().regex(/^[A-Za-z][A-Za-z0-9-]*$/, 'the name of a header, such as X-Forwarded-User');

const TrustedProxy = z.strictObject({
  addresses: z.array(Network).min(1).describe('headers are accepted only from these addresses'),
  userHeader: HeaderName.default('X-Forwarded-User'),
  rolesHeader: HeaderName.default('X-Forwarded-Groups').describe('header with groups or roles, separated by commas'),
  operators: z.array(Name).default([]).describe('groups or roles whose members are operators'),
  admins: z.array(Name).default([]).describe('groups or roles whose members are admins'),
});

const MaskRule = z.strictObject({
  topics: Name.describe('pattern of topic names, such as orders-*'),
  fields: z
    .array(z.string().min(1).max(100))
    .min(1)
    .max(100)
    .describe('names of JSON fields at any depth and of headers; $key hides the key. Case does not matter'),
});
export type MaskRule = z.output<typeof MaskRule>;

export const ServiceConfig = z
  .strictObject({
    listen: ListenAddressText.default(defaultListen),
    pathPrefix: z
      .string()
      .regex(/^(?:\/[A-Za-z0-9._~-]+)+$/, 'write a path prefix like /plimsoll, without a slash at the end')
      .optional()
      .describe('path under which a proxy serves Plimsoll, such as /plimsoll'),
    publicUrl: HttpUrl.optional().describe(
      'URL of the pages for users, with the path prefix if any; Grafana dashboards link to it',
    ),
    grafanaUrl: HttpUrl.optional().describe(
      'URL of the Grafana with the dashboards for users; pages of clusters, brokers and groups link to it',
    ),
    ledger: z
      .string()
      .min(1)
      .optional()
      .describe('history file, relative to this file; default: `ledger.sqlite` in the state folder'),
    availability: z
      .enum(availabilities)
      .default('single')
      .describe(
        'single: one service with this state folder; pair: several share it, and one of them runs the scheduled jobs; standby: this one never runs them',
      ),
    domains: z
      .record(
        Name,
        z.strictObject({
          cluster: Name,
          topics: z
            .array(Name)
            .min(1)
            .max(1000)
            .optional()
            .describe('patterns of its topics, such as orders-*; the page of clients names the domain as their owner'),
          owners: z.array(z.string().min(1).max(100)).max(20).optional().describe('people or teams to ask'),
        }),
      )
      .default({})
      .describe('business domains and their clusters'),
    clusters: z
      .record(
        Name,
        z.strictObject({
          source: Name.describe('one of `sources`: analyses and forecasts use its metrics'),
          nameInSource: Name.optional().describe('name of the cluster in the source; default: its name in the config'),
          load: z
            .string()
            .min(1)
            .max(4000)
            .optional()
            .describe('PromQL that returns produced messages per second as one series; required for forecasts'),
        }),
      )
      .default({})
      .describe('metrics source of each cluster'),
    prices: z
      .strictObject({
        currency: z.string().min(1).max(10).optional(),
        brokers: z.record(Name, z.number().nonnegative()).describe('by cluster: one broker or slave for a month'),
      })
      .optional()
      .describe('cost of brokers, to compute the price of headroom'),
    clientIds: z
      .record(Name, z.record(Name, z.string().min(1).max(249)))
      .default({})
      .describe('Kafka, by cluster and topic: client id of the producers, because quotas apply to client ids'),
    promotions: z
      .array(Promotion)
      .max(100)
      .default([])
      .describe('past and future promotions, for forecasts, alerts, notifications, reports and reviews'),
    maintenance: z
      .array(MaintenanceWindow)
      .max(100)
      .default([])
      .describe('while a window is open, alerts of its clusters are not sent'),
    messages: z
      .strictObject({ mask: z.array(MaskRule).max(100).default([]) })
      .prefault({})
      .describe(
        'hides fields of messages from operators; a value of a masked topic that is not JSON is hidden completely',
      ),
    thresholds: z
      .strictObject({
        near: Share.prefault('80%').describe('share of the safe maximum above which a cluster is near it'),
        verdictLasts: Duration.prefault('30d').describe('age at which a verdict is stale'),
        readingLasts: Duration.prefault('5m').describe('age at which a reading is no longer current'),
      })
      .prefault({}),
    schedule: z
      .strictObject({
        readings: atLeast(5, 'give 5s or more')
          .prefault('15s')
          .describe('clusters are read if no scrape read them for this long'),
        instances: atLeast(15, 'give 15s or more')
          .prefault('1m')
          .describe('how often the processes in instances.yaml are read, if the file exists'),
        analysis: atLeast(60, 'give 1m or more; clusters without a source in service.clusters are not analysed')
          .prefault('6h')
          .describe('how often production is analysed'),
        costCheck: atLeast(300, 'give 5m or more: production is compared in blocks of 15 minutes')
          .prefault('15m')
          .describe(
            'how often the last three days are searched for a change of the cost per message; a change starts an analysis of production at once',
          ),
        window: atLeast(leastWindowSeconds, 'an analysis of production needs 4h or more, several days if possible')
          .prefault('7d')
          .describe('time range of production metrics in an analysis'),
        forecast: atLeast(60, 'give 1m or more; clusters without `load` in service.clusters get no forecast')
          .prefault('1h')
          .describe('how often a forecast is made'),
        history: Duration.prefault('90d').describe('load history that a forecast uses'),
        horizon: Duration.prefault('14d').describe('how far ahead a forecast reaches'),
      })
      .prefault({}),
    retention: z
      .strictObject({
        quota: Size.refine((size) => size >= 2 ** 20, 'a quota is 1MiB or more')
          .prefault('4GiB')
          .describe('disk space for the history; above 90% of it, no forecasts are recorded'),
        forecasts: Duration.prefault('2d').describe(
          'how long every forecast is kept; after that, the last one of each day',
        ),
        dailyForecasts: Duration.prefault('100d').describe(
          'how long the last forecast of each day is kept; after that, the last one of each week',
        ),
        alerts: Duration.prefault('90d').describe('how long alerts are kept'),
      })
      .prefault({})
      .describe(
        'what the history keeps: forecasts are thinned, alerts deleted; verdicts, tests, plans, reports and changes are never deleted',
      ),
    users: z
      .record(Name, z.enum(roles))
      .default({})
      .describe('roles of users of the web config file, or of certificates by their common name; default: viewer'),
    roles: Roles,
    oidc: Oidc.optional().describe('log-in by OpenID Connect: needs `publicUrl` and `roles`'),
    hooks: Hooks.describe('notification channels (chat bots) that receive the alerts of Alertmanager'),
    trustedProxy: TrustedProxy.optional().describe(
      'a proxy that authenticates users and passes their names in headers',
    ),
  })
  .refine(({ oidc, publicUrl }) => oidc === undefined || publicUrl !== undefined, {
    message:
      'oidc needs publicUrl: the provider sends browsers back to publicUrl/login/callback, which is registered there',
    path: ['publicUrl'],
  })
  .refine(
    ({ hooks, publicUrl }) =>
      publicUrl !== undefined || Object.values(hooks.channels).every(({ acknowledge }) => !acknowledge),
    {
      message: 'hooks.channels.….acknowledge needs publicUrl: messages link to publicUrl/acknowledge',
      path: ['publicUrl'],
    },
  )
  .refine(({ oidc, roles }) => oidc === undefined || roles.length > 0, {
    message: 'oidc needs roles: without an entry, nobody who logs in has access; give a role to a group',
    path: ['roles'],
  })
  .prefault({});
export type ServiceConfig = z.output<typeof ServiceConfig>;
