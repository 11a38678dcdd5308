// Defines the `service.hooks` section of the config: notification channels and their links.

import { z } from 'zod';
import { HttpUrl } from '../../core/http/http-config.ts';
import { Secret } from '../../core/secret.ts';
import { Duration } from '../../core/text/quantity.ts';

const languages = ['zh', 'en'] as const;

const common = {
  language: z.enum(languages).default('zh'),
  during: z
    .enum(['always', 'promotions'])
    .default('always')
    .describe('promotions: only what fires during a promotion of service.promotions or of an operator, and its end'),
  acknowledge: z
    .boolean()
    .default(false)
    .describe(
      'messages contain a link that acknowledges the alert without a login; needs publicUrl. A service.roles entry for the user `channel:NAME` limits it to clusters',
    ),
};

const url = Secret.describe('address of the webhook; it contains a token, so it is a secret too');
const signingSecret = Secret.optional().describe('secret that signs the messages');
const MailAddress = z
  .string()
  .max(254)
  .regex(/^[^\s@<>,;"]+@[^\s@<>,;"]+$/, 'an address is written name@example.com');

const DingTalk = z.strictObject({ vendor: z.literal('dingtalk'), url, secret: signingSecret, ...common });
const Feishu = z.strictObject({ vendor: z.literal('feishu'), url, secret: signingSecret, ...common });
const WeCom = z.strictObject({ vendor: z.literal('wecom'), url, ...common });
const Slack = z.strictObject({ vendor: z.literal('slack'), url, ...common });
const PagerDuty = z.strictObject({
  vendor: z.literal('pagerduty'),
  key: Secret.describe('integration key of an Events API v2 integration'),
  url: HttpUrl.default('https://events.pagerduty.com/v2/enqueue').describe(
    'address of the Events API; in the EU https://events.eu.pagerduty.com/v2/enqueue',
  ),
  ...common,
});
const Mail = z.strictObject({
  vendor: z.literal('mail'),
  url: Secret.describe(
    'mail server: smtps://USER:PASSWORD@HOST:465, or smtp://HOST:25; with a password, smtp:// requires STARTTLS',
  ),
  from: MailAddress,
  to: z.array(MailAddress).min(1).max(50),
  ...common,
});

export const Channel = z.discriminatedUnion('vendor', [DingTalk, Feishu, WeCom, Slack, PagerDuty, Mail]);
export type Channel = z.output<typeof Channel>;
export type Vendor = Channel['vendor'];
export type ChannelOf<Of extends Vendor> = Extract<Channel, { vendor: Of }>;

const longestLinkSeconds = 7 * 86_400;

export const Hooks = z
  .strictObject({
    token: Secret.optional().describe('bearer token that Alertmanager sends; required if no login is configured'),
    runbooks: HttpUrl.optional().describe('URL where docs/runbooks is served'),
    grafana: HttpUrl.optional().describe('URL of the dashboards; default: service.grafanaUrl'),
    linkLasts: Duration.refine((span) => span >= 60 && span <= longestLinkSeconds, 'a link lasts 1m to 7d')
      .prefault('24h')
      .describe('how long a link that acknowledges an alert is valid'),
    channels: z
      .record(z.string().regex(/^[a-z0-9-]{1,60}$/, 'a name has a-z, 0-9 and -'), Channel)
      .default({})
      .describe('Alertmanager posts to /hooks/<name>'),
  })
  .prefault({});
export type Hooks = z.output<typeof Hooks>;
