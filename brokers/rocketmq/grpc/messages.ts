// Defines the messages of RocketMQ's gRPC protocol that Plimsoll sends and reads, by field number.

import protobuf from 'protobufjs';

/*
 * Package apache.rocketmq.v2 of github.com/apache/rocketmq-apis. Only numbers and types are on the wire, so field names
 * are free. Enumerations are read as int32. Unused fields are left out; a decoder skips them.
 */
/** `nullable`: a message that the other side may omit. `optional`: a field that the sender may omit. */
type Rules = readonly [] | readonly ['repeated', 'optional'?] | readonly ['nullable' | 'optional'];
type Fields = Readonly<Record<string, readonly [id: number, type: string, ...rules: Rules]>>;

const shapes = {
  Resource: { namespace: [1, 'string', 'optional'], name: [2, 'string'] },
  Moment: { seconds: [1, 'int64'], nanos: [2, 'int32', 'optional'] },
  Period: { seconds: [1, 'int64'], nanos: [2, 'int32', 'optional'] },
  Status: { code: [1, 'int32'], message: [2, 'string'] },
  Address: { host: [1, 'string'], port: [2, 'int32'] },
  Endpoints: { scheme: [1, 'int32'], addresses: [2, 'Address', 'repeated'] },
  Broker: { name: [1, 'string'], id: [2, 'int32', 'optional'] },
  Queue: {
    topic: [1, 'Resource'],
    id: [2, 'int32'],
    permission: [3, 'int32', 'optional'],
    broker: [4, 'Broker'],
    accepts: [5, 'int32', 'repeated', 'optional'],
  },
  System: {
    tag: [1, 'string', 'optional'],
    keys: [2, 'string', 'repeated', 'optional'],
    messageId: [3, 'string'],
    encoding: [5, 'int32', 'optional'],
    type: [6, 'int32', 'optional'],
    bornAt: [7, 'Moment', 'optional'],
    bornHost: [8, 'string', 'optional'],
    receiptHandle: [12, 'string', 'optional'],
    queueId: [13, 'int32', 'optional'],
    queueOffset: [14, 'int64', 'optional'],
    deliveryAttempt: [16, 'int32', 'optional'],
  },
  Message: { topic: [1, 'Resource'], system: [3, 'System'], body: [4, 'bytes'] },
  Filter: { type: [1, 'int32'], expression: [2, 'string'] },

  RouteRequest: { topic: [1, 'Resource'], endpoints: [2, 'Endpoints'] },
  RouteAnswer: { status: [1, 'Status', 'nullable'], queues: [2, 'Queue', 'repeated'] },

  SendRequest: { messages: [1, 'Message', 'repeated'] },
  SendReceipt: { status: [1, 'Status', 'nullable'], messageId: [2, 'string'], offset: [4, 'int64'] },
  SendAnswer: { status: [1, 'Status', 'nullable'], receipts: [2, 'SendReceipt', 'repeated'] },

  AssignmentRequest: { topic: [1, 'Resource'], group: [2, 'Resource'], endpoints: [3, 'Endpoints'] },
  Assignment: { queue: [1, 'Queue'] },
  AssignmentAnswer: { status: [1, 'Status', 'nullable'], assignments: [2, 'Assignment', 'repeated'] },

  ReceiveRequest: {
    group: [1, 'Resource'],
    queue: [2, 'Queue'],
    filter: [3, 'Filter'],
    batchSize: [4, 'int32'],
    invisible: [5, 'Period', 'optional'],
    autoRenew: [6, 'bool'],
    longPolling: [7, 'Period'],
  },
  ReceiveAnswer: { status: [1, 'Status', 'nullable'], message: [2, 'Message', 'nullable'] },

  Acknowledged: { messageId: [1, 'string'], receiptHandle: [2, 'string'] },
  AckRequest: { group: [1, 'Resource'], topic: [2, 'Resource'], entries: [3, 'Acknowledged', 'repeated'] },
  AckResult: { messageId: [1, 'string'], receiptHandle: [2, 'string'], status: [3, 'Status', 'nullable'] },
  AckAnswer: { status: [1, 'Status', 'nullable'], entries: [2, 'AckResult', 'repeated'] },

  HeartbeatRequest: { group: [1, 'Resource', 'optional'], clientType: [2, 'int32'] },
  TerminationRequest: { group: [1, 'Resource', 'optional'] },
  StatusAnswer: { status: [1, 'Status', 'nullable'] },

  UserAgent: { language: [1, 'int32'], version: [2, 'string'], platform: [3, 'string'], hostname: [4, 'string'] },
  Publishing: {
    topics: [1, 'Resource', 'repeated'],
    maxBodyBytes: [2, 'int32', 'optional'],
    checksType: [3, 'bool', 'optional'],
  },
  Subscribed: { topic: [1, 'Resource'], filter: [2, 'Filter'] },
  Subscription: {
    group: [1, 'Resource'],
    entries: [2, 'Subscribed', 'repeated'],
    fifo: [3, 'bool', 'optional'],
    batchSize: [4, 'int32', 'optional'],
    longPolling: [5, 'Period', 'optional'],
  },
  Settings: {
    clientType: [1, 'int32'],
    accessPoint: [2, 'Endpoints'],
    requestTimeout: [4, 'Period'],
    publishing: [5, 'Publishing', 'optional'],
    subscription: [6, 'Subscription', 'optional'],
    userAgent: [7, 'UserAgent'],
  },
  Telemetry: { status: [1, 'Status', 'optional'], settings: [2, 'Settings', 'nullable'] },
} as const satisfies Record<string, Fields>;

