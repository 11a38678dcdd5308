// Answers as a RocketMQ name server that lists one broker; the broker answers nothing but its runtime information.

import { answerTo, startRemotingPeer, type RemotingPeer } from './remoting-peer.ts';
import { captured } from './rocketmq-answers.ts';

const [clusterInfo, runtimeInfo] = [106, 28];

export interface FakeCluster extends AsyncDisposable {
  namesrv: string;
  /** Address of the only broker, broker-a. */
  broker: string;
  /** What either was asked, by request code. */
  codes(): number[];
}

export async function startFakeCluster(name: string): Promise<FakeCluster> {
  await using made = new AsyncDisposableStack();
  const broker: RemotingPeer = made.use(
    await startRemotingPeer((frame, say) =>
      say(
        frame.code === runtimeInfo
          ? answerTo(frame, { body: captured('5.3.3', 'runtime-info.json').body })
          : answerTo(frame, { code: 3, remark: 'not in this test' }),
      ),
    ),
  );
  const body = `{"brokerAddrTable":{"broker-a":{"brokerAddrs":{0:"${broker.address}"},"brokerName":"broker-a","cluster":"${name}"}},"clusterAddrTable":{"${name}":["broker-a"]}}`;
  const server = made.use(
    await startRemotingPeer((frame, say) =>
      say(
        frame.code === clusterInfo
          ? answerTo(frame, { body: Buffer.from(body) })
          : answerTo(frame, { code: 17, remark: 'No topic route info' }),
      ),
    ),
  );
  const rest = made.move();
  return {
    namesrv: server.address,
    broker: broker.address,
    codes: () => [...server.received, ...broker.received].map(({ code }) => code),
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
}
