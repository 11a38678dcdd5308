import { expect, test } from 'vitest';
import {
  classPathOf,
  instanceSettings,
  nameServersOf,
  parseProperties,
  settingsFileOf,
  settingsOfRole,
  versionIn,
  zooKeeperServers,
} from '../../../../hosts/instances/instance-settings.ts';
import { parseJvmCommand } from '../../../../hosts/processes/jvm-command.ts';

const commandOf = (...words: string[]) => {
  const command = parseJvmCommand(words.map((word) => `${word}\0`).join(''));
  if (command === undefined) throw new Error('no JVM');
  return command;
};
const read = (mainClass: string, text: string) => instanceSettings(mainClass, parseProperties(text), '/home/rocketmq');

test('a Kafka node with both roles is broker and controller, and its port is that of clients', () => {
  const settings = read(
    'kafka.Kafka',
    `process.roles=broker,controller
node.id=3
controller.listener.names=CONTROLLER
listeners=CONTROLLER://:9093,PLAINTEXT://10.0.0.3:9092
log.dirs=/data/a,/data/b
metadata.log.dir=/data/meta
broker.rack=rack-2
`,
  );
  expect(settings).toEqual({
    role: 'kafka-broker-controller',
    broker: '3',
    port: 9092,
    ports: [9093, 9092],
    directories: ['/data/a', '/data/b', '/data/meta'],
    failureDomain: 'rack-2',
  });
});

test('a Kafka broker with ZooKeeper has an id and default directories', () => {
  expect(read('kafka.Kafka', 'broker.id=1\n')).toEqual({
    role: 'kafka-broker',
    broker: '1',
    port: 9092,
    ports: [9092],
    directories: ['/tmp/kafka-logs'],
  });
});

test('a ZooKeeper server has its client port, directories, and the quorum ports of the ensemble', () => {
  const text = `dataDir=/data/zookeeper
clientPort=2281
server.1=10.0.0.1:2888:3888
server.2=[2001:db8::2]:2988:3988:participant;2181
server.3=10.0.0.3:2889:3889|10.1.0.3:2890:3890
`;
  expect(read('org.apache.zookeeper.server.quorum.QuorumPeerMain', text)).toEqual({
    role: 'zookeeper',
    port: 2281,
    ports: [2281],
    directories: ['/data/zookeeper'],
    quorumPorts: [2888, 2988, 2889],
  });
  expect(zooKeeperServers(parseProperties(text)).get('2')).toEqual({ quorum: 2988, election: 3988 });
});

test('a RocketMQ broker also uses the ports two below and one above its own', () => {
  const settings = read(
    'org.apache.rocketmq.broker.BrokerStartup',
    `brokerName = broker-a
brokerId=0
brokerRole=SYNC_MASTER
listenPort=30911
storePathRootDir=/data/store
storePathCommitLog=/data/store/commitlog
`,
  );
  expect(settings).toMatchObject({ role: 'rocketmq-master', broker: 'broker-a:0', ports: [30_911, 30_909, 30_912] });
  expect(settings?.directories).toEqual(['/data/store']);
});

test.each(['/data/store/commitlog,/disk2/store,/disk3/store', '/disk2/store:/disk3/store:/data/store/commitlog'])(
  'a RocketMQ broker with the commit logs %s has a directory on each disk',
  (logs) => {
    const text = `storePathRootDir=/data/store\nstorePathCommitLog=${logs}\n`;
    expect(read('org.apache.rocketmq.broker.BrokerStartup', text)?.directories).toEqual([
      '/data/store',
      '/disk2/store',
      '/disk3/store',
    ]);
  },
);

test('a RocketMQ slave, a DLedger member and a broker of a controller have separate roles', () => {
  const roleOf = (text: string) => read('org.apache.rocketmq.broker.BrokerStartup', `brokerName=a\n${text}`);
  expect(roleOf('brokerId=1\nbrokerRole=SLAVE\n')).toMatchObject({ role: 'rocketmq-slave', broker: 'a:1' });
  expect(roleOf('enableDLegerCommitLog=true\ndLegerSelfId=n2\n')).toMatchObject({
    role: 'rocketmq-dledger',
    broker: 'a:n2',
  });
  expect(roleOf('enableControllerMode=true\n')?.role).toBe('rocketmq-replica');
});

test('a RocketMQ broker without a store directory stores below the home of its user', () => {
  expect(read('org.apache.rocketmq.broker.BrokerStartup', 'brokerName=a\n')?.directories).toEqual([
    '/home/rocketmq/store',
  ]);
});

