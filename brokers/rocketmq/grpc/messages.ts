// Describes the messages of RocketMQ's gRPC protocol that are sent and read here, by field number.

import protobuf from 'protobufjs';

/*
 * Package apache.rocketmq.v2 of github.com/apache/rocketmq-apis. Only numbers and types are on the wire, so the names of
 * fields are ours. Enumerations are read as int32. Fields that are neither sent nor read are left out; a decoder skips them.
 */
type Fields = Readonly<Record<string, readonly [id: number, type: string, rule?: 'repeated']>>;

const shapes = {
  Resource: { namespace: [1, 'string'], name: [2, 'string'] },
  Moment: { seconds: [1, 'int64'], nanos: [2, 'int32'] },
  Period: { seconds: [1, 'int64'], nanos: [2, 'int32'] },
  Status: { code: [1, 'int32'], message: [2, 'string'] },
  Address: { host: [1, 'string'], port: [2, 'int32'] },
  Endpoints: { scheme: [1, 'int32'], addresses: [2, 'Address', 'repeated'] },
  Broker: { name: [1, 'string'], id: [2, 'int32'] },
  Queue: {
    topic: [1, 'Resource'],
    id: [2, 'int32'],
    permission: [3, 'int32'],
    broker: [4, 'Broker'],
    accepts: [5, 'int32', 'repeated'],
  },
  System: {
    tag: [1, 'string'],
    keys: [2, 'string', 'repeated'],
    messageId: [3, 'string'],
    encoding: [5, 'int32'],
    type: [6, 'int32'],
    bornAt: [7, 'Moment'],
    bornHost: [8, 'string'],
    receiptHandle: [12, 'string'],
    queueId: [13, 'int32'],
    queueOffset: [14, 'int64'],
    deliveryAttempt: [16, 'int32'],
  },
  Message: { topic: [1, 'Resource'], system: [3, 'System'], body: [4, 'bytes'] },
  Filter: { type: [1, 'int32'], expression: [2, 'string'] },

  RouteRequest: { topic: [1, 'Resource'], endpoints: [2, 'Endpoints'] },
  RouteAnswer: { status: [1, 'Status'], queues: [2, 'Queue', 'repeated'] },

  SendRequest: { messages: [1, 'Message', 'repeated'] },
  SendReceipt: { status: [1, 'Status'], messageId: [2, 'string'], offset: [4, 'int64'] },
  SendAnswer: { status: [1, 'Status'], receipts: [2, 'SendReceipt', 'repeated'] },

  AssignmentRequest: { topic: [1, 'Resource'], group: [2, 'Resource'], endpoints: [3, 'Endpoints'] },
  Assignment: { queue: [1, 'Queue'] },
  AssignmentAnswer: { status: [1, 'Status'], assignments: [2, 'Assignment', 'repeated'] },

  ReceiveRequest: {
    group: [1, 'Resource'],
    queue: [2, 'Queue'],
    filter: [3, 'Filter'],
    batchSize: [4, 'int32'],
    invisible: [5, 'Period'],
    autoRenew: [6, 'bool'],
    longPolling: [7, 'Period'],
  },
  ReceiveAnswer: { status: [1, 'Status'], message: [2, 'Message'] },

  Acknowledged: { messageId: [1, 'string'], receiptHandle: [2, 'string'] },
  AckRequest: { group: [1, 'Resource'], topic: [2, 'Resource'], entries: [3, 'Acknowledged', 'repeated'] },
  AckResult: { messageId: [1, 'string'], receiptHandle: [2, 'string'], status: [3, 'Status'] },
  AckAnswer: { status: [1, 'Status'], entries: [2, 'AckResult', 'repeated'] },

  HeartbeatRequest: { group: [1, 'Resource'], clientType: [2, 'int32'] },
  TerminationRequest: { group: [1, 'Resource'] },
  StatusAnswer: { status: [1, 'Status'] },

  UserAgent: { language: [1, 'int32'], version: [2, 'string'], platform: [3, 'string'], hostname: [4, 'string'] },
  Publishing: { topics: [1, 'Resource', 'repeated'], maxBodyBytes: [2, 'int32'], checksType: [3, 'bool'] },
  Subscribed: { topic: [1, 'Resource'], filter: [2, 'Filter'] },
  Subscription: {
    group: [1, 'Resource'],
    entries: [2, 'Subscribed', 'repeated'],
    fifo: [3, 'bool'],
    batchSize: [4, 'int32'],
    longPolling: [5, 'Period'],
  },
  Settings: {
    clientType: [1, 'int32'],
    accessPoint: [2, 'Endpoints'],
    requestTimeout: [4, 'Period'],
    publishing: [5, 'Publishing'],
    subscription: [6, 'Subscription'],
    userAgent: [7, 'UserAgent'],
  },
  Telemetry: { status: [1, 'Status'], settings: [2, 'Settings'] },
} as const satisfies Record<string, Fields>;

type MessageName = keyof typeof shapes;

const root = protobuf.Root.fromJSON({
  nested: Object.fromEntries(
    Object.entries(shapes as Record<string, Fields>).map(([name, fields]) => [
      name,
      {
        fields: Object.fromEntries(
          Object.entries(fields).map(([field, [id, type, rule]]) => [field, { id, type, ...(rule && { rule }) }]),
        ),
      },
    ]),
  ),
});

