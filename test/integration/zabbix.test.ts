// Reads a real Kafka and this machine through a real Zabbix with its shipped templates, and checks its error messages.

import { cpus, totalmem } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, vi } from 'vitest';
import type { AppError } from '../../core/errors.ts';
import { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../brokers/kafka/driver.ts';
import { SourceConfig } from '../../analyzer/evidence/sources/config.ts';
import { readTelemetry } from '../../analyzer/evidence/sources/telemetry.ts';
import { zabbixNames } from '../../analyzer/evidence/sources/zabbix-items.ts';
import { freePorts } from '../../lab/free-port.ts';
import { startKafka } from '../support/kafka.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { startZabbix, type RunningZabbix } from '../support/zabbix-server.ts';

const templates = ['Linux by Zabbix agent', 'Apache Kafka by JMX'];
/** The default is one to three minutes. */
const everySeconds = 3;

if (fullMatrix)
  requires('root', 'zabbix', 'java', 'maven').test(
    'Zabbix returns hosts and brokers in base units with the keys of its templates, and explains missing data',
    async () => {
      const [jmx = 0] = await freePorts(1);
      const remote = { port: jmx, 'rmi.port': jmx, host: '127.0.0.1', authenticate: false, ssl: false };
      const jvmOptions = Object.entries(remote).map(([key, value]) => `-Dcom.sun.management.jmxremote.${key}=${value}`);
      await using kafka = await startKafka({ jvmOptions: [...jvmOptions, '-Djava.rmi.server.hostname=127.0.0.1'] });
      await using zabbix = await startZabbix();
      await watch(zabbix, 'broker-1', jmx);
      vi.stubEnv('ZABBIX_TOKEN', await tokenOf(zabbix, '1'));
      const source = (over: object = {}) =>
        SourceConfig.parse({ kind: 'zabbix', url: zabbix.url, token: '${env:ZABBIX_TOKEN}', ...over });
      const from = Date.now();
      const read = (over: object = {}) =>
        readTelemetry(source(over), { from: new Date(from), to: new Date(), stepSeconds: 10 }, io());
      const stop = new AbortController();
      const sending = sendSteadily(kafka.bootstrap, stop.signal);
      // A rate needs two values, and the last interval is still incomplete.
      const brokerIntervals = async () => {
        const { brokers } = await read();
        return brokers.get('broker-1')?.filter(({ messagesInPerSecond: rate }) => rate !== undefined && rate > 0) ?? [];
      };
      await expect
        .poll(async () => (await brokerIntervals().catch(() => [])).length, { timeout: 180_000, interval: 5000 })
        .toBeGreaterThan(4);
      const whole = (await brokerIntervals()).slice(1, -1);
      const told = await read();
      stop.abort();
      const perSecond = await sending;

      const mean = (values: readonly (number | undefined)[]) =>
        values.reduce<number>((sum, value) => sum + (value ?? Number.NaN), 0) / values.length;
      const messages = mean(whole.map(({ messagesInPerSecond }) => messagesInPerSecond));
      expect(messages / perSecond).toBeGreaterThan(0.75);
      expect(messages / perSecond).toBeLessThan(1.25);
      const bytesPerMessage = mean(whole.map(({ bytesInPerSecond }) => bytesInPerSecond)) / messages;
      expect(bytesPerMessage).toBeGreaterThan(1000);
      expect(bytesPerMessage).toBeLessThan(1100);
      expect(mean(whole.map(({ requestHandlersBusy }) => requestHandlersBusy))).toBeLessThan(0.9);

      const host = [...(told.hosts.get('broker-1')?.intervals ?? [])].findLast(({ memory, cpu }) => memory && cpu);
      expect(host?.cpu?.cores).toBe(cpus().length);
      expect(host?.cpu?.busyCores).toBeGreaterThan(0);
      expect(host?.cpu?.busyCores).toBeLessThanOrEqual(cpus().length);
      expect(host?.memory?.totalBytes).toBe(totalmem());
      expect(host?.memory?.usedBytes).toBeLessThan(totalmem());
      expect(host?.network?.length).toBeGreaterThan(0);
      const found = told.inventory.filter(({ kind }) => kind === 'found').map(({ figure }) => figure);
      expect(found).toEqual(expect.arrayContaining(['busyCores', 'messagesInPerSecond', 'bytesInPerSecond']));

      const refusal = async (token: string, over: object = {}) => {
        vi.stubEnv('ZABBIX_TOKEN', token);
        return await read(over).catch(({ code, message, hint }: AppError) => ({ code, message, hint }));
      };
      const remedy = expect.stringContaining('make an API token') as string;
      expect(await refusal('0'.repeat(64))).toMatchObject({ code: 'credentials-refused', hint: remedy });
      const expired = await tokenOf(zabbix, '1', Math.floor(Date.now() / 1000) - 10);
      const message = expect.stringContaining('API token expired') as string;
      expect(await refusal(expired)).toMatchObject({ code: 'credentials-refused', message, hint: remedy });
      const stranger = await tokenOf(zabbix, await userWithoutHosts(zabbix));
      const rights = expect.stringContaining('which hosts the token may read') as string;
      expect(await refusal(stranger)).toMatchObject({ code: 'source-empty', hint: rights });
      const own = await tokenOf(zabbix, '1', Math.floor(Date.now() / 1000) + 600);
      expect(await refusal(own, { group: 'Brokers' })).toMatchObject({ code: 'not-found' });
    },
    400_000,
  );

const io = () => ({ signal: AbortSignal.timeout(60_000) });

/** Links a host to the templates that Zabbix ships, and shortens the polling interval of items that are read. */
async function watch({ call, agentPort }: RunningZabbix, host: string, jmx: number): Promise<void> {
  const found = await call<{ templateid: string }[]>('template.get', { filter: { host: templates }, output: ['host'] });
  expect(found).toHaveLength(templates.length);
  const templateids = found.map(({ templateid }) => templateid);
  // It also has the templates, so each change of one would apply to it as well.
  const others = await call<{ hostid: string }[]>('host.get', { output: ['hostid'] });
  await call(
    'host.delete',
    others.map(({ hostid }) => hostid),
  );
  const names = new Set(zabbixNames().items.map(({ key }) => key));
  const isRead = (key: string) => names.has(key.replace(/\{#\w+\}/, '*'));
  for (const kind of ['item', 'itemprototype', 'discoveryrule']) {
    const items = await call<{ itemid: string; delay: string; key_: string }[]>(`${kind}.get`, {
      templateids,
      output: ['delay', 'key_'],
    });
    const polled = items.filter(({ delay, key_ }) => delay !== '0' && (kind === 'discoveryrule' || isRead(key_)));
    await call(
      `${kind}.update`,
      polled.map(({ itemid }) => ({ itemid, delay: `${everySeconds}s` })),
    );
  }
  const [group] = await call<{ groupid: string }[]>('hostgroup.get', { filter: { name: ['Linux servers'] } });
  const address = { main: 1, useip: 1, ip: '127.0.0.1', dns: '' };
  await call('host.create', {
    host,
    groups: [{ groupid: group?.groupid }],
    templates: templateids.map((templateid) => ({ templateid })),
    interfaces: [
      { ...address, type: 1, port: String(agentPort) },
      { ...address, type: 4, port: String(jmx) },
    ],
  });
}

async function tokenOf({ call }: RunningZabbix, userid: string, expiresAt = 0): Promise<string> {
  const made = { name: `plimsoll-${expiresAt}-${userid}`, userid, expires_at: expiresAt };
  const { tokenids } = await call<{ tokenids: string[] }>('token.create', made);
  const [generated] = await call<{ token: string }[]>('token.generate', tokenids);
  return generated?.token ?? '';
}

async function userWithoutHosts({ call }: RunningZabbix): Promise<string> {
  const made = {
    username: 'stranger',
    passwd: 'Of-a-test-4711',
    roleid: '1',
    usrgrps: [{ usrgrpid: await groupWithoutHosts() }],
  };
  const { userids } = await call<{ userids: string[] }>('user.create', made);
  return userids[0] ?? '';

  async function groupWithoutHosts(): Promise<string> {
    const { usrgrpids } = await call<{ usrgrpids: string[] }>('usergroup.create', { name: 'strangers' });
    return usrgrpids[0] ?? '';
  }
}

/** @returns the rate of acknowledged messages per second */
async function sendSteadily(bootstrap: string[], signal: AbortSignal): Promise<number> {
  const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap });
  {
    await using administration = await kafkaDriver.administer('lab', config, io());
    await administration.createTopic({ name: 'orders', partitions: 1, replicationFactor: 1 }, io());
  }
  await using traffic = await kafkaDriver.traffic('lab', config, io());
  await using producer = await traffic.producer({ acks: 'leader' });
  const values = Array.from({ length: 10 }, () => Buffer.alloc(1000, 'x'));
  const startedAt = performance.now();
  let acknowledged = 0;
  while (!signal.aborted) {
    await producer.send({ topic: 'orders', partition: 0, values }, io());
    acknowledged += values.length;
    await delay(100);
  }
  return (acknowledged / (performance.now() - startedAt)) * 1000;
}