test('continues lines like java.util.Properties', () => {
  const text = [
    '# a comment is not continued \\',
    '  node.id=1',
    'listeners=SSL://:9092,\\',
    '  # CONTROLLER://:9093',
    'path=C:\\\\',
    'log.dirs=/data/a,\\',
    '',
    'broker.rack=rack\\',
  ].join('\n');
  const expected = {
    'node.id': '1',
    listeners: 'SSL://:9092,# CONTROLLER://:9093',
    path: 'C:\\',
    'log.dirs': '/data/a,',
    'broker.rack': 'rack',
  };
  expect(Object.fromEntries(parseProperties(text))).toEqual(expected);
  expect(Object.fromEntries(parseProperties(text.replaceAll('\n', '\r\n')))).toEqual(expected);
});

test('reads long lines in linear time', () => {
  const long = (text: string) => text.repeat(1_000_000);
  const lines = [`a=${long('\\')}x`, `b=${long(' ')}x`, `c=x${long(' ')}x`, `d=${long('\\\n ')}x`];
  expect([...parseProperties(lines.join('\n')).keys()]).toEqual(['a', 'b', 'c', 'd']);
});

test('Kafka Connect is not an instance of a cluster', () => {
  expect(read('org.apache.kafka.connect.cli.ConnectDistributed', '')).toBeUndefined();
});

test('reads settings of a role the same way without a process', () => {
  const text = 'listenPort=9999\n';
  expect(settingsOfRole('rocketmq-name-server', parseProperties(text), '/').port).toBe(9999);
});

test('finds the settings file of each start script', () => {
  const kafka = commandOf(
    '/usr/bin/java',
    '-Xmx1g',
    '-cp',
    '/opt/kafka/libs/*',
    'kafka.Kafka',
    '/etc/kafka/server.properties',
  );
  expect(settingsFileOf(kafka)).toBe('/etc/kafka/server.properties');
  const broker = commandOf(
    'java',
    '-cp',
    'x',
    'org.apache.rocketmq.broker.BrokerStartup',
    '-n',
    '10.0.0.1:9876',
    '-c',
    'conf/a.properties',
  );
  expect(settingsFileOf(broker)).toBe('conf/a.properties');
  expect(settingsFileOf(commandOf('java', '-cp', 'x', 'org.apache.rocketmq.namesrv.NamesrvStartup'))).toBeUndefined();
});

test('the name servers of a broker come from -n, otherwise from its file, otherwise from the environment', () => {
  const started = (...args: string[]) => commandOf('java', 'org.apache.rocketmq.broker.BrokerStartup', ...args);
  const file = parseProperties('namesrvAddr=10.0.0.2:9876;10.0.0.3:9876\n');
  const environment = 'HOME=/root\0NAMESRV_ADDR=10.0.0.4:9876\0';
  expect(nameServersOf(started('-n', '10.0.0.1:9876'), file, environment)).toEqual(['10.0.0.1:9876']);
  expect(nameServersOf(started(), file, environment)).toEqual(['10.0.0.2:9876', '10.0.0.3:9876']);
  expect(nameServersOf(started(), new Map(), environment)).toEqual(['10.0.0.4:9876']);
  expect(nameServersOf(started(), new Map(), '')).toEqual([]);
});

test('reads the version from the jar of the product, not from that of ZooKeeper beside it', () => {
  const jars = ['/opt/kafka/libs/zookeeper-3.5.9.jar', '/opt/kafka/libs/kafka_2.13-2.8.2.jar'];
  expect(versionIn(jars, 'kafka.Kafka')).toBe('2.8.2');
  expect(versionIn(jars, 'org.apache.zookeeper.server.quorum.QuorumPeerMain')).toBe('3.5.9');
  expect(versionIn(['/opt/rocketmq/lib/rocketmq-broker-5.3.3.jar'], 'org.apache.rocketmq.broker.BrokerStartup')).toBe(
    '5.3.3',
  );
});

test('the class path comes from the command line, otherwise from the environment', () => {
  expect(classPathOf(commandOf('java', '-cp', '/a/*:/b.jar', 'Main'), '')).toEqual(['/a/*', '/b.jar']);
  expect(classPathOf(commandOf('java', 'Main'), 'HOME=/root\0CLASSPATH=/c/*\0')).toEqual(['/c/*']);
});
