// Sends alerts from a real Alertmanager through the hooks to receivers that validate like the vendors, and to a real mail server.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { expect, vi } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import { createLogger } from '../../../core/log.ts';
import { createAccess } from '../../../service/access/create-access.ts';
import { ServiceConfig } from '../../../app/config/service.ts';
import { createAlertLog } from '../../../service/hooks/alert-log.ts';
import { createHooksRouter } from '../../../service/hooks/router.ts';
import { shippedAlert } from '../../support/alert-rules.ts';
import { startAlertmanager } from '../../support/alertmanager.ts';
import { startMailServer } from '../../support/mail-server.ts';
import { requires } from '../../support/prerequisites.ts';
import { integrationKey, signingSecret, startVendorReceivers } from '../../support/vendor-receivers.ts';

requires('alertmanager').test('every channel gets a firing alert in its language, and its end', async () => {
  await using receivers = await startVendorReceivers(() => Date.now());
  await using mailServer = await startMailServer();
  const urls = ['dingtalk', 'feishu', 'wecom', 'slack'];
  for (const vendor of urls) vi.stubEnv(`URL_${vendor}`, receivers.url(vendor));
  vi.stubEnv('HOOKS_TOKEN', 'of-alertmanager');
  vi.stubEnv('SIGNING_SECRET', signingSecret);
  vi.stubEnv('INTEGRATION_KEY', integrationKey);
  vi.stubEnv('MAIL_URL', `smtp://${mailServer.address}`);
  const config = ServiceConfig.parse({
    hooks: {
      token: '${env:HOOKS_TOKEN}',
      grafana: 'https://grafana.example.com',
      runbooks: 'https://docs.example.com/runbooks',
      channels: {
        dingtalk: { vendor: 'dingtalk', url: '${env:URL_dingtalk}', secret: '${env:SIGNING_SECRET}' },
        feishu: { vendor: 'feishu', url: '${env:URL_feishu}', secret: '${env:SIGNING_SECRET}' },
        wecom: { vendor: 'wecom', url: '${env:URL_wecom}', language: 'en' },
        slack: { vendor: 'slack', url: '${env:URL_slack}', language: 'en' },
        pagerduty: { vendor: 'pagerduty', url: receivers.url('pagerduty'), key: '${env:INTEGRATION_KEY}' },
        mail: { vendor: 'mail', url: '${env:MAIL_URL}', from: 'plimsoll@example.com', to: ['oncall@example.com'] },
      },
    },
  });
  const names = Object.keys(config.hooks.channels);
  const access = createAccess(config, { address: '127.0.0.1:0', clock: systemClock });
  const router = createHooksRouter({
    alerts: createAlertLog(),
    config,
    clusters: new Map(),
    statuses: { fleet: () => ({ at: new Date().toISOString(), clusters: [] }) },
    access,
    clock: systemClock,
    log: createLogger('silent'),
  });
  const service = createServer(express().use(access.guard, router)).listen(0, '127.0.0.1');
  await once(service, 'listening');
  try {
    const { port } = service.address() as AddressInfo;
    await using alertmanager = await startAlertmanager({
      hooks: names.map((name) => `http://127.0.0.1:${port}/hooks/${name}`),
      hooksToken: 'of-alertmanager',
    });
    const of = (name: string) => [
      ...receivers.taken.filter(({ vendor }) => vendor === name).map(({ body }) => JSON.stringify(body)),
      ...(name === 'mail' ? mailServer.mails.map(({ text, headers }) => `${headers}\n${text}`) : []),
    ];
    const alerts = ['ClusterOverSafeMax', 'ConsumerFarBehind'].map((name) => shippedAlert(name, { cluster: 'orders' }));
    await alertmanager.post(alerts);
    await alertmanager.until(() => names.every((name) => of(name).length > 0));
    for (const name of names) {
      expect(of(name)[0]).toContain(['wecom', 'slack'].includes(name) ? '[critical] ' : '【严重】');
      if (name !== 'mail') expect(of(name)[0]).toMatch(/2 条告警：orders|2 firing: orders/);
    }
    await alertmanager.post(alerts.map((alert) => ({ ...alert, endsAt: new Date().toISOString() })));
    await alertmanager.until(() =>
      names.every((name) => of(name).some((body) => /【已恢复】|\[resolved\] /.test(body))),
    );
    const events = receivers.taken.filter(({ vendor }) => vendor === 'pagerduty').map(({ body }) => body);
    expect(events.map((event) => event['event_action'])).toEqual(['trigger', 'resolve']);
    expect(new Set(events.map((event) => event['dedup_key'])).size).toBe(1);
  } finally {
    service.close();
  }
});
