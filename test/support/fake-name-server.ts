// Serves as a RocketMQ name server that lists one broker and stores KV configuration; the broker only returns its runtime information.

import { answerTo, startRemotingPeer, type RemotingPeer } from './remoting-peer.ts';
import { captured } from './rocketmq-answers.ts';

const [clusterInfo, runtimeInfo] = [106, 28];
const [putKv, getKv, deleteKv] = [100, 101, 102];

export interface FakeCluster extends AsyncDisposable {
  namesrv: string;
  /** Address of the only broker, broker-a. */
  broker: string;
  /** Request codes received by both. */
  codes(): number[];
}

export async function startFakeCluster(name: string, { refusesLogins = false } = {}): Promise<FakeCluster> {
  await using made = new AsyncDisposableStack();
  const broker: RemotingPeer = made.use(
    await startRemotingPeer((frame, say) => {
      // As 5.3.3 answers every request with a wrong secret key.
      if (refusesLogins) return say(answerTo(frame, { code: 16, remark: 'check signature failed.' }));
      return say(
        frame.code === runtimeInfo
          ? answerTo(frame, { body: captured('5.3.3', 'runtime-info.json').body })
          : answerTo(frame, { code: 3, remark: 'not in this test' }),
      );
    }),
  );
  const body = `{"brokerAddrTable":{"broker-a":{"brokerAddrs":{0:"${broker.address}"},"brokerName":"broker-a","cluster":"${name}"}},"clusterAddrTable":{"${name}":["broker-a"]}}`;
  const values = new Map<string, string>();
  const server = made.use(
    await startRemotingPeer((frame, say) => {
      const key = `${frame.fields['namespace']} ${frame.fields['key']}`;
      const value = values.get(key);
      if (frame.code === putKv) values.set(key, frame.fields['value'] ?? '');
      if (frame.code === deleteKv) values.delete(key);
      if (frame.code === putKv || frame.code === deleteKv) return say(answerTo(frame));
      if (frame.code === clusterInfo) return say(answerTo(frame, { body: Buffer.from(body) }));
      if (frame.code === getKv && value !== undefined) return say(answerTo(frame, { fields: { value } }));
      const code = frame.code === getKv ? 22 : 17;
      return say(answerTo(frame, { code, remark: 'no such key or topic route' }));
    }),
  );
  const rest = made.move();
  return {
    namesrv: server.address,
    broker: broker.address,
    codes: () => [...server.received, ...broker.received].map(({ code }) => code),
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
}
