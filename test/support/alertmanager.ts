// Runs a real Alertmanager with the shipped routes and inhibitions, and recording receivers.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { freePorts } from '../../lab/free-port.ts';

const shipped = fileURLToPath(new URL('../../alerts/alertmanager', import.meta.url));

export interface PostedAlert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  startsAt?: string;
  endsAt?: string;
}

/** One message to one receiver. */
export interface Told {
  receiver: string;
  status: string;
  alerts: { status: string; labels: Record<string, string> }[];
}

/** A message as a chat receives it: the templates of one language, filled in. */
export interface Worded {
  language: string;
  title: string;
  text: string;
}

export interface RunningAlertmanager extends AsyncDisposable {
  /** `host:port`. */
  readonly address: string;
  readonly told: readonly Told[];
  readonly worded: readonly Worded[];
  post(alerts: readonly PostedAlert[]): Promise<void>;
  /** Silences alerts with exactly these labels for an hour. */
  silence(labels: Readonly<Record<string, string>>): Promise<void>;
  /** Checks every 50 ms, for 20 s. */
  until(isThere: () => boolean): Promise<void>;
}

interface Config {
  route: Record<string, unknown> & { routes: Record<string, unknown>[] };
  receivers: ({ name: string } & Record<string, unknown>)[];
}

interface Settings {
  /** URLs of the service's hooks: each receives all alerts of a cluster as one message. */
  hooks?: readonly string[];
  /** Keeps the shipped waits; by default every message arrives within a second. */
  waits?: 'as-shipped';
  /** Bearer token that is sent to the hooks. */
  hooksToken?: string;
}

export async function startAlertmanager(settings: Settings = {}): Promise<RunningAlertmanager> {
  const told: Told[] = [];
  const worded: Worded[] = [];
  const listener = createServer((request, response) => {
    void json(request).then((body) => {
      const [, kind, name = ''] = (request.url ?? '').split('/');
      if (kind === 'told') told.push(body as Told);
      const [words] = (body as { attachments?: { title: string; text: string }[] }).attachments ?? [];
      if (words !== undefined) worded.push({ language: name, title: words.title, text: words.text });
      response.end('ok');
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const base = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;

  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-alertmanager-'));
  await cp(shipped, folder, { recursive: true });
  const config = parse(await readFile(join(folder, 'alertmanager.yaml'), 'utf8')) as Config;
  await writeFile(join(folder, 'alertmanager.yaml'), JSON.stringify(listening(config, base, settings)));
  const [port] = await freePorts(1);
  const child = spawn(
    'prometheus-alertmanager',
    [
      `--config.file=${join(folder, 'alertmanager.yaml')}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
      '--log.level=error',
    ],
    { stdio: 'inherit' },
  );
  const ended = once(child, 'exit');

  async function until(isThere: () => boolean | Promise<boolean>): Promise<void> {
    for (let attempt = 0; attempt < 400; attempt++) {
      if (await isThere()) return;
      await setTimeout(50);
    }
    throw new Error(`Alertmanager did not get there: ${JSON.stringify(told)}`);
  }
  await until(() =>
    fetch(`http://127.0.0.1:${port}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );

  async function send(to: 'alerts' | 'silences', body: unknown): Promise<void> {
    const response = await fetch(`http://127.0.0.1:${port}/api/v2/${to}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  }

  return {
    address: `127.0.0.1:${port}`,
    told,
    worded,
    until,
    post: (alerts) => send('alerts', alerts),
    silence: (labels) =>
      send('silences', {
        matchers: Object.entries(labels).map(([name, value]) => ({ name, value, isRegex: false })),
        startsAt: new Date().toISOString(),
        endsAt: new Date(Date.now() + 3_600_000).toISOString(),
        createdBy: 'test',
        comment: 'planned',
      }),
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
      listener.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Builds the same routes without their waits, to receivers of this test; every alert is also rendered in both languages. */
function listening(
  { route, receivers, ...rest }: Config,
  base: string,
  { hooks = [], hooksToken, waits }: Settings,
): unknown {
  const quick = { group_wait: '1s', group_interval: '1s' };
  return {
    ...rest,
    route: {
      ...route,
      ...quick,
      routes: [
        { matchers: ['severity=~".+"'], receiver: 'hooks', group_by: ['cluster'], ...quick, continue: true },
        {
          matchers: ['severity=~".+"'],
          receiver: 'words',
          group_by: ['alertname', 'cluster'],
          ...quick,
          continue: true,
        },
        ...route.routes.map((each) => (waits === 'as-shipped' ? each : { ...each, ...quick })),
      ],
    },
    receivers: [
      {
        name: 'hooks',
        webhook_configs: hooks.map((url) => ({
          url,
          send_resolved: true,
          ...(hooksToken !== undefined && { http_config: { authorization: { credentials: hooksToken } } }),
        })),
      },
      {
        name: 'words',
        slack_configs: ['en', 'zh'].map((language) => ({
          api_url: `${base}/words/${language}`,
          channel: 'c',
          send_resolved: true,
          title: `{{ template "plimsoll.title.${language}" . }}`,
          text: `{{ template "plimsoll.text.${language}" . }}`,
        })),
      },
      ...receivers.map(({ name, webhook_configs: ways }) => ({
        name,
        ...(ways !== undefined && { webhook_configs: [{ url: `${base}/told/${name}`, send_resolved: true }] }),
      })),
    ],
  };
}