type MessageName = keyof typeof shapes;

const root = protobuf.Root.fromJSON({
  nested: Object.fromEntries(
    Object.entries(shapes as Record<string, Fields>).map(([name, fields]) => [
      name,
      {
        fields: Object.fromEntries(
          Object.entries(fields).map(([field, [id, type, rule]]) => [
            field,
            { id, type, ...(rule === 'repeated' && { rule }) },
          ]),
        ),
      },
    ]),
  ),
});

/** Written as a number, and read as a 64-bit object. */
type Int64 = number | { toNumber(): number };

/** @returns the exact number, up to 2^53 */
export const numberOf = (value: Int64): number => (typeof value === 'number' ? value : value.toNumber());

type Scalars = { string: string; int32: number; int64: Int64; bool: boolean; bytes: Buffer };
type Value<Type> = Type extends keyof Scalars ? Scalars[Type] : Type extends MessageName ? Content<Type> : never;

type Member<Field> = Field extends readonly [number, infer Type, 'repeated', ...unknown[]]
  ? readonly Value<Type>[]
  : Field extends readonly [number, infer Type, 'nullable' | 'optional']
    ? Value<Type> | (Type extends keyof Scalars ? never : null)
    : Field extends readonly [number, infer Type]
      ? Value<Type>
      : never;

type IsOptional<Field> = Field extends readonly [...unknown[], 'optional'] ? true : false;

/** Content of the message with that name. */
type Content<Name extends MessageName, Shape = (typeof shapes)[Name]> = {
  -readonly [Key in keyof Shape as IsOptional<Shape[Key]> extends true ? never : Key]: Member<Shape[Key]>;
} & {
  -readonly [Key in keyof Shape as IsOptional<Shape[Key]> extends true ? Key : never]?: Member<Shape[Key]>;
};

export type Resource = Content<'Resource'>;
export type Status = Content<'Status'>;
export type Endpoints = Content<'Endpoints'>;
export type Message = Content<'Message'>;
export type Queue = Content<'Queue'>;
export type SendAnswer = Content<'SendAnswer'>;
export type Settings = Content<'Settings'>;
export type Telemetry = Content<'Telemetry'>;

/** Encodes and decodes one kind of message. */
interface Codec<Content> {
  encode(content: Content): Buffer;
  /** @throws Error for bytes that are not such a message */
  decode(bytes: Uint8Array): Content;
}

function codecOf<Name extends MessageName>(name: Name): Codec<Content<Name>> {
  const type = root.lookupType(name);
  return {
    encode: (content) => type.encode(content).finish() as Buffer,
    decode: (bytes) => type.decode(bytes) as unknown as Content<Name>,
  };
}

const service = '/apache.rocketmq.v2.MessagingService';

/** A method of the service: its path, and the codecs of request and answer. */
export interface Method<Request, Answer> {
  path: string;
  request: Codec<Request>;
  answer: Codec<Answer>;
}

const method = <Request extends MessageName, Answer extends MessageName>(
  name: string,
  request: Request,
  answer: Answer,
): Method<Content<Request>, Content<Answer>> => ({
  path: `${service}/${name}`,
  request: codecOf(request),
  answer: codecOf(answer),
});

export const methods = {
  queryRoute: method('QueryRoute', 'RouteRequest', 'RouteAnswer'),
  sendMessage: method('SendMessage', 'SendRequest', 'SendAnswer'),
  queryAssignment: method('QueryAssignment', 'AssignmentRequest', 'AssignmentAnswer'),
  receiveMessage: method('ReceiveMessage', 'ReceiveRequest', 'ReceiveAnswer'),
  ackMessage: method('AckMessage', 'AckRequest', 'AckAnswer'),
  heartbeat: method('Heartbeat', 'HeartbeatRequest', 'StatusAnswer'),
  notifyTermination: method('NotifyClientTermination', 'TerminationRequest', 'StatusAnswer'),
  telemetry: method('Telemetry', 'Telemetry', 'Telemetry'),
};

export const clientTypes = { producer: 1, pushConsumer: 2 } as const;
/** MessageType: types that a topic accepts, and types of messages. */
export const messageTypes = ['UNSPECIFIED', 'NORMAL', 'FIFO', 'DELAY', 'TRANSACTION', 'LITE', 'PRIORITY'] as const;
export const normalMessage = 1;
/** Encoding: the body is unchanged. */
export const identity = 1;
/** FilterType: by tag. */
export const byTag = 1;
/** Language of the user agent: Node.js. */
export const nodeJs = 8;
