// Serves gRPC like a RocketMQ proxy, with responses that a test chooses.

import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';
import {
  methods,
  type Method,
  type Queue,
  type SendAnswer,
  type Settings,
} from '../../brokers/rocketmq/grpc/messages.ts';

const ok = { code: 20_000, message: 'OK' };

interface FakeProxy extends AsyncDisposable {
  address: string;
  /** Client requests in order: `Telemetry a,b` with the announced topics. */
  requests: string[];
  /** Ends the telemetry streams of all clients. */
  hangUp(): void;
}

interface Behaviour {
  /** Message types that each topic accepts; NORMAL by default. */
  accepts?: readonly number[];
  /** @returns the status for a message with this body; OK by default */
  statusOf?(body: string): { code: number; message: string } | undefined;
}

const definition = <Request, Answer>({ path, request, answer }: Method<Request, Answer>, isStream = false) => ({
  path,
  requestStream: isStream,
  responseStream: isStream,
  requestSerialize: request.encode,
  requestDeserialize: request.decode,
  responseSerialize: answer.encode,
  responseDeserialize: answer.decode,
});

export async function startFakeProxy({
  accepts = [1],
  statusOf = () => undefined,
}: Behaviour = {}): Promise<FakeProxy> {
  const requests: string[] = [];
  const streams = new Set<{ end(): void }>();
  const known = new Set<string>();
  const clientOf = ({ metadata }: { metadata: { get(key: string): unknown[] } }) =>
    String(metadata.get('x-mq-client-id')[0]);
  const server = new Server();
  server.addService(
    {
      queryRoute: definition(methods.queryRoute),
      sendMessage: definition(methods.sendMessage),
      heartbeat: definition(methods.heartbeat),
      notifyTermination: definition(methods.notifyTermination),
      telemetry: definition(methods.telemetry, true),
    },
    {
      queryRoute(call: ServerUnaryCall<{ topic: { name: string } }, unknown>, done: sendUnaryData<unknown>) {
        const { topic } = call.request;
        requests.push(`QueryRoute ${topic.name}`);
        const queue: Queue = { topic, id: 0, broker: { name: 'broker-a' }, accepts };
        done(null, { status: ok, queues: [queue] });
      },
      sendMessage(call: ServerUnaryCall<{ messages: { body: Buffer }[] }, unknown>, done: sendUnaryData<unknown>) {
        const bodies = call.request.messages.map(({ body }) => Buffer.from(body).toString());
        requests.push(`SendMessage ${bodies.join(',')}`);
        const status = statusOf(bodies[0] ?? '') ?? ok;
        const receipts = status === ok ? [{ status, messageId: 'id', offset: 0 }] : [];
        done(null, { status, receipts } satisfies SendAnswer);
      },
      heartbeat(call: ServerUnaryCall<unknown, unknown>, done: sendUnaryData<unknown>) {
        requests.push('Heartbeat');
        done(null, { status: known.has(clientOf(call)) ? ok : { code: 40_015, message: 'unknown client' } });
      },
      notifyTermination(_: ServerUnaryCall<unknown, unknown>, done: sendUnaryData<unknown>) {
        requests.push('NotifyClientTermination');
        done(null, { status: ok });
      },
      telemetry(stream: ServerDuplexStream<{ settings: Settings }, unknown>) {
        streams.add(stream);
        stream.on('error', () => streams.delete(stream));
        stream.on('data', ({ settings }: { settings: Settings }) => {
          known.add(clientOf(stream));
          requests.push(`Telemetry ${(settings.publishing?.topics ?? []).map(({ name }) => name).join(',')}`);
          stream.write({ status: ok, settings });
        });
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (fault, bound) =>
      fault === null ? resolve(bound) : reject(fault),
    ),
  );
  return {
    address: `127.0.0.1:${port}`,
    requests,
    hangUp() {
      for (const stream of streams) stream.end();
      streams.clear();
      known.clear();
    },
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
    },
  };
}
