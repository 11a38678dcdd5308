import { expect, test } from 'vitest';
import { RocketmqClusterConfig } from '../../../../brokers/rocketmq/config.ts';
import { openRocketmqSender } from '../../../../brokers/rocketmq/message-sender.ts';
import { answerTo, startRemotingPeer } from '../../../support/remoting-peer.ts';
import { captured, type capturedVersions } from '../../../support/rocketmq-answers.ts';

const io = () => ({ signal: AbortSignal.timeout(10_000) });
const [send, runtimeInfo, route] = [310, 28, 105];

/** One process stands for the name server and for the master of broker-a. */
async function sendTo(version: (typeof capturedVersions)[number], properties: Record<string, string>) {
  await using peer = await startRemotingPeer((frame, say) => {
    const broker = `{"brokerName":"broker-a","cluster":"shop","brokerAddrs":{0:"${peer.address}"}}`;
    const queues = '{"brokerName":"broker-a","perm":6,"readQueueNums":1,"writeQueueNums":1,"topicSysFlag":0}';
    const body =
      frame.code === route
        ? `{"brokerDatas":[${broker}],"queueDatas":[${queues}]}`
        : `{"brokerAddrTable":{"broker-a":${broker}},"clusterAddrTable":{"shop":["broker-a"]}}`;
    if (frame.code === runtimeInfo) say(answerTo(frame, { body: captured(version, 'runtime-info.json').body }));
    else if (frame.code === send) say(answerTo(frame, { fields: { msgId: 'x', queueId: '0', queueOffset: '7' } }));
    else say(answerTo(frame, { body: Buffer.from(body) }));
  });
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: [peer.address] });
  await using sender = await openRocketmqSender('shop', config, io());
  const message = {
    topic: 'orders',
    partition: 0,
    brokerName: 'broker-a',
    value: Buffer.from('one'),
    properties: Object.entries(properties).map(([name, value]) => [name, Buffer.from(value)] as const),
  };
  return await sender.send(message, io());
}

test('a timer message has no offset on 5.x, and is refused by brokers that would deliver it at once', async () => {
  expect(await sendTo('5.3.3', { TIMER_DELAY_SEC: '10' })).toBeUndefined();
  await expect(sendTo('4.9.7', { TIMER_DELAY_SEC: '10' })).rejects.toThrow('its version 4.9.7 has no timers');
});

test('a delay level has no offset and a plain message has one, whatever the version', async () => {
  expect(await sendTo('4.9.7', { DELAY: '1' })).toBeUndefined();
  expect(await sendTo('4.9.7', { TAGS: 'paid' })).toBe(7n);
});
