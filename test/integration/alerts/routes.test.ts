// Checks with a real Alertmanager that one outage sends one page.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { alertNames, shippedAlert } from '../../support/alert-rules.ts';
import { startAlertmanager, type RunningAlertmanager, type Told } from '../../support/alertmanager.ts';
import { requires } from '../../support/prerequisites.ts';

requires('alertmanager').describe('a real Alertmanager', () => {
  let alertmanager: RunningAlertmanager;
  beforeAll(async () => {
    alertmanager = await startAlertmanager();
  }, 30_000);
  afterAll(() => alertmanager[Symbol.asyncDispose]());

  const of = (cluster: string) => (each: Told) => each.alerts.some(({ labels }) => labels['cluster'] === cluster);
  const namesTo = (receiver: string, cluster: string) => [
    ...new Set(
      alertmanager.told
        .filter((each) => each.receiver === receiver)
        .filter(of(cluster))
        .flatMap(({ alerts }) => alerts.map(({ labels }) => labels['alertname'])),
    ),
  ];
  const messagesTo = (receiver: string, cluster: string) =>
    alertmanager.told.filter((each) => each.receiver === receiver && of(cluster)(each)).length;

  const lostBroker = ['KafkaBrokerMissing', 'KafkaBrokerDown'];
  test.each(lostBroker)('a lost Kafka broker (%s) inhibits the tickets that it causes', async (lost) => {
    const cluster = `waybills-${lost}`;
    const alike = { cluster };
    await alertmanager.post([
      shippedAlert(lost, alike),
      shippedAlert('KafkaUnderReplicated', alike),
      shippedAlert('KafkaIsrFlapping', { ...alike, broker: '1' }),
      shippedAlert('KafkaIsrFlapping', { ...alike, broker: '2' }),
      shippedAlert('KafkaQuorumMemberBehind', { ...alike, node: '3', role: 'voter' }),
      shippedAlert('ConsumerLagGrows', { ...alike, consumergroup: 'ledger', topic: 'paid' }),
      shippedAlert('KafkaLeadersUnbalanced', alike),
      shippedAlert('KafkaRequestHandlersBusy', { ...alike, broker: '2', pool: 'broker' }),
      shippedAlert('BrokerProcessGone', { host: 'kafka-3', process: 'broker-3' }),
      shippedAlert('PlimsollCollectorFailing', { ...alike, collector: 'broker-internals' }),
      // The remaining brokers sustain all of the load.
      shippedAlert('ClusterGrowsToSafeMax', alike),
      shippedAlert('ClusterCannotLoseOne', { ...alike, lost: 'broker', id: '1' }),
      shippedAlert('ClusterVerdictDrifted', alike),
      shippedAlert('ClusterBottleneckChanged', { ...alike, resource: 'disk', node: 'kafka-1' }),
    ]);
    await alertmanager.until(() => messagesTo('pager', cluster) > 0 && messagesTo('tickets', cluster) > 0);
    expect(namesTo('pager', cluster)).toEqual([lost]);
    expect(messagesTo('pager', cluster)).toBe(1);
    expect(new Set(namesTo('tickets', cluster))).toEqual(
      new Set(['KafkaRequestHandlersBusy', 'PlimsollCollectorFailing']),
    );
  });

  test.each(['KafkaBrokerMissing', 'RocketmqBrokerMissing'])(
    'critical alerts still page while %s is silenced after a planned scale-in, which still inhibits tickets',
    async (missing) => {
      const cluster = `scaled-in-${missing}`;
      const behind = { cluster, consumergroup: 'ledger', topic: 'paid' };
      await alertmanager.silence({ alertname: missing, cluster });
      await alertmanager.post([shippedAlert(missing, { cluster })]);
      await alertmanager.post([
        shippedAlert('KafkaUnderMinIsr', { cluster }),
        shippedAlert('ClusterOverSafeMax', { cluster }),
        shippedAlert('ConsumerFarBehind', behind),
        shippedAlert('ConsumerLostMessages', behind),
      ]);
      await alertmanager.until(() => namesTo('pager', cluster).length === 4);
      expect(new Set(namesTo('pager', cluster))).toEqual(
        new Set(['KafkaUnderMinIsr', 'ClusterOverSafeMax', 'ConsumerFarBehind', 'ConsumerLostMessages']),
      );
    },
  );

  test('a full disk or an unclean election inhibits no page that it does not explain', async () => {
    const behind = { consumergroup: 'ledger', topic: 'paid' };
    await alertmanager.post([
      shippedAlert('RocketmqDiskNearlyFull', { cluster: 'full', broker: 'broker-a:0' }),
      shippedAlert('ClusterOverSafeMax', { cluster: 'full' }),
      shippedAlert('ConsumerLostMessages', { cluster: 'full', ...behind }),
      shippedAlert('KafkaUncleanElection', { cluster: 'elected' }),
      shippedAlert('KafkaBrokerMissing', { cluster: 'elected' }),
    ]);
    const paged = (cluster: string) => new Set(namesTo('pager', cluster));
    await alertmanager.until(() => paged('full').size === 3 && paged('elected').size === 2);
    expect(paged('full')).toEqual(new Set(['ClusterOverSafeMax', 'ConsumerLostMessages', 'RocketmqDiskNearlyFull']));
    expect(paged('elected')).toEqual(new Set(['KafkaBrokerMissing', 'KafkaUncleanElection']));
  });

  test('a cluster down after a lost broker pages at once in its own group, and inhibits the alerts it explains', async () => {
    const cluster = 'returns';
    await alertmanager.post([shippedAlert('RocketmqBrokerMissing', { cluster })]);
    await alertmanager.until(() => namesTo('pager', cluster).includes('RocketmqBrokerMissing'));
    await alertmanager.post([
      shippedAlert('RocketmqClusterDown', { cluster, kind: 'rocketmq' }),
      shippedAlert('RocketmqGroupWithoutMaster', { cluster, broker_name: 'broker-a' }),
      shippedAlert('RocketmqSendsWait', { cluster, broker: 'broker-a:0', pool: 'send' }),
      shippedAlert('ClusterHeadroomUnknown', { cluster }),
    ]);
    await alertmanager.until(() => namesTo('pager', cluster).includes('RocketmqClusterDown'));
    expect(namesTo('pager', cluster)).toEqual(['RocketmqBrokerMissing', 'RocketmqClusterDown']);
  });

  test('in a maintenance window nothing about the cluster is sent, and other clusters still page', async () => {
    await alertmanager.post([shippedAlert('ClusterInMaintenance', { cluster: 'kept' })]);
    await alertmanager.post([
      shippedAlert('KafkaClusterDown', { cluster: 'kept', kind: 'kafka' }),
      shippedAlert('KafkaClusterDown', { cluster: 'other', kind: 'kafka' }),
    ]);
    await alertmanager.until(() => messagesTo('pager', 'other') > 0);
    expect(messagesTo('pager', 'kept') + messagesTo('tickets', 'kept')).toBe(0);
  });

  test('in a maintenance window nothing about the hosts is sent, and other hosts still page', async () => {
    const full = (host: string) => shippedAlert('HostLinkFull', { host, device: 'eth0', direction: 'transmit' });
    await alertmanager.post([shippedAlert('HostInMaintenance', { host: 'kept-1' })]);
    await alertmanager.post([
      full('kept-1'),
      shippedAlert('PlimsollHostUnread', { host: 'kept-1' }),
      full('other-1'),
      shippedAlert('PlimsollHostUnread', { host: 'other-2' }),
    ]);
    const hosts = () =>
      new Set(alertmanager.told.flatMap(({ alerts }) => alerts.map(({ labels }) => labels['host'] ?? '')));
    await alertmanager.until(() => hosts().has('other-1') && hosts().has('other-2'));
    expect(hosts().has('kept-1')).toBe(false);
  });

  test('the watchdog reaches only its own receiver', async () => {
    await alertmanager.post([shippedAlert('PlimsollWatchdog', {})]);
    const receivers = () =>
      alertmanager.told
        .filter(({ alerts }) => alerts.some(({ labels }) => labels['alertname'] === 'PlimsollWatchdog'))
        .map(({ receiver }) => receiver);
    await alertmanager.until(() => receivers().length > 0);
    expect(new Set(receivers())).toEqual(new Set(['watchdog']));
  });

  test('a broken part of a cluster inhibits tickets but no page, and owners are paged as well as operators', async () => {
    const cluster = 'orders';
    const alike = { cluster, domain: 'orders' };
    await alertmanager.post([
      shippedAlert('RocketmqGroupWithoutMaster', { ...alike, broker_name: 'broker-a' }),
      shippedAlert('RocketmqSendsWait', { ...alike, broker: 'broker-b:0', pool: 'send' }),
      shippedAlert('RocketmqDiskNearlyFull', { ...alike, broker: 'broker-b:0' }),
      shippedAlert('ClusterOverSafeMax', alike),
      shippedAlert('ConsumerLostMessages', { ...alike, consumergroup: 'ledger', topic: 'paid' }),
      shippedAlert('RocketmqSlaveBehind', { ...alike, broker: 'broker-a:2' }),
      shippedAlert('RocketmqTimerBehind', { ...alike, broker: 'broker-b:0' }),
      shippedAlert('PlimsollCollectorFailing', { ...alike, collector: 'broker-internals' }),
    ]);
    const pages = new Set([
      'ClusterOverSafeMax',
      'ConsumerLostMessages',
      'RocketmqDiskNearlyFull',
      'RocketmqGroupWithoutMaster',
      'RocketmqSendsWait',
    ]);
    const paged = (receiver: string) => new Set(namesTo(receiver, cluster));
    await alertmanager.until(
      () =>
        paged('pager').size === pages.size && paged('orders').size === pages.size && messagesTo('tickets', cluster) > 0,
    );
    expect(paged('pager')).toEqual(pages);
    expect(paged('orders')).toEqual(pages);
    expect(namesTo('tickets', cluster)).toEqual(['PlimsollCollectorFailing']);
  });

  test('owners are paged for their domain, or by cluster if the alert has none; operators once for all', async () => {
    const shared = 'trade';
    await alertmanager.post([
      shippedAlert('ClusterOverSafeMax', { cluster: shared, domain: 'orders' }),
      shippedAlert('ClusterOverSafeMax', { cluster: shared, domain: 'wallet' }),
    ]);
    await alertmanager.until(() => messagesTo('pager', shared) > 0 && messagesTo('orders', shared) > 0);
    const worded = (language: string) =>
      alertmanager.worded.findLast((each) => each.language === language && each.title.endsWith(shared))?.text;
    await alertmanager.until(() => worded('en') !== undefined && worded('zh') !== undefined);
    expect(worded('en')).toMatch(/ Domain: orders\.\n[^]* Domain: wallet\.\n/);
    expect(worded('zh')).toMatch(/业务域：orders。\n[^]*业务域：wallet。\n/);
    const domainsTo = (receiver: string) =>
      alertmanager.told
        .filter((each) => each.receiver === receiver && of(shared)(each))
        .map(({ alerts }) => new Set(alerts.map(({ labels }) => labels['domain'])));
    expect(domainsTo('orders')).toEqual([new Set(['orders'])]);
    expect(domainsTo('pager')).toEqual([new Set(['orders', 'wallet'])]);
    await alertmanager.post([shippedAlert('KafkaControllersNotOne', { cluster: 'orders' })]);
    await alertmanager.until(() => namesTo('orders', 'orders').includes('KafkaControllersNotOne'));
  });

  test('an unreadable cluster pages only for that, and another cluster still pages', async () => {
    await alertmanager.post([
      shippedAlert('PlimsollClusterUnread', { cluster: 'logs-1' }),
      shippedAlert('KafkaPartitionsWithoutLeader', { cluster: 'logs-1' }),
      shippedAlert('KafkaBrokerMissing', { cluster: 'logs-1' }),
      shippedAlert('KafkaPartitionsWithoutLeader', { cluster: 'logs-2' }),
    ]);
    await alertmanager.until(() => messagesTo('pager', 'logs-1') > 0 && messagesTo('pager', 'logs-2') > 0);
    expect(namesTo('pager', 'logs-1')).toEqual(['PlimsollClusterUnread']);
    expect(namesTo('pager', 'logs-2')).toEqual(['KafkaPartitionsWithoutLeader']);
  });

  test('a cluster that is unread for lack of name servers pages only for these, and inhibits the alerts it explains', async () => {
    const cluster = 'unrouted';
    await alertmanager.post([
      shippedAlert('RocketmqNameServersDown', { cluster }),
      shippedAlert('PlimsollClusterUnread', { cluster }),
      shippedAlert('ClusterOverSafeMax', { cluster }),
      shippedAlert('PlimsollClusterUnread', { cluster: 'unrouted-2' }),
    ]);
    await alertmanager.until(() => messagesTo('pager', cluster) > 0 && messagesTo('pager', 'unrouted-2') > 0);
    expect(namesTo('pager', cluster)).toEqual(['RocketmqNameServersDown']);
  });

  test('a cluster above its safe maximum is one page, without tickets for the consequences', async () => {
    const cluster = 'orders-2';
    const alike = { cluster };
    await alertmanager.post([
      shippedAlert('ClusterOverSafeMax', alike),
      shippedAlert('ClusterNearSafeMax', alike),
      shippedAlert('ClusterHeadroomBurnsFast', alike),
      shippedAlert('ClusterCannotLoseOne', { ...alike, lost: 'broker', id: '1' }),
      shippedAlert('ClusterVerdictStale', alike),
    ]);
    await alertmanager.until(() => messagesTo('pager', cluster) > 0 && messagesTo('tickets', cluster) > 0);
    expect(namesTo('pager', cluster)).toEqual(['ClusterOverSafeMax']);
    expect(messagesTo('pager', cluster)).toBe(1);
    expect(namesTo('tickets', cluster)).toEqual(['ClusterVerdictStale']);
  });

  const ranked: [string, string, Record<string, string>][] = [
    ['ClusterExpectedOverSafeMax', 'ClusterOverSafeMax', {}],
    ['ClusterGrowsToSafeMax', 'ClusterOverSafeMax', {}],
    ['ClusterReachesLimitWithinDay', 'ClusterExpectedOverSafeMax', {}],
    ['KafkaLogDirFillsUp', 'KafkaLogDirNearlyFull', { broker: '1', path: '/data' }],
    ['HostFilesystemFillsUp', 'HostFilesystemNearlyFull', { host: 'kafka-9', device: '/dev/sda1', fstype: 'ext4' }],
  ];
  test.each(ranked)('%s ends with a message while %s fires', async (weaker, stronger, labels) => {
    const cluster = `ended-${weaker}`;
    const isTold = (name: string, status: string) =>
      alertmanager.told
        .filter(of(cluster))
        .flatMap(({ alerts }) => alerts)
        .some((each) => each.labels['alertname'] === name && each.status === status);
    const feared = shippedAlert(weaker, { cluster, ...labels });
    await alertmanager.post([feared]);
    await alertmanager.until(() => isTold(weaker, 'firing'));
    await alertmanager.post([shippedAlert(stronger, { cluster, ...labels })]);
    await alertmanager.until(() => isTold(stronger, 'firing'));
    // The alert's rule then resolves it.
    await alertmanager.post([{ ...feared, endsAt: new Date().toISOString() }]);
    await alertmanager.until(() => isTold(weaker, 'resolved'));
  });

  test('a load test inhibits only the lag alerts of the group that it created', async () => {
    const cluster = 'trial';
    const behind = (consumergroup: string) =>
      shippedAlert('ConsumerFarBehind', { cluster, consumergroup, topic: 'paid' });
    await alertmanager.post([
      shippedAlert('LoadTestRunning', { cluster, consumergroup: 'plimsoll-r1-1' }),
      behind('plimsoll-r1-1'),
      behind('ledger'),
    ]);
    await alertmanager.until(() => messagesTo('pager', cluster) > 0);
    const groups = alertmanager.told
      .filter(({ receiver }) => receiver === 'pager')
      .filter(of(cluster))
      .flatMap(({ alerts }) => alerts.map(({ labels }) => labels['consumergroup']));
    expect(groups).toEqual(['ledger']);
  });

  test('the promotion channel gets alerts that may endanger a promotion', async () => {
    const cluster = 'promoted';
    await alertmanager.post([
      shippedAlert('ClusterNearSafeMax', { cluster }),
      shippedAlert('ClusterBottleneckChanged', { cluster, resource: 'disk', node: 'kafka-1' }),
      shippedAlert('ClusterVerdictStale', { cluster }),
      shippedAlert('BrokerRestarted', { cluster, host: 'kafka-1', process: 'broker' }),
      shippedAlert('KafkaLeadersUnbalanced', { cluster }),
    ]);
    await alertmanager.until(
      () => namesTo('promotion', cluster).length >= 3 && namesTo('tickets', cluster).length >= 3,
    );
    expect(new Set(namesTo('promotion', cluster))).toEqual(
      new Set(['ClusterNearSafeMax', 'ClusterBottleneckChanged', 'ClusterVerdictStale']),
    );
    expect(new Set(namesTo('tickets', cluster))).toEqual(
      new Set(['ClusterBottleneckChanged', 'ClusterVerdictStale', 'BrokerRestarted']),
    );
  });

  test('alerts of severity info reach no receiver, and resolved alerts are sent', async () => {
    const cluster = 'finance';
    const full = shippedAlert('HostLinkFull', { cluster, host: 'mq-1', device: 'eth0', direction: 'transmit' });
    await alertmanager.post([full, shippedAlert('KafkaLeadersUnbalanced', { cluster })]);
    await alertmanager.until(() => messagesTo('pager', cluster) > 0);
    await alertmanager.post([{ ...full, endsAt: new Date().toISOString() }]);
    await alertmanager.until(() => alertmanager.told.filter(of(cluster)).some(({ status }) => status === 'resolved'));
    expect(alertmanager.told.filter(of(cluster)).map(({ receiver }) => receiver)).toEqual(['pager', 'pager']);
  });

  test('every alert has text in both languages, with a link to its runbook', async () => {
    await alertmanager.post(
      alertNames.map((name) =>
        shippedAlert(name, { cluster: `words-${name}`, consumergroup: 'a & b', host: `host of ${name}` }),
      ),
    );
    const words = (language: string, name: string) =>
      alertmanager.worded.find((each) => each.language === language && each.title.endsWith(`words-${name}`));
    await alertmanager.until(() => alertNames.every((name) => words('en', name) && words('zh', name)));
    for (const name of alertNames) {
      expect(words('en', name)?.text).toMatch(/^\[(critical|warning|info|none)\] [A-Z][^\n]+\.\n.+\nSince /);
      expect(words('zh', name)?.text).toMatch(/^【(严重|警告|提示)】[^\n]+。\n/);
      expect(words('zh', name)?.text).toMatch(
        /\/d\/plimsoll-[a-z]+\?from=\d{13}&to=now&var-cluster=words-\w+&var-consumergroup=a\+%26\+b&var-host=/,
      );
      expect(`${words('en', name)?.title}${words('zh', name)?.title}`).not.toContain('no value');
    }
  });
});
