import { expect, test } from 'vitest';
import { parseJvmCommand } from '../../../../hosts/processes/jvm-command.ts';

test.each([
  '-XX:OnOutOfMemoryError=curl -u root:hunter2 http://pager/',
  '-XX:OnError=curl -u root:hunter2 http://pager/',
  '-Xrunagent:password=hunter2',
  '-javaagent:agent.jar=password=hunter2',
  '-Djavax.net.ssl.trustStorePassword=hunter2',
])('leaves out %s, which may contain a password', (option) => {
  const text = ['/usr/bin/java', '-Xmx1g', option, 'kafka.Kafka', ''].join('\0');
  expect(parseJvmCommand(text)?.jvm).toEqual({ mainClass: 'kafka.Kafka', flags: ['-Xmx1g'] });
});

test('keeps the Java properties of the disk limits of RocketMQ', () => {
  const option = '-Drocketmq.broker.diskSpaceCleanForciblyRatio=0.6';
  const text = ['/usr/bin/java', option, '-Drocketmq.home.dir=/opt', 'org.apache.rocketmq.broker.BrokerStartup', ''];
  expect(parseJvmCommand(text.join('\0'))?.jvm.flags).toEqual([option]);
});