/** Writes and reads one kind of message. */
interface Codec<Content> {
  encode(content: Content): Buffer;
  /** @throws Error for bytes that are no such message */
  decode(bytes: Uint8Array): Content;
}

function codecOf<Content extends object>(name: MessageName): Codec<Content> {
  const type = root.lookupType(name);
  return {
    encode: (content) => type.encode(content).finish() as Buffer,
    decode: (bytes) => type.decode(bytes) as unknown as Content,
  };
}

/** Written as a number, and read as an object of 64 bits. */
type Int64 = number | { toNumber(): number };

/** @returns exactly, up to 2^53 */
export const numberOf = (value: Int64): number => (typeof value === 'number' ? value : value.toNumber());

export interface Resource {
  namespace?: string;
  name: string;
}

/** A span of time or, since 1970, a moment. */
interface Period {
  seconds: number;
  nanos?: number;
}

export interface Status {
  code: number;
  message: string;
}

export interface Endpoints {
  scheme: number;
  addresses: readonly { host: string; port: number }[];
}

export interface Queue {
  topic: Resource;
  id: number;
  permission?: number;
  broker: { name: string; id?: number };
  accepts?: readonly number[];
}

export interface Message {
  topic: Resource;
  system: {
    tag?: string;
    keys?: readonly string[];
    messageId: string;
    encoding?: number;
    type?: number;
    bornAt?: Period;
    bornHost?: string;
    receiptHandle?: string;
    queueId?: number;
    queueOffset?: Int64;
    deliveryAttempt?: number;
  };
  body: Buffer;
}

interface Filter {
  type: number;
  expression: string;
}

/** What is in an answer of which nothing but the outcome counts. */
export interface StatusAnswer {
  status: Status | null;
}

export interface SendAnswer extends StatusAnswer {
  receipts: readonly { status: Status | null; messageId: string; offset: Int64 }[];
}

export interface ReceiveRequest {
  group: Resource;
  queue: Queue;
  filter: Filter;
  batchSize: number;
  invisible?: Period;
  autoRenew: boolean;
  longPolling: Period;
}

export interface AckRequest {
  group: Resource;
  topic: Resource;
  entries: readonly { messageId: string; receiptHandle: string }[];
}

export interface AckAnswer extends StatusAnswer {
  entries: readonly { messageId: string; receiptHandle: string; status: Status | null }[];
}

export interface Settings {
  clientType: number;
  accessPoint: Endpoints;
  requestTimeout: Period;
  publishing?: { topics: readonly Resource[] } | null;
  subscription?: {
    group: Resource;
    entries: readonly { topic: Resource; filter: Filter }[];
    batchSize?: number;
    longPolling?: Period | null;
  } | null;
  userAgent: { language: number; version: string; platform: string; hostname: string };
}

const service = '/apache.rocketmq.v2.MessagingService';

/** A call of the service: its path, and how what goes either way is written. */
export interface Method<Request, Answer> {
  path: string;
  request: Codec<Request>;
  answer: Codec<Answer>;
}

function method<Request extends object, Answer extends object>(
  name: string,
  request: MessageName,
  answer: MessageName,
): Method<Request, Answer> {
  return { path: `${service}/${name}`, request: codecOf<Request>(request), answer: codecOf<Answer>(answer) };
}

export const methods = {
  queryRoute: method<{ topic: Resource; endpoints: Endpoints }, StatusAnswer & { queues: readonly Queue[] }>(
    'QueryRoute',
    'RouteRequest',
    'RouteAnswer',
  ),
  sendMessage: method<{ messages: readonly Message[] }, SendAnswer>('SendMessage', 'SendRequest', 'SendAnswer'),
  queryAssignment: method<
    { topic: Resource; group: Resource; endpoints: Endpoints },
    StatusAnswer & { assignments: readonly { queue: Queue }[] }
  >('QueryAssignment', 'AssignmentRequest', 'AssignmentAnswer'),
  receiveMessage: method<ReceiveRequest, { status: Status | null; message: Message | null }>(
    'ReceiveMessage',
    'ReceiveRequest',
    'ReceiveAnswer',
  ),
  ackMessage: method<AckRequest, AckAnswer>('AckMessage', 'AckRequest', 'AckAnswer'),
  heartbeat: method<{ group?: Resource; clientType: number }, StatusAnswer>(
    'Heartbeat',
    'HeartbeatRequest',
    'StatusAnswer',
  ),
  notifyTermination: method<{ group?: Resource }, StatusAnswer>(
    'NotifyClientTermination',
    'TerminationRequest',
    'StatusAnswer',
  ),
  telemetry: method<{ settings: Settings }, { status: Status | null; settings: Settings | null }>(
    'Telemetry',
    'Telemetry',
    'Telemetry',
  ),
};

export const clientTypes = { producer: 1, pushConsumer: 2 } as const;
/** MessageType: what a topic accepts, and what a message is. */
export const messageTypes = ['UNSPECIFIED', 'NORMAL', 'FIFO', 'DELAY', 'TRANSACTION', 'LITE', 'PRIORITY'] as const;
export const normalMessage = 1;
/** Encoding: the body as it is. */
export const identity = 1;
/** FilterType: by tag. */
export const byTag = 1;
/** Language of the user agent: Node.js. */
export const nodeJs = 8;
