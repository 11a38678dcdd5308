// Defines the `service` section of the config.

import { isIP } from 'node:net';
import { z } from 'zod';
import { HttpUrl } from '../../core/http/http-url.ts';
import { roles } from '../../core/roles.ts';
import { Duration, Share, Size } from '../../core/text/quantity.ts';
import { ListenAddressText } from '../../exporter/config.ts';
import { LocalTime, Promotion, TimeZone } from './promotion.ts';
import { Hooks } from './service-hooks.ts';
import { Oidc } from './service-oidc.ts';
import { Roles } from './service-roles.ts';

/** Whether other services may run with the same clusters beside this one. */
const availabilities = ['single', 'pair', 'standby'] as const;

/** One above the exporter's, so that both run on one machine. */
const defaultListen = '127.0.0.1:18761';

/** Of production: traffic of an hour has few levels, and a quarter of an hour is one. */
export const leastWindowSeconds = 4 * 3600;

const Name = z.string().min(1).max(249);

const MaintenanceWindow = z
  .strictObject({
    clusters: z.array(Name).min(1),
    reason: z.string().min(1).max(200).describe('shown to those who ask why a page did not come'),
    from: LocalTime.describe('local time, such as 2026-11-25T02:00'),
    to: LocalTime.describe('local time; not in it any more'),
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
  rolesHeader: HeaderName.default('X-Forwarded-Groups').describe('groups or roles, parted by commas'),
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
      .regex(/^(?:\/[A-Za-z0-9._~-]+)+$/, 'a path prefix is written /plimsoll, without a slash at its end')
      .optional()
      .describe('where a proxy has the service, such as /plimsoll'),
    publicUrl: HttpUrl.optional().describe(
      'where people reach the pages, with the path prefix if there is one; Grafana dashboards link there',
    ),
    grafanaUrl: HttpUrl.optional().describe(
      'where people reach the Grafana that has the dashboards; pages of clusters, brokers and groups link there',
    ),
    ledger: z.string().min(1).optional().describe('history file; default: `ledger.sqlite` in the state folder'),
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
      .describe('which cluster carries a business domain'),
    clusters: z
      .record(
        Name,
        z.strictObject({
          source: Name.describe('one of `sources`: analyses and forecasts are made of what it knows'),
          nameInSource: Name.optional().describe('as the source calls the cluster; default: as config does'),
          load: z
            .string()
            .min(1)
            .max(4000)
            .optional()
            .describe('PromQL that gives produced messages per second as one series; a forecast needs it'),
        }),
      )
      .default({})
      .describe('what knows the past of a cluster'),
    prices: z
      .strictObject({
        currency: z.string().min(1).max(10).optional(),
        brokers: z.record(Name, z.number().nonnegative()).describe('by cluster: one broker or slave for a month'),
      })
      .optional()
      .describe('what brokers cost: for the price of headroom'),
    clientIds: z
      .record(Name, z.record(Name, z.string().min(1).max(249)))
      .default({})
      .describe('Kafka, by cluster and topic: client id of the producers, since a quota is of a client id'),
    promotions: z
      .array(Promotion)
      .max(100)
      .default([])
      .describe('past and ahead: for forecasts, alerts, notifications, reports and reviews'),
    maintenance: z
      .array(MaintenanceWindow)
      .max(100)
      .default([])
      .describe('while a window is open, alerts of its clusters are not sent'),
    messages: z
      .strictObject({ mask: z.array(MaskRule).max(100).default([]) })
      .prefault({})
      .describe('what operators see of messages; a value of a masked topic that is not JSON is hidden as a whole'),
    thresholds: z
      .strictObject({
        near: Share.prefault('80%').describe('share of the safe maximum above which a cluster is near it'),
        verdictLasts: Duration.prefault('30d').describe('after it a verdict is stale'),
        readingLasts: Duration.prefault('5m').describe('an older reading is not now any more'),
      })
      .prefault({}),
    schedule: z
      .strictObject({
        readings: Duration.prefault('15s').describe('clusters are read if no scrape read them for this long'),
        instances: Duration.refine((span) => span >= 15, 'hosts are read every 15s at most')
          .prefault('1m')
          .describe('the processes of instances.yaml are read so often, where there is one'),
        analysis: Duration.prefault('6h').describe('production is analysed so often'),
        costCheck: Duration.refine((span) => span >= 300, 'blocks of production are 15 minutes long: 5m at least')
          .prefault('15m')
          .describe(
            'the last three days are searched so often for a cost per message that changed; then production is analysed at once',
          ),
        window: Duration.refine(
          (span) => span >= leastWindowSeconds,
          'an analysis of production needs 4h or more, several days if possible',
        )
          .prefault('7d')
          .describe('of production that an analysis looks at'),
        forecast: Duration.prefault('1h').describe('a forecast is made so often'),
        history: Duration.prefault('90d').describe('of load that a forecast looks at'),
        horizon: Duration.prefault('14d').describe('how far ahead a forecast looks'),
      })
      .prefault({}),
    retention: z
      .strictObject({
        quota: Size.refine((size) => size >= 2 ** 20, 'a quota is 1MiB or more')
          .prefault('4GiB')
          .describe('what the history may use on its disk; from 90% of it on no forecast is recorded'),
        forecasts: Duration.prefault('2d').describe(
          'every forecast is kept for so long, then the last one of each day',
        ),
        dailyForecasts: Duration.prefault('100d').describe(
          'the last one of each day is kept for so long, then that of each week',
        ),
        alerts: Duration.prefault('90d').describe('alerts are kept for so long'),
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
    trustedProxy: TrustedProxy.optional().describe('a proxy that has users log in and names them in headers'),
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
    message: 'oidc needs roles: without an entry nobody who logs in may enter; give a role to a group',
    path: ['roles'],
  })
  .prefault({});
export type ServiceConfig = z.output<typeof ServiceConfig>;
