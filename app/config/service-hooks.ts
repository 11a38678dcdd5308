// Defines the `service.hooks` section of the config: notification channels and their links.

import { z } from 'zod';
import { HttpUrl } from '../../core/http/http-url.ts';
import { Secret } from '../../core/secret.ts';

export const vendors = ['dingtalk', 'feishu', 'wecom'] as const;
const languages = ['zh', 'en'] as const;

export const Channel = z.strictObject({
  vendor: z.enum(vendors),
  url: Secret.describe('address of the bot; it contains a token, so it is a secret too'),
  secret: Secret.optional().describe('with it messages are signed (DingTalk and Feishu; WeCom signs nothing)'),
  language: z.enum(languages).default('zh'),
});
export type Channel = z.output<typeof Channel>;

export const Hooks = z
  .strictObject({
    token: Secret.optional().describe('what Alertmanager sends as a bearer token; needed where no login is configured'),
    runbooks: HttpUrl.optional().describe('where docs/runbooks is served'),
    grafana: HttpUrl.optional().describe('where the dashboards are; default: service.grafanaUrl'),
    robots: z
      .record(z.string().regex(/^[a-z0-9-]{1,60}$/, 'a name has a-z, 0-9 and -'), Channel)
      .default({})
      .describe('Alertmanager posts to /hooks/<name>'),
  })
  .prefault({});
export type Hooks = z.output<typeof Hooks>;
